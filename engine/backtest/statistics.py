"""What a run's trades amount to, always net of every cost, with counts and intervals."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf

import numpy as np
from numpy.typing import NDArray

from engine.backtest.plan import BacktestResult
from engine.backtest.recorder import BacktestTrade
from engine.risk.limits import DAY_MS

Floats = NDArray[np.float64]

RESAMPLES = 2_000
CONFIDENCE = 0.95
FEWEST_DAYS = 5
"""Days with trades below which no interval is given: resampling so few says nothing."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Results of some trades. R is the money between entry and first stop.

    Attributes:
        net: USDT after fees, funding and slippage.
        gross_r: mean result at last prices, before every cost.
        net_r: mean result after every cost.
        net_r_low: lower end of its 95 % interval by resampled UTC days, None with too few days.
        net_r_high: upper end.
        cost_r: mean of fees and slippage.
        payoff: mean winning R over mean losing R; None where one of the two is missing.
    """

    name: str
    trades: int
    wins: int
    net: float
    gross_r: float
    net_r: float
    net_r_low: float | None
    net_r_high: float | None
    cost_r: float
    payoff: float | None
    holding_minutes: float

    @property
    def hit_rate(self) -> float:
        """Share of trades with a net profit."""
        return self.wins / self.trades if self.trades else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """The deepest fall of equity below its earlier high."""

    depth_ratio: float
    depth: float
    high_ms: int
    low_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Everything the report shows of one run.

    Attributes:
        groups: title of a division -> its groups.
        costs: USDT by kind: fees, slippage, funding (positive = received).
        equity: (exchange ms, USDT): the start, then the last of each hour with a change.
    """

    days: float
    total: Group
    groups: dict[str, tuple[Group, ...]]
    costs: dict[str, float]
    start_equity: float
    end_equity: float
    drawdown: Drawdown
    signals: int
    setups: int
    equity: tuple[tuple[int, float], ...]

    @property
    def signals_a_day(self) -> float:
        """Signals a day over all symbols."""
        return self.signals / self.days if self.days > 0 else 0.0


def statistics(result: BacktestResult, *, seed: int = 0) -> Statistics:
    """Return the figures of a run; `seed` feeds the resampling only."""
    trades, recorder = result.recorder.trades, result.recorder
    start = float(result.assumptions.balance)
    return Statistics(
        days=max(result.end_ms - result.start_ms, 0) / DAY_MS,
        total=group("all", trades, seed),
        groups={
            title: divided(trades, key, seed, order) for title, (key, order) in _DIVISIONS.items()
        },
        costs={
            "fees": float(sum(one.closed.fees for one in trades)),
            "slippage": float(sum(one.slippage for one in trades)),
            "funding": float(sum(one.closed.funding for one in trades)),
        },
        start_equity=start,
        end_equity=start + float(sum(one.closed.net for one in trades)),
        drawdown=drawdown(result.equity),
        signals=recorder.fates["signal"],
        setups=sum(recorder.fates.values()),
        equity=(result.equity[0], *thinned(result.equity[1:])),
    )


def group(name: str, trades: Sequence[BacktestTrade], seed: int) -> Group:
    """Return the results of some trades."""
    net_r = np.array([one.closed.net_r for one in trades])
    gross_r = np.array([_in_r(one, float(one.gross_before_slippage)) for one in trades])
    cost = [_in_r(one, float(one.closed.fees + one.slippage)) for one in trades]
    low, high = day_interval(net_r, [one.closed.opened_ms // DAY_MS for one in trades], seed)
    minutes = [(one.closed.closed_ms - one.closed.opened_ms) / 60_000 for one in trades]
    return Group(
        name=name,
        trades=len(trades),
        wins=int((net_r > 0).sum()),
        net=float(sum(one.closed.net for one in trades)),
        gross_r=_mean(gross_r),
        net_r=_mean(net_r),
        net_r_low=low,
        net_r_high=high,
        cost_r=_mean(np.array(cost)),
        payoff=_payoff(net_r),
        holding_minutes=_mean(np.array(minutes)),
    )


def divided(
    trades: Sequence[BacktestTrade],
    key: Callable[[BacktestTrade], str],
    seed: int,
    order: Callable[[Group], float | str],
) -> tuple[Group, ...]:
    """Return one group for each value of `key`, in the given order."""
    parts: dict[str, list[BacktestTrade]] = {}
    for one in trades:
        parts.setdefault(key(one), []).append(one)
    return tuple(sorted((group(name, part, seed) for name, part in parts.items()), key=order))


def day_interval(
    values: Floats, days: Sequence[int], seed: int
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of the mean by resampling whole days.

    Trades of one day share its weather, so single trades must not be resampled as if they were
    independent.
    """
    labels, index = np.unique(np.array(days, dtype=np.int64), return_inverse=True)
    if len(labels) < FEWEST_DAYS:
        return None, None
    sums = np.bincount(index, weights=values)
    counts = np.bincount(index)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(labels), size=(RESAMPLES, len(labels)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return float(low), float(high)


def drawdown(equity: Iterable[tuple[int, float]]) -> Drawdown:
    """Return the deepest fall of a curve of (time, equity)."""
    high, high_ms = -inf, 0
    worst = Drawdown(depth_ratio=0.0, depth=0.0, high_ms=0, low_ms=0)
    for at_ms, value in equity:
        if value > high:
            high, high_ms = value, at_ms
        ratio = (high - value) / high if high > 0 else 0.0
        if ratio > worst.depth_ratio:
            worst = Drawdown(depth_ratio=ratio, depth=high - value, high_ms=high_ms, low_ms=at_ms)
    return worst


def thinned(equity: Sequence[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Return the last point of each hour."""
    last: dict[int, tuple[int, float]] = {}
    for at_ms, value in equity:
        last[at_ms // HOUR_MS] = (at_ms, value)
    return tuple(last.values())


def score_bucket(score: float) -> str:
    """Return the bucket of 0.05 a score lies in, `0.30-0.35`."""
    low = int(score * 20 + 1e-9) / 20
    return f"{low:.2f}-{low + 0.05:.2f}"


def cost_bucket(cost_r: float) -> str:
    """Return the bucket of expected cost in R, `5-10 % of R`."""
    low = int(cost_r * 20 + 1e-9) * 5
    return f"{low:02d}-{low + 5:02d} % of R"


def _payoff(net_r: Floats) -> float | None:
    wins, losses = net_r[net_r > 0], net_r[net_r <= 0]
    if not len(wins) or not len(losses) or losses.mean() == 0:
        return None
    return float(wins.mean() / -losses.mean())


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def _in_r(trade: BacktestTrade, money: float) -> float:
    risk = float(trade.closed.risk)
    return money / risk if risk else 0.0


def _hour(trade: BacktestTrade) -> str:
    return f"{datetime.fromtimestamp(trade.closed.opened_ms / 1000, UTC):%H}:00"


def _by_name(one: Group) -> float | str:
    return one.name


def _by_net(one: Group) -> float | str:
    return -one.net


_DIVISIONS: dict[str, tuple[Callable[[BacktestTrade], str], Callable[[Group], float | str]]] = {
    "exit reason": (
        lambda one: "end of data" if one.end_of_data else one.closed.reason.value,
        _by_net,
    ),
    "symbol": (lambda one: one.closed.symbol, _by_net),
    "score": (lambda one: score_bucket(one.signal.score.value), _by_name),
    "direction": (lambda one: one.closed.direction.name.lower(), _by_name),
    "hour (UTC)": (_hour, _by_name),
    "timeframe": (lambda one: one.signal.setup.timeframe.value, _by_name),
    "recipe": (lambda one: one.signal.setup.recipe.value, _by_name),
    "expected cost": (lambda one: cost_bucket(one.signal.cost.cost_r), _by_name),
}
