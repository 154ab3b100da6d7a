"""The kernel against the oracle, against itself on prefixes, and against the definitions."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.setup import EntryRule, EvidenceKind, Recipe
from engine.smc.detector import Detector
from engine.smc.events import Event
from engine.smc.frame import Detected, detect_frame
from engine.smc.params import DetectorParams, OrderBlockAnchor, TargetRule
from engine.smc.setup_row import CONTEXT_COLUMNS, RECIPES
from tests.oracle.smc_oracle import SmcOracle, same_number
from tests.oracle.smc_series import CHARACTERS, Row, arrays, real, walk

ALL = tuple(Recipe)
VARIANTS = {
    "default": DetectorParams(recipes=ALL),
    "merged, extreme, retest, pool": DetectorParams(
        recipes=ALL,
        equal_levels=True,
        ob_anchor=OrderBlockAnchor.EXTREME,
        min_gap_atr=0.3,
        max_age=100,
        sweep_required=False,
        target_rule=TargetRule.POOL,
        entry_rule=EntryRule.RETEST,
    ),
    "narrow, never forgets": DetectorParams(recipes=ALL, left=2, right=2, max_age=0),
    "asymmetric, short memory": DetectorParams(recipes=ALL, left=7, right=3, max_age=40),
    "lists overflow": DetectorParams(recipes=ALL, max_age=0, max_gaps=64, max_blocks=16, left=1),
}


def oracle_of(rows: list[Row], params: DetectorParams) -> SmcOracle:
    oracle = SmcOracle(params)
    for row in rows:
        oracle.step(*row)
    return oracle


def assert_setups_agree(found: Detected, oracle: SmcOracle) -> None:
    assert len(found.setups) == len(oracle.setups)
    columns = {name: found.setup_column(name).tolist() for name in CONTEXT_COLUMNS}
    proof = {
        name: found.setup_column(name).tolist()
        for name in ("bar", "recipe", "direction", "entry", "stop", "target")
    }
    zones = zip(
        found.setup_column("zone_top").tolist(),
        found.setup_column("zone_bottom").tolist(),
        strict=True,
    )
    for i, (expected, zone) in enumerate(zip(oracle.setups, zones, strict=True)):
        assert {name: column[i] for name, column in proof.items()} == {
            "bar": expected.bar,
            "recipe": RECIPES.index(expected.recipe),
            "direction": expected.sign,
            "entry": expected.entry,
            "stop": expected.stop,
            "target": expected.target,
        }
        assert zone == expected.zone
        for name in CONTEXT_COLUMNS:
            assert same_number(columns[name][i], expected.context[name]), (i, name)


def assert_agreement(rows: list[Row], params: DetectorParams) -> Detected:
    found = detect_frame(arrays(rows), params, compiled=False)
    oracle = oracle_of(rows, params)
    for ours, theirs in zip(found.events.rows(), oracle.events, strict=False):
        assert ours == theirs
    assert len(found.events) == len(oracle.events)
    assert_setups_agree(found, oracle)
    return found


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("character", CHARACTERS)
def test_kernel_when_compared_with_the_oracle_agrees_bit_for_bit(
    character: str, variant: str
) -> None:
    rows = walk(11, 2_600, **CHARACTERS[character])
    found = assert_agreement(rows, VARIANTS[variant])
    assert len(found.events) > 1_000
    assert len(found.setups) > 20


@pytest.mark.parametrize(
    ("file", "symbol"),
    [("um_2023-07", "EOSUSDT"), ("um_2025-05", "BTCUSDT"), ("spot_2020-05", "MCOUSDT")],
)
def test_kernel_when_fed_real_candles_agrees_with_the_oracle(file: str, symbol: str) -> None:
    rows = real(file, symbol, 2_000, 4_000)
    found = assert_agreement(rows, VARIANTS["default"])
    assert len(found.setups) > 20


@pytest.mark.prove
@pytest.mark.parametrize("character", CHARACTERS)
def test_kernel_when_run_for_200k_candles_agrees_with_the_oracle(character: str) -> None:
    for seed in range(4):
        variant = list(VARIANTS)[seed]
        assert_agreement(walk(100 + seed, 50_000, **CHARACTERS[character]), VARIANTS[variant])


@pytest.mark.prove
@pytest.mark.parametrize("file", ["um_2025-05", "um_2023-07", "um_2025-01", "spot_2020-05"])
def test_kernel_when_run_over_whole_real_series_agrees_with_the_oracle(file: str) -> None:
    symbol = {"spot_2020-05": "MCOUSDT"}.get(file, "BTCUSDT")
    assert_agreement(real(file, symbol), VARIANTS["default"])


def known_by(found: Detected, t: int) -> tuple[list[Event], list[list[str]]]:
    events = [event for event in found.events.rows() if event.known_at <= t]
    setups = found.setups[found.setup_column("bar") <= t]
    return events, [[repr(x) for x in row] for row in setups.tolist()]


def assert_prefixes_agree(rows: list[Row], ends: list[int], *, compiled: bool) -> None:
    params = VARIANTS["default"]
    whole = detect_frame(arrays(rows), params, compiled=compiled)
    for end in ends:
        prefix = detect_frame(arrays(rows[:end]), params, compiled=compiled)
        assert known_by(prefix, end) == known_by(whole, end - 1)


@pytest.mark.parametrize("character", CHARACTERS)
def test_kernel_when_candles_are_added_never_changes_what_was_known(character: str) -> None:
    rows = walk(21, 700, **CHARACTERS[character])
    ends = random.Random(5).sample(range(1, len(rows)), 75)
    assert_prefixes_agree(rows, ends, compiled=False)


def test_kernel_when_real_candles_are_added_never_changes_what_was_known() -> None:
    rows = real("um_2025-05", "ETHUSDT", 10_000, 700)
    ends = random.Random(6).sample(range(1, len(rows)), 40)
    assert_prefixes_agree(rows, ends, compiled=False)


@pytest.mark.prove
@pytest.mark.parametrize("character", CHARACTERS)
def test_kernel_when_checked_on_every_prefix_never_repaints(character: str) -> None:
    rows = walk(22, 2_000, **CHARACTERS[character])
    assert_prefixes_agree(rows, list(range(1, len(rows))), compiled=True)


@pytest.mark.prove
def test_kernel_when_checked_on_every_prefix_of_real_candles_never_repaints() -> None:
    rows = real("um_2023-07", "EOSUSDT", 5_000, 2_000)
    assert_prefixes_agree(rows, list(range(1, len(rows))), compiled=True)


def candle(prices: tuple[int, int, int, int]) -> Row:
    opened, closed, up, down = prices
    high, low = max(opened, closed) + up, min(opened, closed) - down
    return Row(float(opened), float(high), float(low), float(closed), 1.0)


tied_candles = st.lists(
    st.tuples(st.integers(20, 26), st.integers(20, 26), st.integers(0, 2), st.integers(0, 2)).map(
        candle
    ),
    min_size=30,
    max_size=90,
)


@settings(max_examples=60, deadline=None)
@given(rows=tied_candles, variant=st.sampled_from(sorted(VARIANTS)))
def test_kernel_when_prices_tie_everywhere_agrees_with_the_oracle(
    rows: list[Row], variant: str
) -> None:
    assert_agreement(rows, VARIANTS[variant])


def mirrored(rows: list[Row], around: float) -> list[Row]:
    return [
        Row(around - r.open, around - r.low, around - r.high, around - r.close, r.quote)
        for r in rows
    ]


@settings(max_examples=40, deadline=None)
@given(rows=tied_candles)
def test_kernel_when_prices_are_turned_upside_down_finds_the_mirror_image(rows: list[Row]) -> None:
    params = DetectorParams(left=2, right=2)
    up = detect_frame(arrays(rows), params, compiled=False).events
    down = detect_frame(arrays(mirrored(rows, 64.0)), params, compiled=False).events

    # A candle that is both high and low counts as a high: swings may differ, gaps may not.
    def gaps(events: list[Event], sign: int) -> set[tuple[int, int, EvidenceKind, int]]:
        return {
            (e.known_at, e.bar, e.kind, sign * e.direction) for e in events if "FVG" in e.kind.value
        }

    assert gaps(list(up.rows()), 1) == gaps(list(down.rows()), -1)


@settings(max_examples=60, deadline=None)
@given(rows=tied_candles)
def test_kernel_when_a_pivot_is_known_gives_one_break_or_sweep_a_bar_and_none_too_early(
    rows: list[Row],
) -> None:
    params = DetectorParams(left=3, right=3)
    events = list(detect_frame(arrays(rows), params, compiled=False).events.rows())
    breaks = [(e.known_at, e.bar) for e in events if e.kind.value in {"BOS", "CHOCH"}]
    sweeps = [(e.known_at, e.bar) for e in events if e.kind is EvidenceKind.SWEEP]
    assert not set(breaks) & set(sweeps)
    assert len({bar for _, bar in breaks}) == len(breaks), "one break a pivot"
    assert all(known_at >= bar + params.right + 1 for known_at, bar in breaks + sweeps)


def test_kernel_when_stepped_finds_what_the_scan_finds() -> None:
    rows = walk(31, 1_500)
    params = VARIANTS["default"]
    detector = Detector("BTCUSDT", Timeframe.M1, params)
    events: list[Event] = []
    setups = 0
    for t, row in enumerate(rows):
        step = detector.step(t * 60_000, *row[:4], 0.0, row.quote)
        events += step.events
        setups += len(step.setups)
    found = detect_frame(arrays(rows), params, compiled=False)
    assert events == list(found.events.rows())
    assert setups == len(found.setups) > 0
