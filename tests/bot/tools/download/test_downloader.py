"""Tests of bot/tools/download/downloader.py, over real HTTP on loopback."""

import random
from pathlib import Path

import polars as pl
from aiohttp import web

from bot.tools.download.client import PoliteClient
from bot.tools.download.downloader import Download, Downloader, Places
from bot.tools.download.dumps import Market, Month, day_path, month_path
from storage.candle_sources import open_sources
from tests.bot.tools.download.dump_server import QUICK, Bucket, rows, serving
from tests.models.sources import MINUTE_MS

MAY = Month(2025, 5)
FULL = 31 * 1440
JUNE_10 = MAY.end_ms + 9 * 1440 * MINUTE_MS + 30 * MINUTE_MS + 12_345
PATH = month_path(Market.UM, "AUSDT", MAY)


async def fetch(
    bucket: Bucket,
    folder: Path,
    months: tuple[Month, ...] = (MAY,),
    symbols: tuple[str, ...] = ("AUSDT",),
    now_ms: int = JUNE_10,
) -> Download:
    async with serving(bucket), PoliteClient(random.Random(1), QUICK) as client:
        places = Places(dumps_url=bucket.url, rest_url=bucket.url, folder=folder)
        return await Downloader(client, places, now_ms).run(symbols, months, lambda *_: None)


def candles(folder: Path, symbol: str = "AUSDT") -> pl.DataFrame:
    (source,) = open_sources([folder])
    return source.candles(symbol)


async def test_month_when_the_dump_is_whole_needs_no_rest(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.put(PATH, rows(MAY.start_ms, FULL), header=True)
    (done,) = (await fetch(bucket, tmp_path)).done
    assert (done.rows, done.filled, done.missing, done.final) == (FULL, 0, 0, True)
    assert len(done.sha256) == 1
    assert len(candles(tmp_path)) == FULL
    assert bucket.asked == {PATH: 1, PATH + ".CHECKSUM": 1}


async def test_month_when_fetched_before_is_not_asked_again(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.put(PATH, rows(MAY.start_ms, FULL))
    first = await fetch(bucket, tmp_path)
    bucket.asked.clear()
    (done,) = (await fetch(bucket, tmp_path)).done
    assert done.kept
    assert not bucket.asked
    assert done.rows == first.done[0].rows
    (tmp_path / "AUSDT" / "AUSDT-1m-2025-05.parquet").unlink()
    assert not (await fetch(bucket, tmp_path)).done[0].kept


async def test_month_when_the_dump_has_holes_is_filled_from_rest(tmp_path: Path) -> None:
    lines = rows(MAY.start_ms, FULL)
    bucket = Bucket()
    bucket.put(PATH, lines[:100] + lines[2_000:40_000])
    # REST knows all but ten minutes: 1,890 rows are two pages.
    bucket.put_rest("AUSDT", lines[:500] + lines[510:])
    (done,) = (await fetch(bucket, tmp_path)).done
    assert done.filled == 1_890 + FULL - 40_000
    assert (done.rows, done.missing) == (FULL - 10, 10)
    opened = candles(tmp_path)["open_time"].dt.epoch("ms")
    assert opened.diff().max() == 11 * MINUTE_MS


async def test_month_when_rest_refuses_the_region_keeps_the_dump_for_now(tmp_path: Path) -> None:
    bucket = Bucket(refuse_rest=451)
    bucket.put(PATH, rows(MAY.start_ms, 1_000))
    (done,) = (await fetch(bucket, tmp_path)).done
    assert (done.rows, done.missing, done.final) == (1_000, FULL - 1_000, False)
    assert "HTTP 451" in done.trouble
    bucket.refuse_rest = 0
    bucket.put_rest("AUSDT", rows(MAY.start_ms, FULL))
    (again,) = (await fetch(bucket, tmp_path)).done
    assert (again.rows, again.missing, again.final, again.trouble) == (FULL, 0, True, "")


async def test_month_when_the_symbol_is_forgotten_keeps_its_dump(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.put(PATH, rows(MAY.start_ms, 1_000))
    (done,) = (await fetch(bucket, tmp_path)).done
    assert (done.rows, done.filled, done.missing) == (1_000, 0, FULL - 1_000)


async def test_month_when_not_over_takes_daily_dumps_and_the_newest_from_rest(
    tmp_path: Path,
) -> None:
    june = MAY.next
    bucket = Bucket()
    lines = rows(june.start_ms, 12 * 1440)
    for number, day in enumerate(june.days()[:8]):
        bucket.put(day_path(Market.UM, "AUSDT", day), lines[number * 1440 : (number + 1) * 1440])
    bucket.put_rest("AUSDT", lines)
    (done,) = (await fetch(bucket, tmp_path, (june,))).done
    assert (done.rows, done.filled) == (9 * 1440 + 30, 1440 + 30)
    assert not done.final
    assert len(done.sha256) == 8
    later = await fetch(bucket, tmp_path, (june,), now_ms=JUNE_10 + 10 * MINUTE_MS)
    assert later.done[0].rows == 9 * 1440 + 40
    assert not later.done[0].kept


async def test_dump_when_cut_off_once_is_read_again(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.put(PATH, rows(MAY.start_ms, FULL))
    bucket.faults[PATH] = [lambda content: web.Response(body=content[:1_000])]
    result = await fetch(bucket, tmp_path)
    assert result.failed == []
    assert result.done[0].rows == FULL


async def test_dump_when_cut_off_always_fails_alone_and_can_be_resumed(tmp_path: Path) -> None:
    bucket = Bucket()
    for symbol in ("AUSDT", "BUSDT"):
        bucket.put(month_path(Market.UM, symbol, MAY), rows(MAY.start_ms, FULL))
    bucket.faults[PATH] = [lambda content: web.Response(body=content[:1_000])] * 2
    result = await fetch(bucket, tmp_path, symbols=("AUSDT", "BUSDT"))
    assert [done.symbol for done in result.done] == ["BUSDT"]
    assert len(result.failed) == 1
    assert result.failed[0].startswith("AUSDT 2025-05: AUSDT-1m-2025-05.zip: checksum is")
    assert not (tmp_path / "AUSDT").exists()
    again = await fetch(bucket, tmp_path, symbols=("AUSDT", "BUSDT"))
    assert [(done.symbol, done.kept) for done in again.done] == [("AUSDT", False), ("BUSDT", True)]


async def test_dump_when_its_checksum_is_missing_is_refused(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.put(PATH, rows(MAY.start_ms, FULL))
    del bucket.files[PATH + ".CHECKSUM"]
    assert "has no checksum file" in (await fetch(bucket, tmp_path)).failed[0]


async def test_dump_when_it_holds_another_month_is_refused(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.put(PATH, rows(MAY.start_ms - MINUTE_MS, 10))
    assert "the dump holds a candle of" in (await fetch(bucket, tmp_path)).failed[0]


async def test_dump_when_a_candle_is_none_is_refused_and_nothing_written(tmp_path: Path) -> None:
    bucket = Bucket()
    line = rows(MAY.start_ms, 1)[0].split(",")
    line[2] = "0.5"
    bucket.put(PATH, [",".join(line)])
    (failed,) = (await fetch(bucket, tmp_path)).failed
    assert "column high" in failed
    assert not (tmp_path / "AUSDT").exists()


async def test_month_when_the_venue_has_none_is_remembered(tmp_path: Path) -> None:
    bucket = Bucket()
    (done,) = (await fetch(bucket, tmp_path)).done
    assert (done.rows, done.final) == (0, True)
    bucket.asked.clear()
    assert (await fetch(bucket, tmp_path)).done[0].kept
    assert not bucket.asked


async def test_rest_when_it_answers_nonsense_fails_the_month(tmp_path: Path) -> None:
    bucket = Bucket()
    bucket.put(PATH, rows(MAY.start_ms, 10))
    bucket.rest["AUSDT"] = [[MAY.start_ms + 20 * MINUTE_MS, "1"]]
    assert "REST candles cannot be read" in (await fetch(bucket, tmp_path)).failed[0]
