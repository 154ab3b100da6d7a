"""What a user may choose about detection, and its flat form for the kernel."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from engine.domain.setup import EntryRule, Recipe


class OrderBlockAnchor(StrEnum):
    """Which candle of the leg before a break is its order block."""

    LAST_OPPOSITE = "last-opposite"
    """The last candle against the break at or before the leg's extreme."""
    EXTREME = "extreme"
    """The candle of the leg's extreme."""


class TargetRule(StrEnum):
    """Where a Setup aims."""

    MULTIPLE = "multiple"
    """`target_r` times the risk."""
    POOL = "pool"
    """The nearest opposing pool; the multiple where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorParams:
    """Parameters of detection; the defaults are the ones every published figure uses.

    Attributes:
        left: candles before a pivot that must not exceed it, 1-60.
        right: candles after it, 1-60; a swing is known `right` candles late.
        ob_anchor: which candle becomes the order block.
        min_gap_atr: smallest height of a fair value gap in ATR(14); 0 takes every gap.
        max_age: candles after which a level, gap, block, pool or the trend is forgotten, counted
            from the candle it is about (pivot, middle candle, block candle, last break); 0 = never.
        equal_levels: merge equal highs (lows) within 0.1 ATR into one pool.
        recipes: rules that may produce Setups.
        sweep_required: `sweep_bos_retest` needs a sweep; otherwise an earlier CHoCH will do too.
        sweep_lookback: candles a sweep (or CHoCH) may lie before the break.
        expiry: candles a Setup stays alive.
        entry_rule: at the close, or on the retest of the zone.
        stop_margin_atr: distance of the stop beyond the structure, in ATR.
        target_rule: multiple of the risk or nearest opposing pool.
        target_r: that multiple.
        max_gaps: gaps remembered a direction; the oldest is evicted and counted.
        max_blocks: order blocks remembered a direction.
        max_pools: pools remembered a side.

    Raises:
        ValueError: a value is outside its range; the message names it.
    """

    left: int = 4
    right: int = 5
    ob_anchor: OrderBlockAnchor = OrderBlockAnchor.LAST_OPPOSITE
    min_gap_atr: float = 0.0
    max_age: int = 400
    equal_levels: bool = False
    recipes: tuple[Recipe, ...] = (Recipe.SWEEP_BOS_RETEST,)
    sweep_required: bool = True
    sweep_lookback: int = 30
    expiry: int = 15
    entry_rule: EntryRule = EntryRule.CLOSE
    stop_margin_atr: float = 0.1
    target_rule: TargetRule = TargetRule.MULTIPLE
    target_r: float = 2.0
    max_gaps: int = 128
    max_blocks: int = 48
    max_pools: int = 16

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}, allowed is {low} to {high}")


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("left", 1, 60),
    ("right", 1, 60),
    ("min_gap_atr", 0.0, 100.0),
    ("max_age", 0, 1_000_000),
    ("sweep_lookback", 1, 1_000),
    ("expiry", 1, 1_000),
    ("stop_margin_atr", 0.0, 10.0),
    ("target_r", 0.1, 100.0),
    ("max_gaps", 64, 4096),
    ("max_blocks", 16, 4096),
    ("max_pools", 16, 4096),
)

NEVER = 1 << 60
"""Age no candle reaches: the kernel's `max_age` where forgetting is off."""


class Rules(NamedTuple):
    """`DetectorParams` as the kernel reads them: numbers and flags only."""

    left: int
    right: int
    anchor_extreme: bool
    min_gap_atr: float
    max_age: int
    equal_levels: bool
    sweep_bos_retest: bool
    fvg_continuation: bool
    ob_retest: bool
    sweep_required: bool
    sweep_lookback: int
    expiry: int
    enter_on_retest: bool
    stop_margin_atr: float
    target_pool: bool
    target_r: float
    least_atr: float


UNKNOWN_TICK = 1e-8
"""Floor of the ATR where no tick size is given: the finest tick the venue has."""


def rules_of(params: DetectorParams, tick_size: float = 0.0) -> Rules:
    """Return the kernel's form of `params` for an instrument with that tick (0 = unknown)."""
    return Rules(
        left=params.left,
        right=params.right,
        anchor_extreme=params.ob_anchor is OrderBlockAnchor.EXTREME,
        min_gap_atr=float(params.min_gap_atr),
        max_age=params.max_age or NEVER,
        equal_levels=params.equal_levels,
        sweep_bos_retest=Recipe.SWEEP_BOS_RETEST in params.recipes,
        fvg_continuation=Recipe.FVG_CONTINUATION in params.recipes,
        ob_retest=Recipe.OB_RETEST in params.recipes,
        sweep_required=params.sweep_required,
        sweep_lookback=params.sweep_lookback,
        expiry=params.expiry,
        enter_on_retest=params.entry_rule is EntryRule.RETEST,
        stop_margin_atr=float(params.stop_margin_atr),
        target_pool=params.target_rule is TargetRule.POOL,
        target_r=float(params.target_r),
        least_atr=tick_size if tick_size > 0.0 else UNKNOWN_TICK,
    )
