"""Which candles a comparison takes, and what is left out."""

from pathlib import Path

import pytest

from bot.parity.candles import open_candles
from bot.parity.errors import ParityError
from engine.domain.errors import InvalidCandles
from engine.domain.events import CandleClosed
from engine.domain.instrument import Instrument
from storage.candles import write_candles
from storage.codec import encoder
from storage.recording import append_recording, frame_of
from storage.tape_rows import Mark
from tests.bot.parity.kit import row
from tests.builders import MINUTE, START_MS, instrument

FOR_EVER = 1 << 62


def recorded(folder: Path) -> None:
    universe = {"fresh": [encoder(Instrument)(instrument())], "gone": [], "volumes": {}}
    marks = [
        Mark(run=1, seq=1, at_ms=START_MS, kind="universe", data=universe),
        Mark(run=1, seq=90, at_ms=START_MS + 95 * MINUTE, kind="tick", data={}),
    ]
    append_recording(folder, [row(2), row(80)], marks)


def plain(path: Path, *minutes: int) -> None:
    rows = [row(n) for n in minutes] + [row(n, "ETHUSDT") for n in minutes]
    write_candles(frame_of(rows).sort("symbol", "open_time"), path)


def test_candles_when_a_recording_is_among_them_are_the_recording(tmp_path: Path):
    recorded(tmp_path / "candles")
    plain(tmp_path / "plain.parquet", 1, 2, 3)

    found = open_candles([tmp_path], START_MS, FOR_EVER)

    assert found.exact
    assert found.history.symbols == ("BTCUSDT",)
    assert found.instruments["BTCUSDT"] == instrument()
    assert found.recorded_until == {1: START_MS + 95 * MINUTE}
    assert [type(step.events[0]).__name__ for step in found.steps(1, 0, 0)] == [
        "UniverseChanged",
        "CandleClosed",
        "CandleClosed",
        "Ticked",
    ]


def test_candles_when_the_recording_is_long_are_those_a_start_of_the_period_needs(tmp_path: Path):
    recorded(tmp_path)
    start = 24 * 60
    append_recording(tmp_path, [row(n) for n in (start - 540, start - 400, start + 1)], [])

    found = open_candles([tmp_path], START_MS + start * MINUTE, FOR_EVER)

    minutes = [one.open_time_ms for one in found.history.between("BTCUSDT", 0, FOR_EVER)]
    assert START_MS + 2 * MINUTE not in minutes
    assert {START_MS + (start - 400) * MINUTE, START_MS + (start + 1) * MINUTE} <= set(minutes)


def test_candles_when_plain_are_those_of_the_period_and_of_the_day_before(tmp_path: Path):
    plain(tmp_path / "plain.parquet", 0, 1_440, 1_500, 1_600)

    found = open_candles(
        [tmp_path / "plain.parquet"], START_MS + 1_500 * MINUTE, START_MS + 1_600 * MINUTE
    )

    assert not found.exact
    assert found.recorded_until == {}
    assert len(found.series["ETHUSDT"]) == 2
    assert found.instruments["BTCUSDT"].symbol == "BTCUSDT"
    steps = found.steps(1, START_MS + 1_500 * MINUTE, START_MS + 1_502 * MINUTE)
    assert any(isinstance(event, CandleClosed) for step in steps for event in step.events)


def test_candles_when_there_are_none_in_the_period_says_so(tmp_path: Path):
    plain(tmp_path / "plain.parquet", 1)

    with pytest.raises(ParityError, match="no candles of the period"):
        open_candles([tmp_path], START_MS + 9_000 * MINUTE, FOR_EVER)


def test_candles_when_the_folder_is_empty_or_absent_says_so(tmp_path: Path):
    with pytest.raises(InvalidCandles, match=r"no \.parquet files"):
        open_candles([tmp_path], 0, FOR_EVER)
    with pytest.raises(InvalidCandles, match="does not exist"):
        open_candles([tmp_path / "absent"], 0, FOR_EVER)
