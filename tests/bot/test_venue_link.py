import asyncio
import random
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from bot.run_options import RunOptions
from bot.settings import Settings
from bot.venue_link import connect, read_clock
from engine.domain.errors import VenueUnreachable
from engine.runtime.clock import SystemClock


def settings(tmp_path, **values):
    return Settings.load(_env_file=None, data_dir=tmp_path, **values)


async def test_link_when_the_venue_is_embedded_shares_its_clock_and_account(tmp_path):
    async with AsyncExitStack() as stack:
        options = RunOptions(symbols=3, speed=50)
        link = await connect("sim", options, settings(tmp_path), random.Random(1), stack)

        assert link.clock.speed == 50
        assert link.account is not None
        assert link.control_url == link.child.url
        ours = link.clock.exchange_ms()
        theirs = (await read_clock(link.control_url)).exchange_ms()
        assert 0 <= theirs - ours < 50 * 5_000
        assert "BTCUSDT" in {i.symbol for i in await link.market.instruments()}


async def test_link_when_the_venue_is_real_has_no_account_without_keys(tmp_path):
    async with AsyncExitStack() as stack:
        link = await connect("binance", RunOptions(), settings(tmp_path), random.Random(1), stack)

        assert link.account is None
        assert link.child is None
        assert isinstance(link.clock, SystemClock)


async def test_link_when_nobody_answers_at_the_address_says_so(tmp_path):
    options = RunOptions(exchange_url="http://127.0.0.1:9")
    async with AsyncExitStack() as stack:
        with pytest.raises(VenueUnreachable) as refused:
            await connect("sim", options, settings(tmp_path), random.Random(1), stack)

    said = str(refused.value)
    assert "no embedded exchange at http://127.0.0.1:9: cannot connect to 127.0.0.1:9 (" in said
    assert "python -m bot exchange" in said
    assert "ssl" not in said
    assert "\n" not in said


async def test_link_when_something_else_answers_says_so():
    async with an_exchange_that_says({"hello": "world"}) as url:
        with pytest.raises(VenueUnreachable, match="what answers is something else"):
            await read_clock(url)


async def test_link_when_the_machine_is_seconds_off_lives_in_the_time_of_the_venue(tmp_path):
    """With our clock 6 s ahead every close was overdue before it happened."""
    async with AsyncExitStack() as stack:
        link = await connect("binance", RunOptions(), settings(tmp_path), random.Random(1), stack)
        own = SystemClock()
        link.rest.server.resync(own.exchange_ms() - 6_000, own.exchange_ms())

        assert abs(link.clock.exchange_ms() - (own.exchange_ms() - 6_000)) < 1_000
        assert abs(link.clock.exchange_ms() - link.rest.server.now_ms()) < 1_000
        assert abs(link.clock.wall_ms() - own.wall_ms()) < 1_000


@asynccontextmanager
async def an_exchange_that_says(told):
    async def answer(_request):
        return web.json_response(told)

    app = web.Application()
    app.router.add_get("/sim/clock", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    finally:
        await runner.cleanup()


async def test_clock_when_the_exchange_runs_elsewhere_believes_its_word_of_now():
    """Monotonic time of another machine means nothing here."""
    loop = asyncio.get_running_loop()
    told = {"epoch_ms": 0, "speed": 20.0, "started_at": loop.time() + 90_000, "now_ms": 5_000_000}
    async with an_exchange_that_says(told) as url:
        clock = await read_clock(url)

    assert 0 <= clock.exchange_ms() - 5_000_000 < 20 * 5_000


async def test_clock_when_the_exchange_runs_here_is_exact():
    loop = asyncio.get_running_loop()
    told = {"epoch_ms": 1_000, "speed": 20.0, "started_at": loop.time() - 100, "now_ms": 2_001_100}
    async with an_exchange_that_says(told) as url:
        clock = await read_clock(url)
        expected = 1_000 + (loop.time() - told["started_at"]) * 20_000

    assert abs(clock.exchange_ms() - expected) < 50
