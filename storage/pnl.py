"""Results of closed trades, grouped; money is summed exactly."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.domain.position import ClosedTrade

_DAY_MS = 86_400_000
_BUCKETS = 20


class Grouping(StrEnum):
    """What results are grouped by."""

    ALL = "all"
    SYMBOL = "symbol"
    REASON = "reason"
    SCORE = "score"
    DIRECTION = "direction"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlGroup:
    """Results of some closed trades. Money in USDT, `net` after fees and funding.

    `net_rs` are the single results in R, for intervals; a hit rate never stands alone.
    """

    key: str
    trades: int
    wins: int
    gross: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    net_rs: tuple[float, ...]

    @property
    def mean_r(self) -> float:
        """Net expectancy in R; 0 without trades."""
        return sum(self.net_rs) / len(self.net_rs) if self.net_rs else 0.0


def pnl_groups(trades: Iterable[ClosedTrade], by: Grouping) -> tuple[PnlGroup, ...]:
    """Return one group a key, sorted by key; nothing for no trades."""
    members: dict[str, list[ClosedTrade]] = {}
    for trade in trades:
        members.setdefault(_KEYS[by](trade), []).append(trade)
    return tuple(_group(key, members[key]) for key in sorted(members))


def score_bucket(score: float | None) -> str:
    """Return the twentieth of [0, 1] a score lies in, e.g. `0.35-0.40`."""
    if score is None:
        return "unscored"
    low = min(int(score * _BUCKETS), _BUCKETS - 1)
    return f"{low / _BUCKETS:.2f}-{(low + 1) / _BUCKETS:.2f}"


def _group(key: str, trades: list[ClosedTrade]) -> PnlGroup:
    return PnlGroup(
        key=key,
        trades=len(trades),
        wins=sum(trade.net > 0 for trade in trades),
        gross=sum((trade.gross for trade in trades), Decimal(0)),
        fees=sum((trade.fees for trade in trades), Decimal(0)),
        funding=sum((trade.funding for trade in trades), Decimal(0)),
        net=sum((trade.net for trade in trades), Decimal(0)),
        net_rs=tuple(trade.net_r for trade in trades),
    )


_KEYS: dict[Grouping, Callable[[ClosedTrade], str]] = {
    Grouping.ALL: lambda trade: "all",
    Grouping.SYMBOL: lambda trade: trade.symbol,
    Grouping.REASON: lambda trade: trade.reason.value,
    Grouping.SCORE: lambda trade: score_bucket(trade.score),
    Grouping.DIRECTION: lambda trade: trade.direction.name.lower(),
    Grouping.DAY: lambda trade: str(trade.closed_ms // _DAY_MS * _DAY_MS),
}
