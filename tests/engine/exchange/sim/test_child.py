"""The exchange as a child process: says where it is, ends with its parent, continues."""

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import polars as pl
import pytest

from engine.exchange.sim.child import ServeError, ServeOptions, serve
from engine.exchange.sim.errors import SimError
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.wire.security import sign
from tests.engine.exchange.sim.market_builders import recorded_frame
from tests.engine.exchange.sim.wire.wire_kit import KEY, KEYS, SECRET, START_MS, eventually

ROOT = Path(__file__).resolve().parents[4]
OPTIONS = ServeOptions(start_ms=START_MS, keys=KEYS, symbols=2, speed=50.0, seed=3)


@asynccontextmanager
async def child(options: ServeOptions) -> AsyncIterator[dict[str, Any]]:
    """Serve on this loop behind a real pipe; closing the pipe is the parent's end."""
    read_end, write_end = os.pipe()
    out = io.StringIO()
    with os.fdopen(read_end, "rb") as stdin:
        told: list[str] = []
        task = asyncio.ensure_future(serve(options, out=out, stdin=stdin, on_ready=told.append))
        try:
            await eventually(lambda: out.getvalue().endswith("\n") or task.done(), 30.0)
            if task.done():
                await task
            ready = json.loads(out.getvalue())
            assert told == [ready["url"]]
            yield ready
        finally:
            os.close(write_end)
            await asyncio.wait_for(asyncio.wait([task]), 20.0)
    await task


async def get(url: str) -> Any:
    async with aiohttp.ClientSession() as http, http.get(url) as reply:
        return await reply.json()


async def signed(ready: dict[str, Any], method: str, path: str, **params: object) -> Any:
    now = (await get(f"{ready['url']}/fapi/v1/time"))["serverTime"]
    text = urlencode({**params, "timestamp": now})
    url = f"{ready['url']}{path}?{text}&signature={sign(SECRET, text)}"
    headers = {"X-MBX-APIKEY": KEY}
    async with aiohttp.ClientSession(headers=headers) as http, http.request(method, url) as reply:
        return await reply.json()


async def test_serve_when_ready_says_where_and_which_clock() -> None:
    async with child(OPTIONS) as ready:
        told = await get(f"{ready['url']}/sim/clock")

        assert ready["ws_url"].startswith("ws://127.0.0.1:")
        assert ready["ws_api_url"].endswith("/ws-fapi/v1")
        assert (ready["epoch_ms"], ready["speed"]) == (START_MS, 50.0)
        assert told["started_at"] == ready["started_at"]


async def test_serve_when_the_pipe_closes_ends_and_stops_listening() -> None:
    async with child(OPTIONS) as ready:
        pass

    with pytest.raises(aiohttp.ClientConnectionError):
        await get(f"{ready['url']}/fapi/v1/ping")


async def test_serve_when_started_again_continues_time_and_positions(tmp_path: Path) -> None:
    options = replace(OPTIONS, data=tmp_path)
    async with child(options) as ready:
        await signed(
            ready, "POST", "/fapi/v1/order",
            symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.010",
        )  # fmt: skip
        before = await signed(ready, "GET", "/fapi/v3/positionRisk", symbol="BTCUSDT")
        ended_after = (await get(f"{ready['url']}/sim/clock"))["now_ms"]

    later_options = replace(options, start_ms=START_MS + 10**9)
    async with child(later_options) as ready:
        after = await signed(ready, "GET", "/fapi/v3/positionRisk", symbol="BTCUSDT")
        continued_at = ready["epoch_ms"]

    assert before[0]["positionAmt"] == after[0]["positionAmt"] == "0.010"
    assert before[0]["entryPrice"] == after[0]["entryPrice"]
    assert START_MS < continued_at < ended_after + 600_000


async def test_serve_when_fresh_forgets_the_saved_state(tmp_path: Path) -> None:
    options = replace(OPTIONS, data=tmp_path)
    async with child(options) as ready:
        await signed(ready, "POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=7)

    async with child(replace(options, fresh=True)) as ready:
        config = await signed(ready, "GET", "/fapi/v1/symbolConfig", symbol="BTCUSDT")

    assert ready["epoch_ms"] == START_MS
    assert config[0]["leverage"] != 7


async def test_serve_when_the_state_is_of_other_options_is_refused(tmp_path: Path) -> None:
    async with child(replace(OPTIONS, data=tmp_path)):
        pass

    with pytest.raises(SimError, match="start with the same options or with --fresh"):
        await serve(replace(OPTIONS, data=tmp_path, seed=4))


async def test_serve_when_replaying_serves_the_recorded_candles_and_continues(
    tmp_path: Path,
) -> None:
    frame = recorded_frame("AAAUSDT", 700)
    frame.write_parquet(tmp_path / "aaa.parquet")
    options = replace(
        OPTIONS, start_ms=None, replay=(tmp_path / "aaa.parquet",), data=tmp_path / "state"
    )

    async with child(options) as ready:
        first_epoch = ready["epoch_ms"]
        rows = await get(f"{ready['url']}/fapi/v1/klines?symbol=AAAUSDT&interval=1m&limit=9")
        recorded = dict(zip(epoch_ms(frame), frame["close"].to_list(), strict=True))
        assert [float(row[4]) for row in rows[:-1]] == [recorded[row[0]] for row in rows[:-1]]
    async with child(options) as ready:
        assert ready["epoch_ms"] > first_epoch


def epoch_ms(frame: pl.DataFrame) -> list[int]:
    return frame["open_time"].dt.epoch("ms").to_list()


async def test_serve_when_journalling_saves_while_it_runs(tmp_path: Path) -> None:
    async with child(replace(OPTIONS, data=tmp_path, journal_every_s=0.01)):
        await eventually((tmp_path / "sim_state.json").exists)


async def test_serve_when_a_synthetic_market_has_no_start_is_refused() -> None:
    with pytest.raises(ServeError, match="needs start_ms"):
        await serve(replace(OPTIONS, start_ms=None))


async def test_serve_when_the_pump_fails_raises_and_keeps_the_saved_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = replace(OPTIONS, data=tmp_path)
    async with child(options):
        pass
    before = (tmp_path / "sim_state.json").read_bytes()

    def broken(market: SyntheticMarket, to_ms: int) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(SyntheticMarket, "advance", broken)
    with pytest.raises(ExceptionGroup) as caught:
        await serve(replace(options, end_with_stdin=False), out=io.StringIO())

    assert caught.group_contains(ZeroDivisionError)
    assert (tmp_path / "sim_state.json").read_bytes() == before


SCRIPT = f"""
import asyncio
from engine.exchange.sim.child import ServeOptions, serve
from engine.exchange.sim.wire.security import ApiKey
asyncio.run(serve(ServeOptions(start_ms={START_MS}, keys={{"k": ApiKey("a", "s")}}, symbols=1)))
"""


async def test_process_when_its_parent_closes_the_pipe_ends_with_zero() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SCRIPT,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 30.0))

    process.stdin.close()
    code = await asyncio.wait_for(process.wait(), 30.0)

    assert ready["url"].startswith("http://127.0.0.1:")
    assert code == 0


async def test_process_when_terminated_ends_with_zero() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SCRIPT,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await asyncio.wait_for(process.stdout.readline(), 30.0)

    process.terminate()
    code = await asyncio.wait_for(process.wait(), 30.0)

    assert code == 0
