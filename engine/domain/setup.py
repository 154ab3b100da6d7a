"""A Setup: one complete Smart Money Concepts pattern, still only a hypothesis.

A Setup is proved by the close of one candle and never changes afterwards. It carries the
findings that prove it (for charts and explanations) and every raw quantity the features of a
model need, so that nobody has to look at the detector's state a second time.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from engine.domain.candle import Timeframe


class Direction(IntEnum):
    """The way a finding or a Setup points; the value is the sign of a price change."""

    LONG = 1
    SHORT = -1

    @property
    def letter(self) -> str:
        """`L` or `S`, as used in identifiers."""
        return "L" if self is Direction.LONG else "S"


class Recipe(StrEnum):
    """The rules that compose findings into a Setup."""

    SWEEP_BOS_RETEST = "sweep_bos_retest"
    FVG_CONTINUATION = "fvg_continuation"
    OB_RETEST = "ob_retest"


class EntryRule(StrEnum):
    """How a Setup means to be entered."""

    CLOSE = "close"
    """At the close of the proving candle."""
    RETEST = "retest"
    """By a limit at the near edge of the entry zone, filled only if price trades through it."""


class EvidenceKind(StrEnum):
    """Kinds of findings, spelt as in the event table of the `smc` command."""

    SWING = "SWING"
    BOS = "BOS"
    CHOCH = "CHOCH"
    FVG = "FVG"
    FVG_TOUCHED = "FVG_TOUCHED"
    FVG_HALF = "FVG_HALF"
    FVG_FILLED = "FVG_FILLED"
    FVG_INVERTED = "FVG_INVERTED"
    OB = "OB"
    OB_TOUCHED = "OB_TOUCHED"
    OB_BREAKER = "OB_BREAKER"
    OB_VOID = "OB_VOID"
    SWEEP = "SWEEP"
    POOL_TAKEN = "POOL_TAKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One finding that proves a Setup, placed on the chart.

    Attributes:
        kind: what was found.
        open_time_ms: open time of the candle the finding sits on: the pivot of a SWING, the
            middle candle of an FVG, the order-block candle of an OB, the breaking or sweeping
            candle of a BOS, CHOCH or SWEEP.
        direction: the finding's own sign; a SWING is LONG for a high and SHORT for a low.
        top: upper price; equal to `bottom` for a level. A SWEEP spans its level and its extreme.
        bottom: lower price.
    """

    kind: EvidenceKind
    open_time_ms: int
    direction: Direction
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SmcContext:
    """Raw quantities at the proving close, in the Setup's own timeframe, from candles <= t only.

    Prices and price distances are in quote units of the contract and are NOT mirrored for
    shorts; where a value depends on the Setup's direction d, it says so. "Live" means not
    filled (gap), not broken (block), not consumed (pool) and not older than the detector's
    maximum age.

    Attributes:
        close: close of the proving candle.
        atr: Wilder ATR(14), floored at one tick, hence always > 0.
        breaks_with_trend: length of the run of structure breaks in direction d that ends with
            the latest break, when that break continued the trend (BOS); else 0.
        breaks_against_trend: length of the run of opposite breaks that the latest break ended,
            when it turned the trend (CHoCH); else 0. Exactly one of the two is positive.
        live_order_blocks_near: live order blocks in direction d whose zone lies within 3 ATR
            of the close (a close inside the zone is at distance 0).
        best_body_5: largest d * (close - open) of the last 5 candles; negative if none of them
            closed in direction d.
        sweep_depth: how far the latest sweep in favour of d went beyond its pool, > 0; 0.0 if
            there was none.
        sweep_age_candles: candles since that sweep, 0 = the proving candle; 0 if none.
        gap_near_edge: edge facing the price of the nearest live fair value gap in direction d
            (top for longs), None if there is none.
        gap_far_edge: its other edge; height = |near - far|.
        block_near_edge: edge facing the price of the nearest live order block in direction d
            (top for longs), None if there is none.
        block_far_edge: its other edge.
        quote_volume: of the proving candle.
        mean_quote_volume_20: mean of the last 20 candles, the proving one included.
        true_range: of the proving candle.
        rsi: Wilder RSI(14), 0-100; 50 when nothing moved.
        close_10_ago: close of the candle 10 before the proving one.
        nearest_opposing_pool: level of the nearest live pool the price would run into (a high
            above the close for longs), None if there is none.
        mean_abs_change_20: mean |close - previous close| of the last 20 candles.
        range_position: (close - low pivot) / (high pivot - low pivot) of the current confirmed
            pivots: < 0.5 discount, > 0.5 premium; None while that range is void.
        mean_true_range_400: mean true range of the last 400 candles, of as many as there were
            where the series is shorter. This and the rest are None in a Setup that was journalled
            before they existed.
        high_400: highest high of the last 400 candles, the proving one included.
        low_400: their lowest low.
        close_15_ago: close of the candle 15 before the proving one.
        close_60_ago: close of the candle 60 before it; None where the series is shorter.
    """

    close: float
    atr: float
    breaks_with_trend: int
    breaks_against_trend: int
    live_order_blocks_near: int
    best_body_5: float
    sweep_depth: float
    sweep_age_candles: int
    gap_near_edge: float | None
    gap_far_edge: float | None
    block_near_edge: float | None
    block_far_edge: float | None
    quote_volume: float
    mean_quote_volume_20: float
    true_range: float
    rsi: float
    close_10_ago: float
    nearest_opposing_pool: float | None
    mean_abs_change_20: float
    range_position: float | None
    mean_true_range_400: float | None = None
    high_400: float | None = None
    low_400: float | None = None
    close_15_ago: float | None = None
    close_60_ago: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketContext:
    """What the other symbols did, as of one minute BEFORE the Setup was proved.

    At the proving close itself the candles of the others are still arriving; those of the minute
    before have had 60 s. So the values do not depend on the order of arrival, and a replay of the
    same candles gives the same ones. A return is close / close of so many minutes ago - 1, a ratio
    kept within ±20 % and rounded to a billionth (`engine.smc.cross_section`), NOT mirrored for
    shorts; None where a candle of that time is missing.

    Attributes:
        symbol_return_15m: of the Setup's own symbol, over 15 minutes.
        symbol_return_60m: over 60 minutes.
        market_return_15m: mean over all symbols; None where fewer than
            `engine.smc.cross_section.LEAST_SYMBOLS` are known.
        market_return_60m: over 60 minutes.
        btc_return_15m: of BTCUSDT.
        breadth_15m: share of the symbols that rose over 15 minutes, an unchanged one counting
            half; None where too few are known.
    """

    symbol_return_15m: float | None
    symbol_return_60m: float | None
    market_return_15m: float | None
    market_return_60m: float | None
    btc_return_15m: float | None
    breadth_15m: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A complete SMC pattern with entry zone, invalidation and target.

    Attributes:
        setup_id: `symbol-timeframe-recipe-L|S-open time of the proving candle`; see `setup_id`.
        symbol: the venue's spelling.
        timeframe: interval of the candles that prove it.
        recipe: the rules that composed it.
        direction: LONG or SHORT.
        entry_rule: at the close, or on the retest of the zone.
        entry: intended entry price.
        stop: price that invalidates it; below `entry` for longs, above for shorts.
        target: price that fulfils it.
        zone_top: upper edge of the entry zone (order block or gap).
        zone_bottom: lower edge of the entry zone.
        proved_at_ms: close time (exclusive) of the proving candle.
        expires_at_ms: from this time on it must not be entered any more.
        evidence: the findings that prove it, oldest candle first.
        context: raw quantities for features.
        market: the cross-section around it; None where nobody looked.
    """

    setup_id: str
    symbol: str
    timeframe: Timeframe
    recipe: Recipe
    direction: Direction
    entry_rule: EntryRule = EntryRule.CLOSE
    entry: float
    stop: float
    target: float
    zone_top: float
    zone_bottom: float
    proved_at_ms: int
    expires_at_ms: int
    evidence: tuple[Evidence, ...]
    context: SmcContext
    market: MarketContext | None = None

    @property
    def risk(self) -> float:
        """Price distance between entry and stop: one R, always > 0."""
        return abs(self.entry - self.stop)


def setup_id(
    symbol: str,
    timeframe: Timeframe,
    recipe: Recipe,
    direction: Direction,
    open_time_ms: int,
) -> str:
    """Return the identifier of the Setup proved by the candle that opened at `open_time_ms`.

    Deterministic: the same candle read twice, live or replayed, names the same Setup.
    """
    return f"{symbol}-{timeframe.value}-{recipe.value}-{direction.letter}-{open_time_ms}"
