"""Funding rates of futures from the monthly dumps into one file."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bot.tools.download.client import PoliteClient
from bot.tools.download.dumps import Month, checked, funding_of, funding_path
from bot.tools.download.errors import DownloadError, DumpRefused
from storage.funding import read_funding
from storage.parquet import write_table

SCHEMA: dict[str, pl.DataType] = {
    "symbol": pl.String(),
    "funding_time": pl.Datetime("ms", "UTC"),
    "funding_rate": pl.Float64(),
}


async def download_funding(
    client: PoliteClient,
    dumps_url: str,
    file: Path,
    symbols: Sequence[str],
    months: Sequence[Month],
) -> list[str]:
    """Add the months that `file` lacks and return what failed, one line each.

    There are no daily dumps of funding, so a month that is not over has none yet.

    Raises:
        InvalidCandles: `file` exists and is no funding file.
    """
    frames = [_existing(file)]
    have = _months_of(frames[0])
    failed: list[str] = []
    for symbol in symbols:
        for month in months:
            if (symbol, month) in have:
                continue
            try:
                frames.append(await _month(client, dumps_url, symbol, month))
            except DownloadError as error:
                failed.append(f"{symbol} {month} funding: {error}")
    _write(pl.concat(frames), file)
    return failed


def _existing(file: Path) -> pl.DataFrame:
    if not file.exists():
        return pl.DataFrame(schema=SCHEMA)
    read_funding(file)
    return pl.read_parquet(file).select(list(SCHEMA)).cast(SCHEMA)  # type: ignore[arg-type]


async def _month(client: PoliteClient, dumps_url: str, symbol: str, month: Month) -> pl.DataFrame:
    path = funding_path(symbol, month)
    name = path.rsplit("/", 1)[-1]
    content = await client.read(dumps_url + path)
    if content is None:
        return pl.DataFrame(schema=SCHEMA)
    checksum = await client.read(dumps_url + path + ".CHECKSUM")
    if checksum is None:
        raise DumpRefused(f"{name}: has no checksum file")
    checked(name, content, checksum)
    return funding_of(name, symbol, content)


def _months_of(frame: pl.DataFrame) -> set[tuple[str, Month]]:
    times = frame["funding_time"].dt.epoch("ms").to_list()
    return {
        (symbol, Month.of(time_ms))
        for symbol, time_ms in zip(frame["symbol"].to_list(), times, strict=True)
    }


def _write(frame: pl.DataFrame, file: Path) -> None:
    once = frame.unique(["symbol", "funding_time"], keep="first")
    write_table(once.sort("symbol", "funding_time"), file)
