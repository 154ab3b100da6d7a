"""Tests of bot/cli/download.py."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.download import parse_symbol
from bot.cli.main import app
from bot.tools.download.dumps import Market, Month, month_path
from tests.bot.tools.download.dump_server import Bucket, rows, serving

MAY = Month(2025, 5)


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    """Serve from a thread of its own, because the command runs its own loop."""
    bucket, ready, done = Bucket(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(bucket):
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(5)
    yield bucket
    loop.call_soon_threadsafe(done.set)
    thread.join(5)
    loop.close()


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["download", *arguments])
    return result.exit_code, result.output


def test_download_when_run_tells_what_it_wrote(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put(month_path(Market.UM, "AUSDT", MAY), rows(MAY.start_ms, 31 * 1440))
    common = ("--from", "2025-05", "--to", "2025-05", "--out", str(tmp_path))
    urls = ("--dumps-url", bucket.url + "/", "--rest-url", bucket.url)
    code, output = run("ausdt", *common, *urls, "--funding")
    assert code == 0, output
    assert "1 months in" in output
    assert "44,640 candles, 0 from REST, 0 minutes missing" in output
    assert (tmp_path / "klines" / "AUSDT" / "AUSDT-1m-2025-05.parquet").exists()
    assert (tmp_path / "funding.parquet").exists()
    code, output = run("NOUSDT", *common, *urls)
    assert code == 0
    assert "NOUSDT 2025-05: the venue has no candles" in output


def test_download_when_a_dump_is_damaged_exits_with_one(bucket: Bucket, tmp_path: Path) -> None:
    path = month_path(Market.UM, "AUSDT", MAY)
    bucket.put(path, rows(MAY.start_ms, 10))
    bucket.files[path] = bucket.files[path][:100]
    urls = ("--dumps-url", bucket.url, "--rest-url", bucket.url)
    code, output = run(
        "AUSDT", "--from", "2025-05", "--to", "2025-05", "--out", str(tmp_path), *urls
    )
    assert code == 1
    assert "failed: AUSDT 2025-05: AUSDT-1m-2025-05.zip: checksum is" in output


@pytest.mark.parametrize(
    ("dates", "fault"),
    [
        (("--from", "2025"), "'2025' is no month"),
        (("--from", "2025-06", "--to", "2025-05"), "holds no month of the past"),
    ],
)
def test_download_when_the_months_are_wrong_says_so(dates: tuple[str, ...], fault: str) -> None:
    code, output = run("AUSDT", *dates)
    assert code == 2
    assert "download: " in output
    assert fault in output


@pytest.mark.parametrize("text", ["", "../BTCUSDT", "BTC/USDT", "BTC USDT"])
def test_symbol_when_it_can_be_none_is_refused_before_it_gets_into_a_path(text: str) -> None:
    with pytest.raises(ValueError, match="is no symbol, write it like BTCUSDT"):
        parse_symbol(text)


def test_symbol_when_written_small_is_the_venues() -> None:
    assert parse_symbol(" 1000pepeusdt ") == "1000PEPEUSDT"
