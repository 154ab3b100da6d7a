from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.replay_frames import ReplayError, digits_of, read_recording
from tests.engine.exchange.sim.market_builders import recorded_frame

START = datetime(2025, 5, 4, tzinfo=UTC)


def changed(row, **values):
    """A good frame with the values of one row replaced."""
    frame = recorded_frame(minutes=10).with_row_index("row")
    for name, value in values.items():
        kind = frame.schema[name]
        cell = pl.when(pl.col("row") == row).then(pl.lit(value, dtype=kind))
        frame = frame.with_columns(cell.otherwise(pl.col(name)).alias(name))
    return frame.drop("row")


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"close": None}, "close is not a number"),
        ({"high": float("nan")}, "high is not a number"),
        ({"volume": float("inf")}, "volume is not a number"),
        ({"volume": -1.0}, "volume is negative"),
        ({"low": 0.0}, "prices must be above zero"),
        ({"high": 1.0}, "high lies below open or close"),
        ({"low": 99.0, "high": 100.0}, "low lies above open or close"),
        ({"symbol": None}, "symbol or open_time is null"),
        ({"open_time": START + timedelta(minutes=5)}, "same symbol and minute as the row before"),
        ({"open_time": START}, "not sorted by symbol and open_time"),
        ({"open_time": START + timedelta(minutes=6, seconds=3)}, "is not a whole minute"),
    ],
)
def test_recording_when_a_row_is_bad_names_the_file_and_the_row(values, complaint):
    with pytest.raises(ReplayError, match=f"^frame 2 row 6 .*{complaint}"):
        read_recording([recorded_frame("BBBUSDT"), changed(6, **values)])


def test_recording_when_symbols_are_out_of_order_names_the_row():
    frame = pl.concat([recorded_frame("BBBUSDT", 3), recorded_frame("AAAUSDT", 3)])
    with pytest.raises(ReplayError, match=r"frame 1 row 3 \(AAAUSDT\): not sorted"):
        read_recording([frame])


def test_recording_when_a_column_is_missing_names_it_and_those_needed():
    with pytest.raises(ReplayError, match=r"frame 1: column 'high' is missing; needed: symbol"):
        read_recording([recorded_frame().drop("high")])


@pytest.mark.parametrize(
    ("column", "kind", "message"),
    [
        ("open_time", pl.Int64, "open_time must be a datetime, is Int64"),
        ("close", pl.String, "close must be a number, is String"),
    ],
)
def test_recording_when_a_column_has_the_wrong_type_says_which(column, kind, message):
    with pytest.raises(ReplayError, match=message):
        read_recording([recorded_frame().with_columns(pl.col(column).cast(kind))])


def test_recording_when_files_are_given_reads_them_and_whole_folders(tmp_path):
    recorded_frame("AAAUSDT").write_parquet(tmp_path / "a.parquet")
    recorded_frame("BBBUSDT").write_parquet(tmp_path / "b.parquet")
    assert read_recording([tmp_path]).symbols == ("AAAUSDT", "BBBUSDT")
    assert read_recording([tmp_path / "b.parquet"]).symbols == ("BBBUSDT",)
    assert read_recording([recorded_frame().lazy()]).symbols == ("AAAUSDT",)


def test_recording_when_a_file_is_missing_or_foreign_says_so(tmp_path):
    with pytest.raises(ReplayError, match=r"nowhere\.parquet: no such file or folder"):
        read_recording([tmp_path / "nowhere.parquet"])
    (tmp_path / "x.parquet").write_text("not parquet at all")
    with pytest.raises(ReplayError, match=r"x\.parquet: not a Parquet file"):
        read_recording([tmp_path / "x.parquet"])


def test_recording_when_two_files_hold_the_same_candle_names_both(tmp_path):
    recorded_frame("AAAUSDT").write_parquet(tmp_path / "may.parquet")
    recorded_frame("AAAUSDT", 5).write_parquet(tmp_path / "more.parquet")
    with pytest.raises(ReplayError, match=r"may\.parquet and more\.parquet both hold AAAUSDT"):
        read_recording([tmp_path])


def test_recording_when_one_symbol_comes_in_several_files_joins_them():
    later = recorded_frame(minutes=20, start=START + timedelta(minutes=30))
    assert read_recording([later, recorded_frame(minutes=30)]).minutes == 50


def test_recording_when_symbols_begin_and_end_apart_covers_what_they_share():
    late = recorded_frame("BBBUSDT", 40, start=START + timedelta(minutes=10))
    recording = read_recording([recorded_frame("AAAUSDT", 30), late])
    assert recording.minutes == 20
    assert recording.first_minute == int(START.timestamp()) // 60 + 10
    everything = read_recording([recorded_frame("AAAUSDT", 30), late], common=False)
    assert everything.minutes == 50
    assert everything.traded.sum(axis=0).tolist() == [30, 40]
    with pytest.raises(ReplayError, match="no common period: AAAUSDT ends before BBBUSDT begins"):
        read_recording([recorded_frame("AAAUSDT", 10), late])


def test_recording_when_only_some_symbols_are_wanted_has_only_them():
    frames = [recorded_frame("AAAUSDT"), recorded_frame("BBBUSDT")]
    assert read_recording(frames, ["BBBUSDT"]).symbols == ("BBBUSDT",)
    with pytest.raises(ReplayError, match="no candles of CCCUSDT"):
        read_recording(frames, ["BBBUSDT", "CCCUSDT"])
    with pytest.raises(ReplayError, match=r"no candles of CCCUSDT in 2 file"):
        read_recording(frames, ["CCCUSDT"])


def test_recording_when_minutes_are_missing_or_empty_marks_them_untraded():
    frame = changed(4, volume=0.0, open=50.0, high=50.0, low=50.0, close=50.0)
    gap = frame.filter(pl.col("open_time") != START + timedelta(minutes=7))
    recording = read_recording([gap])
    assert np.flatnonzero(~recording.traded[:, 0]).tolist() == [4, 7]


def test_recording_when_quote_volume_is_missing_estimates_it_from_the_mean_price():
    frame = recorded_frame(minutes=4)
    row = frame.row(2, named=True)
    mean = (row["open"] + row["high"] + row["low"] + row["close"]) / 4
    assert read_recording([frame]).quote[2, 0] == pytest.approx(row["volume"] * mean)
    given_quote = frame.with_columns(quote_volume=pl.Series([1.0, None, 3.0, 4.0]))
    quote = read_recording([given_quote]).quote[:, 0]
    assert quote[[0, 2, 3]].tolist() == [1.0, 3.0, 4.0]
    assert quote[1] > 100


def test_recording_when_laid_out_keeps_prices_and_volumes_exactly():
    frame = recorded_frame(minutes=50, digits=4)
    recording = read_recording([frame])
    assert recording.price_digits == (4,)
    assert recording.lot_digits == (1,)
    for index, name in enumerate(("open", "high", "low", "close")):
        assert (recording.prices[index, :, 0] / 10**4).tolist() == frame[name].to_list()
    assert (recording.lots[:, 0] / 10).tolist() == frame["volume"].to_list()


@settings(deadline=None)
@given(st.integers(0, 8), st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_digits_when_values_have_some_decimals_write_every_value_exactly(digits, counts):
    values = np.array(counts) / 10.0**digits
    found = digits_of(values)
    assert found <= digits
    assert np.array_equal(np.rint(values * 10.0**found) / 10.0**found, values)
