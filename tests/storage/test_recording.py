"""Recorded hours: whole or not at all, in order, each minute once, and still candle files."""

from pathlib import Path

import polars as pl
import pytest

from engine.domain.errors import InvalidCandles
from storage import recording
from storage.candle_sources import open_sources
from storage.candles import write_candles
from storage.recording import (
    HOUR_MS,
    CandleRow,
    Mark,
    append_recording,
    hour_file,
    newest_recorded,
    newest_run,
    read_recording,
    recording_files,
    set_aside,
)

T0 = 1_790_000_040_000 // HOUR_MS * HOUR_MS
MINUTE = 60_000


def row(seq: int, symbol: str = "BTCUSDT", *, run: int = 1, minute: int | None = None) -> CandleRow:
    at = seq if minute is None else minute
    open_ms = T0 + at * MINUTE
    return CandleRow(
        symbol, open_ms, 10.0, 11.0, 9.0, 10.5, 3.0, 31.5, 7, run, seq, open_ms + MINUTE, "live"
    )


def mark(seq: int, kind: str = "tick", *, run: int = 1, **data: object) -> Mark:
    return Mark(run=run, seq=seq, at_ms=T0 + seq * MINUTE + MINUTE, kind=kind, data=data)


def test_recording_when_read_back_is_what_was_written(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(1), row(2, "ETHUSDT")], [mark(3, "blind", symbols=["X"])])

    found = read_recording(recording_files(tmp_path))

    assert found.candles.select("symbol", "seq", "origin", "arrived_ms").rows() == [
        ("BTCUSDT", 1, "live", T0 + 2 * MINUTE),
        ("ETHUSDT", 2, "live", T0 + 3 * MINUTE),
    ]
    assert found.marks == (mark(3, "blind", symbols=["X"]),)


def test_recording_when_continued_adds_to_the_hour_and_opens_the_next(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(1)], [mark(2)])
    append_recording(tmp_path, [row(3), row(70)], [mark(71)])

    assert [path.name[:13] for path in recording_files(tmp_path)] == [
        hour_file(tmp_path, T0).name[:13],
        hour_file(tmp_path, T0 + HOUR_MS).name[:13],
    ]
    found = read_recording(recording_files(tmp_path))
    assert found.candles["seq"].to_list() == [1, 3, 70]
    assert [one.seq for one in found.marks] == [2, 71]


def test_recording_when_written_twice_keeps_each_minute_and_mark_once(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(1)], [mark(2)])
    append_recording(tmp_path, [row(1), row(3)], [mark(2), mark(4)])
    append_recording(tmp_path, [row(9, run=2, minute=3)], [])

    found = read_recording(recording_files(tmp_path))

    assert found.candles.select("run", "seq").rows() == [(1, 1), (1, 3)]
    assert [one.seq for one in found.marks] == [2, 4]


def test_recording_when_used_as_candles_is_a_folder_like_any_other(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(70), row(2, "ETHUSDT"), row(1)], [])

    (source,) = open_sources([tmp_path])

    assert source.symbols() == ("BTCUSDT", "ETHUSDT")
    assert source.candles("BTCUSDT")["quote_volume"].to_list() == [31.5, 31.5]


def test_files_when_others_lie_beside_are_the_recorded_ones_only(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(1)], [])
    plain = read_recording(recording_files(tmp_path)).candles
    write_candles(plain, tmp_path / "plain.parquet")
    (tmp_path / "broken.parquet").write_text("no")

    assert [path.parent.name for path in recording_files(tmp_path)] == [
        hour_file(tmp_path, T0).parent.name
    ]
    with pytest.raises(InvalidCandles, match=r"plain\.parquet is no recording"):
        read_recording([tmp_path / "plain.parquet"])


def test_read_when_a_period_is_asked_leaves_hours_outside_out(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(1), row(70), row(130)], [])
    files = recording_files(tmp_path)

    inner = read_recording(files, T0 + HOUR_MS, T0 + 2 * HOUR_MS)

    assert inner.candles["seq"].to_list() == [70]


def test_newest_when_recorded_is_the_last_minute_of_each_symbol(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(1), row(5), row(3, "ETHUSDT")], [])

    assert newest_recorded(tmp_path) == {
        "BTCUSDT": T0 + 5 * MINUTE,
        "ETHUSDT": T0 + 3 * MINUTE,
    }
    assert newest_recorded(tmp_path / "absent") == {}


def test_newest_when_the_recording_is_long_opens_the_last_hours_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_RECENT", 2)
    append_recording(tmp_path, [row(1, run=9), row(70), row(130)], [])
    opened: list[str] = []
    asked = recording.is_recording
    monkeypatch.setattr(
        recording, "is_recording", lambda path: opened.append(path.name) or asked(path)
    )

    assert newest_run(tmp_path) == 1
    assert newest_recorded(tmp_path) == {"BTCUSDT": T0 + 130 * MINUTE}
    assert hour_file(tmp_path, T0).name not in opened


def test_append_when_the_hour_is_damaged_keeps_it_beside_and_goes_on(tmp_path: Path) -> None:
    append_recording(tmp_path, [row(1)], [])
    (file,) = recording_files(tmp_path)
    file.write_bytes(file.read_bytes()[:-20])
    damaged = file.read_bytes()

    assert newest_run(tmp_path) == 0
    assert newest_recorded(tmp_path) == {}

    append_recording(tmp_path, [row(2)], [])

    assert file.with_name(file.name + ".damaged").read_bytes() == damaged
    assert read_recording(recording_files(tmp_path)).candles["seq"].to_list() == [2]


def test_append_when_killed_between_leaves_the_old_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_recording(tmp_path, [row(1)], [mark(2)])

    def killed(_self: Path, _target: Path) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(OSError, match="killed"):
            append_recording(tmp_path, [row(3)], [mark(4)])

    found = read_recording(recording_files(tmp_path))
    assert found.candles["seq"].to_list() == [1]
    assert [one.seq for one in found.marks] == [2]
    append_recording(tmp_path, [row(3)], [mark(4)])
    assert pl.read_parquet(recording_files(tmp_path)[0])["seq"].to_list() == [1, 3]


def test_run_when_asked_is_the_newest_number_of_rows_and_marks(tmp_path: Path) -> None:
    assert newest_run(tmp_path) == 0
    append_recording(tmp_path, [row(1, run=3)], [mark(2, run=5)])

    assert newest_run(tmp_path) == 5


def test_recording_when_set_aside_twice_never_overwrites(tmp_path: Path) -> None:
    folder = tmp_path / "candles"
    for name in ("candles.1", "candles.2"):
        append_recording(folder, [row(1)], [])
        assert set_aside(folder).name == name
    assert not folder.exists()
