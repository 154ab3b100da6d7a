"""Tests of bot/tools/download/funding.py."""

import random
from pathlib import Path

import pytest

from bot.tools.download.client import PoliteClient
from bot.tools.download.dumps import Month, funding_path
from bot.tools.download.funding import download_funding
from engine.domain.errors import InvalidCandles
from storage.funding import read_funding
from tests.bot.tools.download.dump_server import QUICK, Bucket, serving

HOURS = 8 * 3_600_000
MAY, JUNE = Month(2025, 5), Month(2025, 6)


def bucket_with(*months: Month) -> Bucket:
    bucket = Bucket()
    for month in months:
        bucket.put(
            funding_path("AUSDT", month),
            [f"{month.start_ms + i * HOURS + 3},8,0.0001\n" for i in range(90)],
        )
    return bucket


async def fetch(bucket: Bucket, file: Path) -> list[str]:
    async with serving(bucket), PoliteClient(random.Random(1), QUICK) as client:
        return await download_funding(client, bucket.url, file, ["AUSDT"], [MAY, JUNE])


async def test_funding_when_fetched_twice_adds_only_what_is_new(tmp_path: Path) -> None:
    file = tmp_path / "funding.parquet"
    assert await fetch(bucket_with(MAY), file) == []
    assert len(read_funding(file)["AUSDT"][0]) == 90
    bucket = bucket_with(MAY, JUNE)
    assert await fetch(bucket, file) == []
    times, rates = read_funding(file)["AUSDT"]
    assert len(times) == 180
    assert rates.tolist() == [0.0001] * 180
    assert not bucket.asked[funding_path("AUSDT", MAY)]


async def test_funding_when_a_dump_is_damaged_names_it_and_keeps_the_rest(tmp_path: Path) -> None:
    bucket = bucket_with(MAY, JUNE)
    bucket.files[funding_path("AUSDT", JUNE)] += b"x"
    failed = await fetch(bucket, tmp_path / "f.parquet")
    assert len(failed) == 1
    assert failed[0].startswith("AUSDT 2025-06 funding: ")
    assert len(read_funding(tmp_path / "f.parquet")["AUSDT"][0]) == 90


async def test_funding_when_the_checksum_is_missing_is_refused(tmp_path: Path) -> None:
    bucket = bucket_with(MAY)
    del bucket.files[funding_path("AUSDT", MAY) + ".CHECKSUM"]
    assert "has no checksum file" in (await fetch(bucket, tmp_path / "f.parquet"))[0]


async def test_funding_when_the_file_is_another_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "f.parquet"
    file.write_text("mine")
    with pytest.raises(InvalidCandles):
        await fetch(bucket_with(MAY), file)
    assert file.read_text() == "mine"
