import random
from contextlib import AsyncExitStack

import pytest

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
        with pytest.raises(VenueUnreachable, match="no embedded exchange answers at"):
            await connect("sim", options, settings(tmp_path), random.Random(1), stack)
