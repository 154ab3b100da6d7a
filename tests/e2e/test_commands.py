"""Every command over HTTP, with its buttons and confirmations, down to the exchange's own books."""

import re
from decimal import Decimal

import pytest

from bot.handlers.table import COMMANDS
from engine.domain.signal import Mode
from tests.e2e.cockpit import Cockpit, cockpit
from tests.e2e.operator import labels
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import BTC, ETH, SOL, until

LOOKS = {
    "/start": "/status shows",
    "/help": "/status",
    "/status": "equity",
    "/positions": "BTC",
    "/signals": "BTC",
    "/universe": "scanned",
    "/health": "feed|Feed|symbols",
    "/model": "Scorer|scorer",
    "/journal": "[Nn]o|command|/",
    "/pnl": "net|No trades|today",
    "/pnl all": "net|No trades|all",
    "/daily 3": "day|No trades|UTC",
    "/performance": "net|No trades|all",
    "/mode": "signals",
    "/live": "live",
    "/risk": "%",
    "/threshold": "0\\.",
    "/edge": "edge",
    "/settings": "Signals",
    "/resetbreakers": "No breaker is tripped",
    "/mute": "Nothing is muted",
    "/why btc": "BTCUSDT",
    "/chart btc": "BTCUSDT",
    "/chart btc 30": "BTCUSDT",
}
WRONG = {
    "/close": "Which one",
    "/close nonsense": "do not know",
    "/close eth": "No open position in ETHUSDT",
    "/close btc 33": "25, 50 or 100",
    "/mode fast": "signals, paper or live",
    "/live perhaps": "on or off",
    "/risk 9": "0.5",
    "/threshold 7": "0",
    "/edge perhaps": "required",
    "/mute btc 99x": "30d|Duration",
    "/unmute": "Which one",
    "/breakeven": "Which one",
    "/take": "takes a signal's id",
    "/skip": "takes a signal's id",
    "/chart": "Which one",
    "/settings signals loud": "on, silent or off",
    "/pnl year": "day, week, month or all",
    "/panik": "Did you mean /panic",
}


@on_idle_loop
async def test_every_looking_command_when_typed_is_answered(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        await all_of_it.world.enter(all_of_it.bot, BTC)
        await all_of_it.rest(10)

        for text, expected in LOOKS.items():
            told = await all_of_it.operator.tell(text)
            assert re.search(expected, told), (text, told)
            await all_of_it.rest()

        assert all_of_it.chat.page.conversation.throttle.refused == 0


@on_idle_loop
async def test_every_wrong_argument_when_typed_gets_one_line_that_says_what_is_expected(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        await all_of_it.world.enter(all_of_it.bot, BTC)
        await all_of_it.rest(10)

        for text, expected in WRONG.items():
            told = await all_of_it.operator.tell(text)
            assert re.search(expected, told), (text, told)
            assert "\n" not in told, told
            await all_of_it.rest()

        assert all_of_it.world.held(BTC) > 0


@on_idle_loop
async def test_trade_when_lived_through_is_told_halved_moved_and_closed_from_the_phone(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        world, operator = all_of_it.world, all_of_it.operator
        await world.enter(all_of_it.bot, ETH)  # the first live entry is at the minimum
        await world.enter(all_of_it.bot, BTC)
        signal = await all_of_it.told("BTCUSDT LONG")
        assert signal["photo"]
        assert labels(signal) == ["📈 Chart", "Why", "🔇 Mute 2 h"]
        await all_of_it.rest(8)
        replies = [item for item in operator.heard if item["reply_to"] == signal["id"]]
        assert len(replies) >= 2  # the fill, the stop
        full = world.held(BTC)

        listed = await operator.say("/positions")
        half = await operator.press_data(listed, "close:BTCUSDT:50")
        done = await operator.press(half.item, "Close 50 %")
        assert done.text.startswith("✅"), done
        await until(lambda: world.held(BTC) < full, what="half is left")
        assert abs(world.held(BTC) - full / 2) <= full * Decimal("0.05")
        await all_of_it.rest(5)

        why = await operator.press(signal, "Why")
        assert "BTCUSDT" in why.text
        await all_of_it.rest()
        chart = await operator.press(await operator.say("/positions"), "BTC")
        assert any(item["photo"] for item in chart.changed)
        await all_of_it.rest(4)

        question = await operator.say("/close btc")
        closed = await operator.press(question, "Close 100 %")
        assert closed.changed[0]["text"].startswith("✅"), closed
        await until(lambda: world.held(BTC) == 0, what="flat at the exchange")
        await all_of_it.told("net")
        assert world.resting(BTC) == []
        world.assert_lawful()


@on_idle_loop
async def test_stop_when_moved_to_break_even_from_the_phone_rests_there_at_the_exchange(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        world, operator = all_of_it.world, all_of_it.operator
        await world.enter(all_of_it.bot, BTC)
        await all_of_it.rest(8)
        before = _stop_price(all_of_it)
        world.trade_at(BTC, "1.005")

        listed = await operator.say("/positions")
        moved = await operator.press_data(listed, "breakeven:BTCUSDT")

        assert moved.changed[0]["text"].startswith("✅"), moved
        # The price may fall back through the new stop; then it has done its work.
        await until(lambda: _stop_price(all_of_it) > before or world.held(BTC) == 0)
        world.assert_lawful()


def _stop_price(all_of_it: Cockpit) -> Decimal:
    rows = all_of_it.world.resting(BTC)
    stops = [Decimal(r["triggerPrice"]) for r in rows if r["orderType"] == "STOP_MARKET"]
    return max(stops, default=Decimal(0))


@on_idle_loop
async def test_panic_when_typed_flattens_everything_and_ends_in_signals_mode(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        world = all_of_it.world
        await world.enter(all_of_it.bot, BTC)
        await world.enter(all_of_it.bot, ETH)

        told = await all_of_it.operator.tell("/panic")

        assert "✅" in told
        await until(lambda: world.held(BTC) == 0 == world.held(ETH), what="flat")
        shown = all_of_it.chat.desk.snapshot()
        assert shown.mode is Mode.SIGNALS
        assert shown.paused


@on_idle_loop
async def test_close_all_when_confirmed_closes_everything(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        world, operator = all_of_it.world, all_of_it.operator
        await world.enter(all_of_it.bot, BTC)
        await world.enter(all_of_it.bot, SOL)
        await all_of_it.rest(12)

        question = await operator.say("/closeall")
        assert "2 positions" in question["text"]
        await operator.press(question, "Close all")

        await until(lambda: world.held(BTC) == 0 == world.held(SOL), what="flat")


@on_idle_loop
async def test_ladder_when_climbed_and_left_asks_upwards_only(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        operator, desk = all_of_it.operator, all_of_it.chat.desk

        assert "✅" in await operator.tell("/mode signals")
        assert desk.snapshot().mode is Mode.SIGNALS
        await all_of_it.rest()
        checklist = await operator.say("/live on")
        assert "Continue" in labels(checklist), checklist["text"]
        last = await operator.press(checklist, "Continue")
        assert desk.snapshot().mode is Mode.SIGNALS
        await operator.press(last.item, "Go live")
        assert desk.snapshot().mode is Mode.LIVE
        await all_of_it.rest()
        assert "✅" in await operator.tell("/live off")
        assert desk.snapshot().mode is Mode.PAPER
        await all_of_it.rest()
        modes = await operator.say("/mode")
        pressed = await operator.press(modes, "signals")
        assert "✅" in pressed.text
        assert desk.snapshot().mode is Mode.SIGNALS


@on_idle_loop
async def test_risk_when_raised_asks_and_when_lowered_does_not(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        operator, desk = all_of_it.operator, all_of_it.chat.desk
        assert "✅" in await operator.tell("/risk 0.5")
        assert desk.snapshot().risk_pct == Decimal("0.5")
        await all_of_it.rest()

        question = await operator.say("/risk 1.5")
        assert desk.snapshot().risk_pct == Decimal("0.5")
        assert "✅" in (await operator.press(question, "1.5 %")).text
        assert desk.snapshot().risk_pct == Decimal("1.5")
        await all_of_it.rest()

        refused = await operator.press(await operator.say("/risk 2.0"), "Cancel")
        assert "nothing was done" in refused.text
        assert desk.snapshot().risk_pct == Decimal("1.5")


@on_idle_loop
async def test_switches_when_used_hold(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        operator, desk = all_of_it.operator, all_of_it.chat.desk
        assert "✅" in await operator.tell("/pause lunch")
        assert desk.snapshot().paused
        await all_of_it.rest()
        status = await operator.say("/status")
        assert "Resume" in labels(status)[-1]
        await operator.press(status, "Resume")
        assert not desk.snapshot().paused
        await all_of_it.rest()
        assert "✅" in await operator.tell("/threshold 0.66")
        assert desk.snapshot().threshold == pytest.approx(0.66)
        await all_of_it.rest()
        assert "✅" in await operator.tell("/threshold auto 150")
        await all_of_it.rest()
        assert "✅" in await operator.tell("/mute eth 1h")
        assert ETH in desk.snapshot().muted
        await all_of_it.rest()
        assert "ETHUSDT" in await operator.tell("/mute")
        await all_of_it.rest()
        assert "✅" in await operator.tell("/unmute eth")
        await all_of_it.rest()
        assert "✅" in await operator.tell("/edge required")
        assert not desk.snapshot().allow_negative_edge
        await all_of_it.rest()
        question = await operator.say("/edge override")
        await operator.press(question, "Trade without an edge")
        assert desk.snapshot().allow_negative_edge
        await all_of_it.rest()
        journal = await operator.tell("/journal 20")
        assert "ause" in journal


@on_idle_loop
async def test_signal_when_it_asks_is_entered_only_by_a_take(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        world, operator = all_of_it.world, all_of_it.operator
        assert "✅" in await operator.tell("/settings approval on")
        await world.signal(BTC)
        asking = await all_of_it.told("Traded only with your Take")
        assert world.held(BTC) == 0

        await operator.press(asking, "Take")

        await until(lambda: world.held(BTC) > 0, what="the entry")
        await until(lambda: all_of_it.bot.is_protected(BTC), what="its stop")
        await all_of_it.rest(8)
        left = operator.items[asking["id"]]
        assert "✅ Take" not in labels(left)

        await world.signal(ETH)
        skipped = await all_of_it.told("ETHUSDT")
        reaction = await operator.press(skipped, "Skip")
        assert "Skipped" in (reaction.toast or "")
        await all_of_it.rest(20)
        assert world.held(ETH) == 0
        off = await operator.press(await operator.say("/settings"), "Ask before entries: yes")
        await operator.press(off.changed[-1], "Enter unasked")
        assert not all_of_it.chat.desk.snapshot().approval


@on_idle_loop
async def test_bot_when_killed_in_a_trade_comes_back_with_its_chat_and_can_be_closed(tmp_path):
    async with cockpit(tmp_path) as all_of_it:
        world = all_of_it.world
        await world.enter(all_of_it.bot, BTC)
        question = await all_of_it.operator.say("/close btc")
        await all_of_it.chat.kill()

        await all_of_it.chat.start()
        all_of_it.bot.notices.also = all_of_it.chat.notifier.notify
        await all_of_it.rest(5)
        old = await all_of_it.operator.press(question, "Close 100 %")
        assert "old" in old.changed[-1]["text"]
        assert world.held(BTC) > 0
        await all_of_it.rest()
        again = await all_of_it.operator.say("/close btc")
        await all_of_it.operator.press(again, "Close 100 %")

        await until(lambda: world.held(BTC) == 0, what="flat")


def test_commands_when_counted_are_all_used_here():
    typed = {text.split()[0].removeprefix("/") for text in (*LOOKS, *WRONG)}
    stories = {"panic", "closeall", "pause", "resume"}
    assert set(COMMANDS) <= typed | stories
