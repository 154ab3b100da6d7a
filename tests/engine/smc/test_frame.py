"""Tests of engine/smc/frame.py."""

import numpy as np
import pytest

from engine.domain.errors import InvalidCandles
from engine.smc import frame
from engine.smc.frame import CHUNK, CandleArrays, can_compile, detect_frame
from engine.smc.params import DetectorParams
from tests.oracle.smc_series import arrays, walk


def columns(length: int = 3) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    return {
        "open": np.full(length, 2.0),
        "high": np.full(length, 3.0),
        "low": np.full(length, 1.0),
        "close": np.full(length, 2.0),
        "quote_volume": np.ones(length),
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("high", 0.5),
        ("low", 2.5),
        ("open", 3.5),
        ("close", 0.9),
        ("close", float("nan")),
        ("high", float("inf")),
        ("quote_volume", float("nan")),
    ],
)
def test_candles_when_a_row_is_no_candle_name_the_first_such_row(name: str, value: float) -> None:
    given = columns()
    given[name][1:] = value
    with pytest.raises(InvalidCandles, match=r"^row 1 is no candle: open .* close "):
        CandleArrays(**given)


def test_candles_when_columns_differ_in_length_are_refused() -> None:
    given = columns()
    given["close"] = given["close"][:2]
    with pytest.raises(InvalidCandles, match=r"differ in length: \[3, 3, 3, 2, 3\]"):
        CandleArrays(**given)


def test_detect_when_there_are_no_candles_finds_nothing() -> None:
    found = detect_frame(CandleArrays(**columns(0)), DetectorParams())
    assert len(found.events) == len(found.setups) == 0
    assert found.setup_column("entry").tolist() == []
    assert list(found.events.rows()) == []


def test_detect_when_prices_never_move_finds_nothing_but_one_swing() -> None:
    found = detect_frame(CandleArrays(**columns(500)), DetectorParams(max_age=0))
    assert [event.kind.value for event in found.events.rows()] == ["SWING"]


def test_detect_when_the_only_pivot_is_forgotten_accepts_an_equal_one() -> None:
    found = detect_frame(CandleArrays(**columns(500)), DetectorParams(max_age=400))
    assert [(event.bar, event.known_at) for event in found.events.rows()] == [(9, 14), (405, 410)]


def test_detect_when_events_are_not_wanted_keeps_only_setups() -> None:
    candles = arrays(walk(4, 3_000))
    whole = detect_frame(candles, DetectorParams())
    only = detect_frame(candles, DetectorParams(), keep_events=False)
    assert len(only.events) == 0
    assert np.array_equal(only.setups, whole.setups, equal_nan=True)
    assert len(whole.setups) > 20


def test_detect_when_buffers_are_tiny_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    candles = arrays(walk(4, 1_500))
    whole = detect_frame(candles, DetectorParams())
    monkeypatch.setattr(frame, "EVENT_ROOM", 7)
    monkeypatch.setattr(frame, "SETUP_ROOM", 7)
    monkeypatch.setattr(frame, "CHUNK", 100)
    done: list[int] = []
    parts = detect_frame(candles, DetectorParams(), progress=done.append)
    assert list(parts.events.rows()) == list(whole.events.rows())
    assert np.array_equal(parts.setups, whole.setups, equal_nan=True)
    assert done == sorted(done)
    assert done[-1] == 1_500
    assert len(done) >= 15


def test_detect_when_there_are_more_events_than_expected_grows_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    candles = arrays(walk(5, 3_000))
    whole = detect_frame(candles, DetectorParams())
    monkeypatch.setattr(frame, "EVENTS_A_CANDLE", 0)
    monkeypatch.setattr(frame, "CHUNK", 50)
    assert list(detect_frame(candles, DetectorParams()).events.rows()) == list(whole.events.rows())


def test_chunk_when_counted_in_candles_is_what_progress_steps_by() -> None:
    assert CHUNK > 0
    assert isinstance(can_compile(), bool)


def test_part_when_taken_is_a_view_of_these_rows() -> None:
    close = np.arange(1.0, 6.0)
    whole = CandleArrays(open=close, high=close, low=close, close=close, quote_volume=close * 7)

    part = whole.part(slice(1, 3))

    assert part.close.tolist() == [2.0, 3.0]
    assert part.quote_volume.tolist() == [14.0, 21.0]
    assert np.shares_memory(part.high, close)
