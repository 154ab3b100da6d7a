"""Parquet files that appear whole or not at all."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")


def write_table(
    frame: pl.DataFrame, path: Path, *, metadata: Mapping[str, str] | None = None
) -> None:
    """Write a table (zstd) under another name, and give it its own once it is on disk.

    Raises:
        OSError: it cannot be written; an older file stays as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        _write(frame, partial, None if metadata is None else dict(metadata))
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def _write(frame: pl.DataFrame, path: Path, metadata: dict[str, str] | None) -> None:
    try:
        frame.write_parquet(path, compression="zstd", metadata=metadata)
    except PolarsError as error:
        # A full disk comes as an error of the format, with the system's number in its words.
        found = _SYSTEM_ERROR.search(str(error))
        if found is None:
            raise
        number = int(found[1])
        raise OSError(number, os.strerror(number), str(path)) from error
