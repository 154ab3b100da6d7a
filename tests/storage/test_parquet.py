import errno
from pathlib import Path

import polars as pl
import pytest
from polars.exceptions import PolarsError

from storage.parquet import write_table

FULL = Path("/dev/full")


def table(rows: int = 1) -> pl.DataFrame:
    return pl.DataFrame({"a": list(range(rows))})


def test_table_when_written_appears_with_its_metadata_and_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.parquet"

    write_table(table(), path, metadata={"about": "it"})

    assert pl.read_parquet(path).rows() == [(0,)]
    assert pl.read_parquet_metadata(path)["about"] == "it"
    assert [one.name for one in path.parent.iterdir()] == ["a.parquet"]


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_table_when_the_disk_is_full_is_refused_by_the_system_and_the_older_one_stays(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.parquet"
    write_table(table(), path)
    (tmp_path / "a.parquet.partial").symlink_to(FULL)

    with pytest.raises(OSError, match="No space left on device") as caught:
        write_table(table(1_000), path)

    assert caught.value.errno == errno.ENOSPC
    assert pl.read_parquet(path).rows() == [(0,)]
    assert [one.name for one in tmp_path.iterdir()] == ["a.parquet"]


def test_table_when_it_has_no_form_of_a_file_is_a_mistake_of_ours(tmp_path: Path) -> None:
    odd = pl.DataFrame({"a": [object()]})

    with pytest.raises(PolarsError):
        write_table(odd, tmp_path / "a.parquet")
