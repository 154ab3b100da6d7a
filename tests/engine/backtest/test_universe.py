"""The volumes a scanner would have read."""

import pytest

from engine.backtest.series import MINUTE_MS
from engine.backtest.universe import UNIVERSE_MS, Universe
from tests.builders import instrument
from tests.engine.backtest.recording import BEGIN_MS, FLAT, series_of

START_MS = BEGIN_MS + 70 * MINUTE_MS


def made(hours: int = 8) -> Universe:
    """Return a universe of two symbols, the second silent for its first three hours."""
    first = series_of([FLAT] * (hours * 60))
    late = series_of([FLAT] * 60, "BBBUSDT", begin_ms=BEGIN_MS + 180 * MINUTE_MS)
    series = {one.symbol: one for one in (first, late)}
    instruments = {symbol: instrument(symbol) for symbol in series}
    return Universe(series, instruments, START_MS, BEGIN_MS + hours * 60 * MINUTE_MS)


def test_universe_when_the_run_begins_is_told_at_once_and_once() -> None:
    universe = made()
    changed = universe.due(START_MS)
    assert changed is not None
    assert [one.symbol for one in changed.instruments] == ["AAAUSDT", "BBBUSDT"]
    assert changed.quote_volume_24h == {"AAAUSDT": pytest.approx(1440e6), "BBBUSDT": 0.0}
    assert universe.due(START_MS) is None
    assert universe.due(BEGIN_MS + UNIVERSE_MS - MINUTE_MS) is None


def test_universe_when_two_hours_pass_is_told_as_of_their_end() -> None:
    universe = made()
    universe.due(START_MS)
    assert universe.due(BEGIN_MS + UNIVERSE_MS) is not None
    late = universe.due(BEGIN_MS + 3 * UNIVERSE_MS + 5 * MINUTE_MS)
    assert late is not None  # the reading of four hours was skipped, that of six is told
    assert late.quote_volume_24h["BBBUSDT"] == pytest.approx(60e6 * 1440 / 180)
    assert universe.due(BEGIN_MS + 3 * UNIVERSE_MS + 6 * MINUTE_MS) is None


def test_universe_when_the_recording_is_over_says_nothing_more() -> None:
    universe = made(hours=2)
    assert universe.due(START_MS) is not None
    assert universe.due(BEGIN_MS + 2 * UNIVERSE_MS) is not None
    assert universe.due(BEGIN_MS + 99 * UNIVERSE_MS) is None
