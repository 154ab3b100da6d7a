"""What a recording is made of: rows that are the file's columns, marks that are JSON."""

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from storage.recording import frame_of
from storage.tape_rows import FOLDER, HOUR_MS, CandleRow, Mark

ROW = CandleRow("BTCUSDT", HOUR_MS, 10.0, 11.0, 9.0, 10.5, 3.0, 31.5, 7, 1, 0, HOUR_MS, "live")


def test_row_when_stored_has_the_columns_of_the_file_in_order() -> None:
    assert frame_of([ROW]).columns == list(CandleRow._fields)
    assert frame_of([ROW]).row(0)[2:] == ROW[2:]


def test_mark_when_made_cannot_be_changed() -> None:
    mark = Mark(run=1, seq=2, at_ms=3, kind="tick", data={})
    with pytest.raises(FrozenInstanceError):
        mark.seq = 5  # type: ignore[misc]


def test_folder_when_named_lies_directly_beside_the_database() -> None:
    assert FOLDER
    assert "/" not in FOLDER


def test_rows_when_imported_load_no_table_library() -> None:
    code = "import sys, storage.tape_rows; print('polars' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
