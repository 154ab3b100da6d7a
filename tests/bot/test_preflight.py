"""Tests of bot/preflight.py: a venue on loopback that answers by script."""

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest

from bot import preflight
from bot.desk_preflight import AccountFacts, KeyFacts, MarginFacts, ReachFacts, Unread
from bot.preflight import NO_KEYS, Preflight
from bot.venue_link import VenueLink
from bot.views.preflight import Mark, checklist
from engine.exchange.binance.market_data import BinanceMarketData
from engine.exchange.binance.venue import BinanceVenue
from engine.ports import CallKind
from tests.engine.exchange.binance import frames
from tests.engine.exchange.binance.scripted import Answer, wired
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import rig, until

KEY = "/sapi/v1/account/apiRestrictions"
SYMBOLS = ("BTCUSDT", "ETHUSDT")


@asynccontextmanager
async def ready(*, keys: bool = True, **changes: Any):
    """A venue that is in order, and the preflight of a link to it."""
    async with wired(**changes) as it:
        it.venue.answer("GET", "v1/time", Answer({"serverTime": it.clock.exchange_ms()}))
        it.venue.answer("GET", KEY, Answer(frames.KEY_PERMISSIONS))
        it.venue.answer("GET", "v1/accountConfig", Answer(frames.ACCOUNT_CONFIG))
        it.venue.answer("GET", "v3/account", Answer(frames.ACCOUNT_V3))
        it.venue.answer("GET", "v1/symbolConfig", Answer(frames.SYMBOL_CONFIG))
        it.venue.answer("GET", "v1/openAlgoOrders", Answer([frames.ALGO_REPLY]))
        account = BinanceVenue(it.config, it.clock, it.rest, rng=random.Random(1)) if keys else None
        market = BinanceMarketData(it.config, it.clock, it.rest)
        link = VenueLink("binance", it.clock, it.rest, market, account)
        yield it, Preflight(link, lambda: SYMBOLS, leverage=10)


async def test_ask_when_all_is_well_reads_every_fact_and_changes_nothing():
    async with ready() as (it, asked):
        facts = await asked.ask()

        assert {one.method for one in it.venue.asked} == {"GET"}
        assert it.rest.counters.by_kind[CallKind.RECOVERY] == 7
        assert sum(it.rest.counters.by_kind.values()) == 7
    assert isinstance(facts.reach, ReachFacts)
    assert not facts.reach.region_refused
    assert abs(facts.reach.behind_s) < 5
    assert isinstance(facts.key, KeyFacts)
    assert asdict(facts.key) == {
        "trade": True,
        "withdraw": False,
        "transfer": False,
        "universal_transfer": False,
        "ip_restricted": True,
    }
    assert facts.account == AccountFacts(can_trade=True, hedge_mode=False, multi_assets=False)
    assert facts.wallet == Decimal("9999.5")
    # BTCUSDT is crossed at 21, ETHUSDT isolated at 10.
    assert facts.margins == MarginFacts(ready=1, scanned=2, leverage=10)
    assert (facts.stops.resting, facts.stops.hears, facts.stops.fast) == (1, False, False)


async def test_ask_when_the_region_is_refused_asks_nothing_further():
    async with ready() as (it, asked):
        it.venue.answer("GET", "v1/time", Answer({"code": 0, "msg": "restricted"}, 451))
        facts = await asked.ask()

        assert {one.path for one in it.venue.asked} == {"/fapi/v1/time"}
    assert facts.reach == ReachFacts(region_refused=True)
    assert facts.account == Unread("the venue is out of reach")


async def test_ask_when_nobody_answers_says_why():
    async with ready() as (it, asked):
        await it.venue.stop()
        facts = await asked.ask()

    assert isinstance(facts.reach, Unread)
    assert "v1/time" in facts.reach.reason
    assert isinstance(facts.wallet, Unread)


async def test_ask_when_there_are_no_keys_says_so():
    async with ready(keys=False) as (_, asked):
        facts = await asked.ask()

    assert isinstance(facts.reach, ReachFacts)
    assert facts.key == Unread(NO_KEYS)


async def test_ask_when_the_key_is_refused_keeps_the_venues_words_and_the_other_facts():
    async with ready() as (it, asked):
        it.venue.answer("GET", KEY, Answer({"code": -2015, "msg": "Invalid API-key"}, 401))
        facts = await asked.ask()

    assert isinstance(facts.key, Unread)
    assert "Invalid API-key" in facts.key.reason
    assert isinstance(facts.account, AccountFacts)


async def test_ask_when_the_venue_has_no_wallet_api_reads_the_rest():
    async with ready(wallet_url=None) as (_, asked):
        facts = await asked.ask()

    assert facts.key == Unread("404: this venue has no wallet API")
    assert isinstance(facts.wallet, Decimal)


@pytest.mark.parametrize("path", ["v1/accountConfig", "v1/time", KEY])
async def test_ask_when_the_venue_is_slow_ends_within_its_patience(
    monkeypatch: pytest.MonkeyPatch, path: str
):
    monkeypatch.setattr(preflight, "PATIENCE_S", 0.2)
    async with ready() as (it, asked):
        it.venue.answer("GET", path, Answer({}, late_s=5.0))
        async with asyncio.timeout(4.0):
            facts = await asked.ask()

    unread = {"v1/accountConfig": facts.account, "v1/time": facts.reach, KEY: facts.key}[path]
    assert isinstance(unread, Unread)
    assert "no answer within" in unread.reason


@on_idle_loop
async def test_checklist_when_on_the_embedded_exchange_lets_live_mode_on(tmp_path):
    """Adapter, protocol and judgement together: nothing is unread, nothing blocks."""
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        link = bot.machine._parts.link
        await until(lambda: bot.account.is_hearing, what="the user stream")

        facts = await Preflight(
            link, lambda: bot.machine.scanner.universe.symbols, bot.machine.limits.leverage
        ).ask()

        snapshot = bot.machine.engine.snapshot(bot.machine.clock.instant())
    found = checklist(facts, snapshot, venue="embedded exchange", proven=True)
    assert {check.mark for check in found} <= {Mark.GOOD, Mark.MEANINGLESS}, found
    assert isinstance(facts.margins, MarginFacts)
    assert facts.margins.ready == facts.margins.scanned > 0
