"""Tests of models/parts.py."""

import pickle
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.domain.candle import Timeframe
from models.dataset_rules import Counts, DatasetRules
from models.labels import NO_FUNDING
from models.parts import Part, PartTask, make_part, shipped
from tests.models.sources import MINUTE_MS, T0, RandomSource

RULES = DatasetRules(timeframes=(Timeframe.M1,), warm_up=50)
TASK = PartTask(
    source="random",
    symbol="AUSDT",
    rules=RULES,
    candles=RandomSource(size=3_000),
    holes=(),
    funding=NO_FUNDING,
)


def test_task_when_shipped_gives_the_same_bytes() -> None:
    far = pickle.loads(pickle.dumps(shipped(TASK)))
    assert "RandomSource" not in repr(far.candles)
    assert make_part(far) == make_part(TASK)
    assert str(far) == "random AUSDT"


def test_part_when_kept_can_be_read(tmp_path: Path) -> None:
    part = Part(tmp_path, "abc")
    assert not part.is_made()
    part.keep(make_part(TASK))
    assert part.is_made()
    counts = part.counts()
    assert counts.candles == 3_000
    assert counts.rows == len(pl.read_parquet(part.rows)) > 10
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not a part at all"])
def test_part_when_its_file_is_broken_is_not_made(content: bytes, tmp_path: Path) -> None:
    part = Part(tmp_path, "abc")
    part.keep(make_part(TASK))
    part.rows.write_bytes(content)
    assert not part.is_made()


def test_part_when_its_pulse_was_deleted_is_not_made(tmp_path: Path) -> None:
    part = Part(tmp_path, "abc")
    part.keep(make_part(TASK))
    part.pulse.unlink()
    assert not part.is_made()


def test_part_when_its_file_is_another_parquet_is_not_made(tmp_path: Path) -> None:
    part = Part(tmp_path, "abc")
    pl.DataFrame({"a": [1]}).write_parquet(part.rows)
    assert not part.is_made()


def test_part_when_the_source_has_a_hole_leaves_those_minutes_out(tmp_path: Path) -> None:
    hole = (T0 + 1_000 * MINUTE_MS, T0 + 1_020 * MINUTE_MS)
    part = Part(tmp_path, "abc")
    part.keep(make_part(replace(TASK, holes=(hole,))))
    counts = part.counts()
    assert (counts.masked, counts.candles, counts.holes) == (20, 2_980, 1)
    proved = pl.read_parquet(part.rows)["proved_at_ms"]
    assert not ((proved >= hole[0]) & (proved < hole[1] + 50 * MINUTE_MS)).any()


class Quiet(RandomSource):
    """Trades in one minute of three."""

    def candles(self, symbol: str) -> pl.DataFrame:
        rests = pl.int_range(pl.len()) % 3 > 0
        still = [
            pl.when(rests).then(pl.col("close")).otherwise(pl.col(name)).alias(name)
            for name in ("open", "high", "low")
        ]
        volume = pl.when(rests).then(0.0).otherwise(pl.col("quote_volume"))
        return super().candles(symbol).with_columns(*still, volume.alias("quote_volume"))


def test_part_when_the_symbol_hardly_trades_is_empty_and_counted(tmp_path: Path) -> None:
    part = Part(tmp_path, "abc")
    part.keep(make_part(replace(TASK, candles=Quiet(size=3_000))))
    assert part.counts() == Counts(dropped=1)
    assert pl.read_parquet(part.rows).height == 0
