"""Closed candles as the bot saw them: an hour a file, the hours of a day in one folder.

Each file is a candle file (see `candles`) with four more columns: `run` (number of the start),
`seq` (order of arrival within the run, shared with the marks), `arrived_ms` (exchange time of the
decision) and `origin`. What else decides about signals, the marks, lies in the file's metadata, so
that candles and marks of an hour appear together or not at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from polars.exceptions import PolarsError

from engine.domain.errors import InvalidCandles
from storage.candles import NULLABLE, SCHEMA, first_line
from storage.parquet import write_table
from storage.tape_rows import HOUR_MS, CandleRow, Mark

_MARKS = "smcbot.marks"
_RECENT = 48
"""Hours that a start looks at: more than the history it loads reaches back."""
_FORMAT = "%Y-%m-%d/%Y-%m-%dT%H.parquet"
_PLACE: dict[str, pl.DataType] = {
    "run": pl.Int32(),
    "seq": pl.Int64(),
    "arrived_ms": pl.Int64(),
    "origin": pl.String(),
}
_KEPT: dict[str, pl.DataType] = {
    **SCHEMA,
    "quote_volume": NULLABLE["quote_volume"],
    "trades": NULLABLE["trades"],
    **_PLACE,
}


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded: candles by (symbol, open_time), marks in their order."""

    candles: pl.DataFrame
    marks: tuple[Mark, ...]


def append_recording(folder: Path, rows: Sequence[CandleRow], marks: Sequence[Mark]) -> None:
    """Add to the files of the hours concerned; each file is replaced whole or not at all.

    An hour that is damaged is kept beside as `.damaged`, and begun anew.
    Blocks while it writes: not for the event loop's own thread.

    Raises:
        OSError: a file cannot be read or written.
    """
    rows_by: dict[int, list[CandleRow]] = {}
    marks_by: dict[int, list[Mark]] = {}
    for row in rows:
        rows_by.setdefault(row.arrived_ms // HOUR_MS, []).append(row)
    for mark in marks:
        marks_by.setdefault(mark.at_ms // HOUR_MS, []).append(mark)
    for hour in sorted(rows_by.keys() | marks_by.keys()):
        path = hour_file(folder, hour * HOUR_MS)
        before = _begun(path)
        candles = pl.concat([before.candles, frame_of(rows_by.get(hour, []))])
        # What was written in part before a failure comes again.
        marks_once = {(m.run, m.seq): m for m in (*before.marks, *marks_by.get(hour, []))}
        _write(path, _once(candles), list(marks_once.values()))


def _begun(path: Path) -> Recording:
    """Return what the hour holds so far."""
    if path.exists():
        try:
            return _read(path)
        except InvalidCandles:
            path.replace(path.with_name(path.name + ".damaged"))
    return Recording(frame_of([]), ())


def hour_file(folder: Path, at_ms: int) -> Path:
    """Return the file that keeps what arrived in the hour of an exchange time."""
    return folder / datetime.fromtimestamp(at_ms / 1000, UTC).strftime(_FORMAT)


def recording_files(folder: Path, newest: int | None = None) -> tuple[Path, ...]:
    """Return the recorded hours, oldest first; none where nothing was recorded.

    Args:
        folder: of the recording.
        newest: only so many, so that a year of older ones is not even opened; None for all.
    """
    newest_first = sorted(folder.rglob("*.parquet"), reverse=True)
    return tuple(islice(filter(is_recording, newest_first), newest))[::-1]


def is_recording(path: Path) -> bool:
    """Return whether a Parquet file keeps the marks of a recording."""
    try:
        return _MARKS in pl.read_parquet_metadata(path)
    except (PolarsError, OSError):
        return False


def read_recording(
    files: Iterable[Path], since_ms: int = 0, until_ms: int | None = None
) -> Recording:
    """Return what these hours recorded; a candle is kept where its hour reaches into the period.

    Args:
        files: hour files.
        since_ms: hours that end before are left out.
        until_ms: hours that begin at or after are left out; None takes all.

    Raises:
        InvalidCandles: a file is no recording, or damaged.
    """
    parts = []
    for path in files:
        part = _read(path)
        times = [mark.at_ms for mark in part.marks] + part.candles["arrived_ms"].to_list()
        outside = not times or max(times) < since_ms
        if not outside and (until_ms is None or min(times) < until_ms):
            parts.append(part)
    candles = pl.concat([frame_of([]), *(part.candles for part in parts)])
    # A minute that two runs saw is the same minute; one row of it is enough.
    candles = _once(candles)
    marks = sorted(
        (mark for part in parts for mark in part.marks), key=lambda mark: (mark.run, mark.seq)
    )
    return Recording(candles, tuple(marks))


def newest_recorded(folder: Path) -> dict[str, int]:
    """Return the newest recorded open time of each symbol; damaged files are passed over.

    A minute is recorded once: this is where the next run goes on. Only recent hours are read.
    """
    newest: dict[str, int] = {}
    for path in recording_files(folder, _RECENT):
        try:
            frame = pl.read_parquet(path, columns=["symbol", "open_time"])
        except (PolarsError, OSError):
            continue
        last = frame.group_by("symbol").agg(pl.col("open_time").max().dt.epoch("ms"))
        for symbol, open_ms in last.iter_rows():
            newest[symbol] = max(newest.get(symbol, -1), open_ms)
    return newest


def newest_run(folder: Path) -> int:
    """Return the number of the newest start on disk, 0 where nothing was recorded."""
    numbers = [0]
    for path in recording_files(folder, _RECENT):
        try:
            part = _read(path)
        except InvalidCandles:
            continue
        numbers += [mark.run for mark in part.marks] + part.candles["run"].unique().to_list()
    return max(numbers)


def set_aside(folder: Path) -> Path:
    """Move a recording out of the way, beside its place; return where it lies now.

    Raises:
        OSError: it cannot be moved.
    """
    number = 1
    while (target := folder.with_name(f"{folder.name}.{number}")).exists():
        number += 1
    return folder.rename(target)


def _once(candles: pl.DataFrame) -> pl.DataFrame:
    """Sort as candle files are; of a minute that was seen twice the first row stays."""
    ordered = candles.sort("symbol", "open_time", "run", "seq")
    return ordered.unique(["symbol", "open_time"], keep="first", maintain_order=True)


def frame_of(rows: Sequence[CandleRow]) -> pl.DataFrame:
    """Return rows as the table that is stored."""
    plain = {**_KEPT, "open_time": pl.Int64()}
    frame = pl.DataFrame(list(rows), schema=plain, orient="row")
    time = pl.col("open_time").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    return frame.with_columns(time)


def _read(path: Path) -> Recording:
    try:
        frame = pl.read_parquet(path, columns=list(_KEPT))
        stored = orjson.loads(pl.read_parquet_metadata(path)[_MARKS])
        return Recording(frame, tuple(Mark(**one) for one in stored))
    except (PolarsError, KeyError, TypeError, ValueError) as error:
        raise InvalidCandles(
            f"{path} is no recording of the bot, or damaged: {first_line(error)}"
        ) from error


def _write(path: Path, candles: pl.DataFrame, marks: Sequence[Mark]) -> None:
    text = orjson.dumps([_plain(mark) for mark in marks]).decode()
    write_table(candles, path, metadata={_MARKS: text})


def _plain(mark: Mark) -> dict[str, Any]:
    return {
        "run": mark.run,
        "seq": mark.seq,
        "at_ms": mark.at_ms,
        "kind": mark.kind,
        "data": mark.data,
    }
