"""Tests of engine/smc/setups.py."""

import math

from engine.domain.candle import Timeframe
from engine.domain.setup import Direction, EntryRule, EvidenceKind, Recipe
from engine.smc import setup_row as row
from engine.smc.arrays import LISTS, Floats
from engine.smc.events import CHOCH
from engine.smc.params import DetectorParams
from engine.smc.setup_row import CONTEXT_COLUMNS, new_setup_buffer
from engine.smc.setups import SetupMaker, context_of

NAN = float("nan")


def short_row() -> Floats:
    """A short proved by candle 30: pool at 104 swept by 105, low of 100 broken."""
    value = new_setup_buffer(1, LISTS).value
    value[row.BAR], value[row.RECIPE], value[row.DIRECTION] = 30.0, row.SWEEP_BOS_RETEST, -1.0
    value[row.ENTRY], value[row.STOP], value[row.TARGET] = 99.0, 105.5, 86.0
    value[row.ZONE_TOP], value[row.ZONE_BOTTOM] = 103.0, 102.0
    value[row.SWEEP_BAR], value[row.SWEEP_PIVOT] = 25.0, 12.0
    value[row.SWEEP_LEVEL], value[row.SWEEP_EXTREME] = 104.0, 105.0
    value[row.BREAK_BAR], value[row.BREAK_KIND] = 30.0, CHOCH
    value[row.BREAK_PIVOT], value[row.BREAK_LEVEL] = 20.0, 100.0
    value[row.BLOCK_BAR], value[row.BLOCK_TOP], value[row.BLOCK_BOTTOM] = 26.0, 103.0, 102.0
    value[row.GAP_BAR], value[row.GAP_TOP], value[row.GAP_BOTTOM] = -1.0, NAN, NAN
    for position, name in enumerate(CONTEXT_COLUMNS, row.CONTEXT):
        value[position] = NAN if name.startswith("gap_") else float(position)
    return value


def maker(timeframe: Timeframe = Timeframe.M5) -> SetupMaker:
    params = DetectorParams(entry_rule=EntryRule.RETEST, expiry=3)
    return SetupMaker("ETHUSDT", timeframe, params)


def test_setup_when_made_carries_prices_times_and_identity() -> None:
    setup = maker().setup(short_row(), 0, 30, 9_000_000)
    assert setup.setup_id == "ETHUSDT-5m-sweep_bos_retest-S-9000000"
    assert (setup.recipe, setup.direction) == (Recipe.SWEEP_BOS_RETEST, Direction.SHORT)
    assert (setup.entry, setup.stop, setup.target, setup.risk) == (99.0, 105.5, 86.0, 6.5)
    assert (setup.zone_top, setup.zone_bottom) == (103.0, 102.0)
    assert setup.proved_at_ms == 9_300_000
    assert setup.expires_at_ms == 9_300_000 + 3 * 300_000
    assert setup.entry_rule is EntryRule.RETEST


def test_evidence_when_made_is_placed_on_its_candles_oldest_first() -> None:
    setup = maker().setup(short_row(), 0, 30, 9_000_000)
    assert [
        (e.kind, e.open_time_ms // 300_000, int(e.direction), e.top, e.bottom)
        for e in setup.evidence
    ] == [
        (EvidenceKind.SWING, 12, 1, 104.0, 104.0),
        (EvidenceKind.SWING, 20, -1, 100.0, 100.0),
        (EvidenceKind.SWEEP, 25, -1, 105.0, 104.0),
        (EvidenceKind.OB, 26, -1, 103.0, 102.0),
        (EvidenceKind.CHOCH, 30, -1, 100.0, 100.0),
    ]


def test_context_when_made_turns_nan_into_none_and_counts_into_integers() -> None:
    context = context_of(short_row(), 0)
    assert context.gap_near_edge is None
    assert context.gap_far_edge is None
    assert context.close == row.CLOSE
    assert context.breaks_with_trend == row.BREAKS_WITH_TREND
    for name in ("breaks_with_trend", "live_order_blocks_near", "sweep_age_candles"):
        assert type(getattr(context, name)) is int
    for name in ("close", "atr", "rsi"):
        assert math.isfinite(getattr(context, name))


def test_setup_when_second_in_the_buffer_is_read_from_its_own_row() -> None:
    value = [NAN] * row.WIDTH + short_row()
    assert maker().setup(value, 1, 30, 9_000_000) == maker().setup(short_row(), 0, 30, 9_000_000)
