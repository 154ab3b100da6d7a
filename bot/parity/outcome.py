"""What a comparison found, as plain values."""

from dataclasses import dataclass
from statistics import median

from engine.domain.position import ClosedTrade


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePair:
    """One signal's round trip on both sides; None where a side did not trade.

    `live_word` and `replay_word` say what the gate answered on each side.
    """

    live: ClosedTrade | None
    replay: ClosedTrade | None
    live_word: str
    replay_word: str

    @property
    def entry_bps(self) -> float | None:
        """How much worse the bot's own entry was than the replay's, in basis points."""
        if self.live is None or self.replay is None or not self.replay.entry_price:
            return None
        difference = float(self.live.entry_price / self.replay.entry_price) - 1
        return difference * int(self.live.direction) * 10_000

    @property
    def r_difference(self) -> float | None:
        """Net result of the bot less the replay's, in R."""
        if self.live is None or self.replay is None:
            return None
        return self.live.net_r - self.replay.net_r

    @property
    def same_reason(self) -> bool:
        """Whether both left for the same reason."""
        both = self.live is not None and self.replay is not None
        return both and self.live.reason is self.replay.reason  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPair:
    """A signal that both sides raised."""

    setup_id: str
    symbol: str
    at_ms: int
    score: float
    replay_score: float
    trades: TradePair

    @property
    def score_difference(self) -> float:
        """The bot's score less the replay's."""
        return self.score - self.replay_score


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSided:
    """A signal of one side only, and why the other side has none."""

    setup_id: str
    symbol: str
    at_ms: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """The comparison of one period.

    Attributes:
        since_ms: first moment compared.
        until_ms: behind the last one.
        exact: whether the bot's own recording was replayed, not just candles.
        matched: signals of both sides.
        missed: signals of the bot that the replay did not raise.
        extra: signals of the replay that the bot did not raise.
        excused: differences the journal itself explains and the replay cannot repeat.
        setups: setups both sides judged.
        setups_equal: of those, with the same fate and score.
        setup_differences: a few of the others, in words.
        notes: what was assumed or left out.
    """

    since_ms: int
    until_ms: int
    exact: bool
    matched: tuple[SignalPair, ...]
    missed: tuple[OneSided, ...]
    extra: tuple[OneSided, ...]
    excused: tuple[OneSided, ...]
    setups: int
    setups_equal: int
    setup_differences: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every signal that could be compared matched, and any could if there were any.

        An exact recording leaves nothing to assume: scores and setups must be the same there.
        """
        if self.missed or self.extra or (self.exact and self.judged_otherwise):
            return False
        return bool(self.matched) or not self.excused

    @property
    def judged_otherwise(self) -> bool:
        """Whether a score of a matched signal, or fate or score of a judged setup, differs."""
        return self.scores_equal < len(self.matched) or self.setups_equal < self.setups

    @property
    def scores_equal(self) -> int:
        """Matched signals with the very same score."""
        return sum(one.score == one.replay_score for one in self.matched)

    @property
    def largest_score_difference(self) -> float:
        """Largest difference of a matched signal's scores."""
        return max((abs(one.score_difference) for one in self.matched), default=0.0)

    @property
    def traded(self) -> tuple[TradePair, ...]:
        """Matched signals that both sides traded to the end."""
        pairs = (one.trades for one in self.matched)
        return tuple(one for one in pairs if one.live is not None and one.replay is not None)

    @property
    def median_entry_bps(self) -> float | None:
        """Median of the entries' slippage against the replay."""
        found = [bps for one in self.traded if (bps := one.entry_bps) is not None]
        return median(found) if found else None

    @property
    def median_r_difference(self) -> float | None:
        """Median of the results' difference in R."""
        found = [r for one in self.traded if (r := one.r_difference) is not None]
        return median(found) if found else None
