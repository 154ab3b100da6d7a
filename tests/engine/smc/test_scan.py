"""Tests of engine/smc/scan.py."""

import pytest

from engine.smc.arrays import LISTS
from engine.smc.events import Event, event_at, new_event_buffer
from engine.smc.params import DetectorParams, rules_of
from engine.smc.scan import scan
from engine.smc.setup_row import MOST_A_CANDLE, WIDTH, new_setup_buffer
from engine.smc.state import most_events_a_candle, new_state
from tests.oracle.smc_series import walk

PARAMS = DetectorParams()
MOST = most_events_a_candle(PARAMS)


def scanned(room: int, setup_rows: int) -> tuple[list[Event], list[str], int]:
    """Return all events, all setup values and the number of calls it took."""
    columns = [list(column) for column in zip(*walk(8, 600), strict=True)]
    state, rules = new_state(PARAMS), rules_of(PARAMS)
    events = new_event_buffer(MOST + room, LISTS)
    setups = new_setup_buffer(MOST_A_CANDLE + setup_rows, LISTS)
    found: list[Event] = []
    values: list[str] = []
    at = calls = 0
    while at < 600:
        at = scan(state, rules, events, setups, at, 600, MOST, *columns)
        found += [event_at(events, row) for row in range(events.used[0])]
        values += map(repr, setups.value[: setups.used[0] * WIDTH])
        events.used[0] = setups.used[0] = 0
        calls += 1
    return found, values, calls


@pytest.mark.parametrize(("room", "setup_rows"), [(10, 100), (10_000, 1)])
def test_scan_when_a_buffer_is_small_stops_in_time_and_goes_on_where_it_was(
    room: int, setup_rows: int
) -> None:
    whole = scanned(10_000, 100)
    parts = scanned(room, setup_rows)
    assert whole[2] == 1
    assert parts[2] > 3
    assert parts[:2] == whole[:2]
