"""Tests of bot/tools/check_venue.py: a venue on loopback that answers by script."""

import asyncio
import random
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.tools import check_venue
from bot.tools.check_venue import VenueCheck, advice_on_key, judge_key, judge_offset
from bot.tools.findings import Finding, Level
from engine.exchange.binance.codec_account import decode_key_permissions
from engine.exchange.binance.config import BinanceConfig
from tests.engine.exchange.binance import frames
from tests.engine.exchange.binance.scripted import Answer, Wired, sends, wired
from tests.engine.exchange.binance.virtual import loop_clock

KEY = "/sapi/v1/account/apiRestrictions"
NO_KEYS = {"api_key": "", "api_secret": ""}


def ready(it: Wired) -> None:
    """Script a venue that is in order."""
    it.venue.answer("GET", "v1/time", Answer({"serverTime": it.clock.exchange_ms()}))
    it.venue.answer("GET", "v1/exchangeInfo", Answer(frames.exchange_info("BTCUSDT", "ETHUSDT")))
    it.venue.socket("/market/stream", sends(frames.combined("x", frames.kline())))
    it.venue.answer("GET", "v1/accountConfig", Answer(frames.ACCOUNT_CONFIG))
    it.venue.answer("GET", "v3/account", Answer(frames.ACCOUNT_V3))
    it.venue.answer("GET", "v3/positionRisk", Answer([]))
    it.venue.answer("GET", KEY, Answer(frames.KEY_PERMISSIONS))


@asynccontextmanager
async def examined(**changes: Any):
    async with wired(**changes) as it:
        ready(it)
        check = VenueCheck(it.config, it.clock, random.Random(1))
        try:
            yield it, check
        finally:
            await check.close()


def about(findings: list[Finding], name: str) -> Finding:
    (found,) = [finding for finding in findings if finding.about == name]
    return found


async def test_venue_when_all_is_well_has_only_good_findings_and_changes_nothing():
    async with examined() as (it, check):
        findings = await check.run()

        assert {finding.level for finding in findings} == {Level.GOOD}
        assert [finding.about for finding in findings] == [
            "venue",
            "clock",
            "contracts",
            "data stream",
            "key",
            "account",
            "wallet",
        ]
        assert {asked.method for asked in it.venue.asked} == {"GET"}
        assert "9999.50 USDT, no open position" in about(findings, "wallet").text


async def test_venue_when_there_are_no_keys_leaves_the_account_alone():
    async with examined(**NO_KEYS) as (it, check):
        findings = await check.run()

        assert "account" not in {finding.about for finding in findings}
        assert it.venue.requests("v1/accountConfig") == []


async def test_venue_when_the_region_is_not_served_says_so():
    async with examined() as (it, check):
        it.venue.answer("GET", "v1/time", Answer({"code": 0, "msg": "restricted"}, 451))

        first, left_out = await check.run()

    assert first.level is Level.FAULT
    assert "does not serve this machine's region (HTTP 451)" in first.text
    assert left_out.level is Level.WARNING
    assert left_out.text.endswith("clock, data stream, account")


async def test_venue_when_nobody_answers_says_what_was_left_out():
    config = BinanceConfig.custom("http://127.0.0.1:9")
    check = VenueCheck(config, loop_clock(), random.Random(1))

    first, left_out = await check.run()
    await check.close()

    assert first.level is Level.FAULT
    assert "http://127.0.0.1:9 cannot be reached" in first.text
    assert left_out.text.endswith("clock, data stream")


async def test_venue_when_it_is_busy_is_a_fault_that_may_pass():
    async with examined() as (it, check):
        it.venue.answer("GET", "v1/time", Answer({"code": -1003, "msg": "slow down"}, 429))

        first, _ = await check.run()

    assert first.level is Level.FAULT
    assert first.advice == "try again in a minute"


async def test_contracts_when_none_is_trading_are_a_fault():
    async with examined(**NO_KEYS) as (it, check):
        nothing = frames.exchange_info("BTCUSDT", status="SETTLING")
        it.venue.answer("GET", "v1/exchangeInfo", Answer(nothing))

        found = about(await check.run(), "contracts")

    assert (found.level, found.text) == (Level.FAULT, "no USDT perpetual is trading")


async def test_contracts_when_the_list_is_unreadable_are_a_fault():
    async with examined(**NO_KEYS) as (it, check):
        it.venue.answer("GET", "v1/exchangeInfo", Answer({"surprise": 1}))

        assert about(await check.run(), "contracts").level is Level.FAULT


@pytest.mark.parametrize("script", [sends(), sends(close=1001)])
async def test_stream_when_nothing_comes_is_a_fault(monkeypatch, script):
    monkeypatch.setattr(check_venue, "FRAME_PATIENCE_S", 0.2)
    async with examined(**NO_KEYS) as (it, check):
        it.venue.socket("/market/stream", script)

        found = about(await check.run(), "data stream")

    assert found.level is Level.FAULT
    assert "frame" in found.text


async def test_stream_when_the_connection_is_refused_is_a_fault():
    async with examined(**NO_KEYS) as (it, check):
        it.venue._sockets.clear()

        assert about(await check.run(), "data stream").level is Level.FAULT


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"canTrade": False}, "not allowed to trade"),
        ({"dualSidePosition": True}, "hedge mode"),
        ({"multiAssetsMargin": True}, "multi-assets mode"),
    ],
)
async def test_account_when_a_setting_stands_in_the_way_is_a_fault(changes, said):
    async with examined() as (it, check):
        it.venue.answer("GET", "v1/accountConfig", Answer({**frames.ACCOUNT_CONFIG, **changes}))

        found = about(await check.run(), "account")

    assert found.level is Level.FAULT
    assert said in found.text


async def test_account_when_everything_is_wrong_tells_each():
    wrong = {"canTrade": False, "dualSidePosition": True, "multiAssetsMargin": True}
    async with examined() as (it, check):
        it.venue.answer("GET", "v1/accountConfig", Answer({**frames.ACCOUNT_CONFIG, **wrong}))

        findings = await check.run()

    assert len([finding for finding in findings if finding.about == "account"]) == 3


@pytest.mark.parametrize(
    ("code", "status", "advised"),
    [(-2015, 401, "this machine's IP"), (-2014, 401, "SMCBOT_BINANCE_KEY"), (-1022, 400, "SECRET")],
)
async def test_account_when_the_key_is_refused_says_what_to_do(code, status, advised):
    async with examined() as (it, check):
        it.venue.answer("GET", "v1/accountConfig", Answer({"code": code, "msg": "no"}, status))

        found = about(await check.run(), "account")

    assert found.level is Level.FAULT
    assert str(code) in found.text
    assert advised in found.advice
    assert found.advice == advice_on_key(code)


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({"enableFutures": False}, Level.FAULT, "may not trade"),
        ({"enableWithdrawals": True}, Level.FAULT, "WITHDRAW"),
        ({"enableInternalTransfer": True}, Level.FAULT, "transfer"),
    ],
)
async def test_key_when_it_may_too_much_or_too_little_says_so(changes, level, said):
    async with examined() as (it, check):
        it.venue.answer("GET", KEY, Answer({**frames.KEY_PERMISSIONS, **changes}))

        found = about(await check.run(), "key")

    assert found.level is level
    assert said in found.text
    assert found.advice


def test_key_when_it_is_bound_to_no_address_is_a_warning_unless_the_exchange_is_here():
    loose = decode_key_permissions({**frames.KEY_PERMISSIONS, "ipRestrict": False})

    (abroad,) = judge_key(loose)
    assert abroad.level is Level.WARNING
    assert "any address" in abroad.text
    assert [one.level for one in judge_key(loose, local=True)] == [Level.GOOD]
    bound = decode_key_permissions(frames.KEY_PERMISSIONS)
    assert "bound to named addresses" in judge_key(bound)[0].text


async def test_key_when_the_venue_does_not_tell_is_a_warning_and_the_rest_is_examined():
    async with examined() as (it, check):
        it.venue.answer("GET", KEY, Answer("<html>", 403))

        findings = await check.run()

    assert about(findings, "key").level is Level.WARNING
    assert about(findings, "account").level is Level.GOOD


async def test_key_when_on_the_demo_is_not_asked_for():
    async with examined(wallet_url=None) as (it, check):
        findings = await check.run()

        assert it.venue.requests(KEY) == []
    assert "the demo does not tell" in about(findings, "key").text


async def test_account_when_it_cannot_be_read_is_a_fault():
    async with examined() as (it, check):
        it.venue.answer("GET", "v3/account", Answer(cut=True))

        assert about(await check.run(), "account").level is Level.FAULT


async def test_wallet_when_positions_are_open_names_them():
    async with examined() as (it, check):
        it.venue.answer("GET", "v3/positionRisk", Answer([frames.POSITION_RISK]))

        found = about(await check.run(), "wallet")

    assert found.level is Level.WARNING
    assert "open positions: BTCUSDT" in found.text


@pytest.mark.parametrize(
    ("offset_ms", "speed", "level", "said"),
    [
        (0, 1.0, Level.GOOD, "0 ms from"),
        (-500, 1.0, Level.GOOD, "500 ms from"),
        (501, 1.0, Level.WARNING, "0.5 s behind the venue"),
        (-2_500, 1.0, Level.WARNING, "2.5 s ahead of the venue"),
        (8_000, 20.0, Level.GOOD, "400 ms from"),
    ],
)
def test_offset_when_judged_is_wall_time(offset_ms, speed, level, said):
    found = judge_offset(offset_ms, speed)

    assert found.level is level
    assert said in found.text


async def test_check_when_cancelled_leaves_no_connection():
    async with examined() as (it, check):
        it.venue.answer("GET", "v1/time", Answer({"serverTime": 1}, late_s=5))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await check.run()
