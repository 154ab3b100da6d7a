"""A Setup as one flat row of numbers: what the kernel writes and research reads as columns."""

from typing import NamedTuple

from engine.domain.setup import Recipe
from engine.smc.arrays import Allocator, Floats, Ints

PROOF_COLUMNS = (
    "bar",
    "recipe",
    "direction",
    "entry",
    "stop",
    "target",
    "zone_top",
    "zone_bottom",
    "sweep_bar",
    "sweep_pivot",
    "sweep_level",
    "sweep_extreme",
    "break_bar",
    "break_kind",
    "break_pivot",
    "break_level",
    "block_bar",
    "block_top",
    "block_bottom",
    "gap_bar",
    "gap_top",
    "gap_bottom",
)
"""Columns that prove a Setup; a finding that is absent has bar -1 and NaN prices."""

CONTEXT_COLUMNS = (
    "close",
    "atr",
    "breaks_with_trend",
    "breaks_against_trend",
    "live_order_blocks_near",
    "best_body_5",
    "sweep_depth",
    "sweep_age_candles",
    "gap_near_edge",
    "gap_far_edge",
    "block_near_edge",
    "block_far_edge",
    "quote_volume",
    "mean_quote_volume_20",
    "true_range",
    "rsi",
    "close_10_ago",
    "nearest_opposing_pool",
    "mean_abs_change_20",
    "range_position",
    "mean_true_range_400",
    "high_400",
    "low_400",
    "close_15_ago",
    "close_60_ago",
)
"""Fields of `SmcContext` in their order; NaN stands for None."""

COLUMNS = PROOF_COLUMNS + CONTEXT_COLUMNS
WIDTH = len(COLUMNS)
CONTEXT = len(PROOF_COLUMNS)

(
    BAR,
    RECIPE,
    DIRECTION,
    ENTRY,
    STOP,
    TARGET,
    ZONE_TOP,
    ZONE_BOTTOM,
    SWEEP_BAR,
    SWEEP_PIVOT,
    SWEEP_LEVEL,
    SWEEP_EXTREME,
    BREAK_BAR,
    BREAK_KIND,
    BREAK_PIVOT,
    BREAK_LEVEL,
    BLOCK_BAR,
    BLOCK_TOP,
    BLOCK_BOTTOM,
    GAP_BAR,
    GAP_TOP,
    GAP_BOTTOM,
    CLOSE,
    ATR,
    BREAKS_WITH_TREND,
    BREAKS_AGAINST_TREND,
    LIVE_ORDER_BLOCKS_NEAR,
    BEST_BODY_5,
    SWEEP_DEPTH,
    SWEEP_AGE_CANDLES,
    GAP_NEAR_EDGE,
    GAP_FAR_EDGE,
    BLOCK_NEAR_EDGE,
    BLOCK_FAR_EDGE,
    QUOTE_VOLUME,
    MEAN_QUOTE_VOLUME_20,
    TRUE_RANGE,
    RSI,
    CLOSE_10_AGO,
    NEAREST_OPPOSING_POOL,
    MEAN_ABS_CHANGE_20,
    RANGE_POSITION,
    MEAN_TRUE_RANGE_400,
    HIGH_400,
    LOW_400,
    CLOSE_15_AGO,
    CLOSE_60_AGO,
) = range(WIDTH)

RECIPES: tuple[Recipe, ...] = tuple(Recipe)
"""Recipe of a code: a code is a position in this tuple."""

SWEEP_BOS_RETEST, FVG_CONTINUATION, OB_RETEST = range(len(RECIPES))

MOST_A_CANDLE = 2 * len(RECIPES)
"""One Setup a recipe and direction at most."""


class SetupBuffer(NamedTuple):
    """Rows of `WIDTH` numbers one after the other; `used[0]` of them are valid."""

    value: Floats
    used: Ints


def new_setup_buffer(size: int, make: Allocator) -> SetupBuffer:
    """Return an empty buffer for `size` Setups."""
    return SetupBuffer(make.floats(size * WIDTH, 0.0), make.ints(1, 0))
