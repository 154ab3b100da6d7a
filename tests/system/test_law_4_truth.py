"""Order law 4: the exchange is the truth; what is not ours is shown and never touched."""

from decimal import Decimal

import pytest

from engine.domain.notices import AlarmKind
from engine.domain.order import Purpose
from engine.exchange.sim.fault_actions import (
    BAD_GATEWAY_502,
    CorruptEvent,
    DelayEvent,
    DropEvent,
    DuplicateEvent,
    RefuseConnection,
    RefuseWith,
    ReorderEvent,
)
from tests.system.choice import usual
from tests.system.idle_loop import on_idle_loop
from tests.system.rig import ACCOUNT, BTC, ETH, always, rig, until

FOREIGN = frozenset({ETH})


@pytest.mark.parametrize("when", ["before start", "while running"])
@on_idle_loop
async def test_position_of_somebody_else_is_shown_and_never_touched(tmp_path, when):
    async with rig(tmp_path) as world:
        if when == "before start":
            world.by_hand(ETH, "SELL", "0.100")
        bot = await world.start_bot()
        if when == "while running":
            world.by_hand(ETH, "SELL", "0.100")

        await until(lambda: ETH in bot.positions, what="shown")

        shown = bot.positions[ETH]
        assert (shown.ours, shown.qty, int(shown.direction)) == (False, Decimal("0.100"), -1)
        assert bot.notices.alarms(AlarmKind.FOREIGN_POSITION)
        await world.enter(bot)
        await world.signal(ETH)
        assert bot.notices.refusals()[-1].startswith("busy_symbol")
        await always(lambda: world.held(ETH) == Decimal("-0.100"), for_s=20)
        assert world.history.stops(ETH) == []
        assert world.history.exits(ETH) == []
        world.assert_lawful(spare=FOREIGN)


@on_idle_loop
async def test_order_of_somebody_else_in_our_symbol_is_never_cancelled(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        price = world.price(BTC, "0.96")
        theirs = world.by_hand(BTC, "BUY", "0.001", type="LIMIT", price=price, timeInForce="GTC")

        await world.enter(bot)
        world.server.close_sockets("private", 1001)  # a reconnect takes a snapshot
        await until(lambda: bot.account._stream.counts.connections == 2 and bot.live.ready)

        rows = world.exchange.open_orders(ACCOUNT, {}, world.now_ms)
        assert [row["orderId"] for row in rows] == [theirs["orderId"]]


@on_idle_loop
async def test_position_of_ours_when_closed_by_hand_is_booked_and_its_legs_are_cancelled(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)

        world.by_hand(BTC, "SELL", str(world.held(BTC)), reduceOnly="true")

        await until(lambda: bot.is_flat(BTC) and world.books_agree(bot), what="truth adopted")
        assert [one.trade.reason.value for one in bot.notices.exits()] == ["external"]
        assert world.resting(BTC) == []
        assert world.history.exits(BTC) == []
        world.assert_lawful()


@on_idle_loop
async def test_position_of_ours_when_somebody_adds_to_it_is_protected_as_a_whole(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        first = world.held(BTC)

        world.by_hand(BTC, "BUY", "0.005")

        whole = first + Decimal("0.005")
        await until(lambda: BTC in bot.positions and bot.positions[BTC].qty == whole)
        await until(lambda: bot.is_protected(BTC), what="protected as a whole")
        assert world.books_agree(bot)
        world.assert_lawful()


EVENTS = {
    "doubled": (DuplicateEvent(), {"count": None}),
    "swapped": (ReorderEvent(), {"count": None, "probability": 0.5}),
    "late": (DelayEvent(4.0), {"count": None}),
    "late now and then": (DelayEvent(1.5), {"count": None, "probability": 0.5}),
    "lost": (DropEvent(), {"count": None}),
    "lost now and then": (DropEvent(), {"count": None, "probability": 0.5}),
    "broken": (CorruptEvent(), {"count": 3}),
}


@pytest.mark.parametrize("trouble", usual(EVENTS, {"doubled", "swapped", "late", "lost", "broken"}))
@on_idle_loop
async def test_books_when_user_events_misbehave_equal_the_exchange_after_the_heal(
    tmp_path, trouble
):
    """Three round trips under fire, then peace: positions, stops and wallet to 1e-8."""
    action, how = EVENTS[trouble]
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        world.arm(action, "*_UPDATE", **how)

        for _ in range(3):
            await world.signal()
            await until(lambda: world.held(BTC) != 0 and bot.is_protected(BTC), what="protected")
            world.trade_at(BTC, "0.97")
            await until(lambda: bot.is_free(BTC), within_s=60, what="closed")

        world.server.faults.clear()
        await until(lambda: bot.live.ready and world.books_agree(bot), what="healed")
        assert world.held(BTC) == 0
        assert world.resting() == []
        assert len(world.history.entries()) == 3
        booked = sum((one.trade.net for one in bot.notices.exits()), Decimal(0))
        assert abs(booked - (world.wallet - 10_000)) <= Decimal("1e-8")
        world.assert_lawful()


@on_idle_loop
async def test_stream_when_its_listen_key_expires_gets_a_new_one_and_a_snapshot(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)

        world.server.expire_listen_key(ACCOUNT)
        world.by_hand(BTC, "SELL", str(world.held(BTC)), reduceOnly="true")

        await until(lambda: bot.is_flat(BTC) and world.books_agree(bot), what="healed")
        assert bot.account._stream.counts.losses == 1
        assert bot.notices.alarms(AlarmKind.ACCOUNT)
        await world.enter(bot)
        world.assert_lawful()


@on_idle_loop
async def test_stream_when_mute_is_found_deaf_within_3_seconds_of_an_order(tmp_path):
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        mute = world.arm(DropEvent(), "*_UPDATE", count=None)
        await world.signal()
        await until(lambda: bool(world.history.entries()))
        heard_until = world.wall_s

        await until(lambda: bot.account._stream.counts.losses >= 1, what="found deaf")

        assert world.wall_s - heard_until < 3.5
        world.server.faults.disarm(mute)
        await until(lambda: bot.live.ready and world.books_agree(bot), what="healed")
        world.assert_lawful()


@on_idle_loop
async def test_books_when_account_cannot_be_read_for_a_while_agree_afterwards(tmp_path):
    """The stream is cut, its return is refused and the snapshot fails: no entry until both heal."""
    async with rig(tmp_path) as world:
        bot = await world.start_bot()
        await world.enter(bot)
        world.arm(RefuseConnection(503), "connect:private", count=3)
        world.arm(RefuseWith(BAD_GATEWAY_502), "account_v3", count=3)
        world.server.close_sockets("private", 0)
        await until(lambda: not bot.live.ready, what="deaf")
        world.by_hand(BTC, "SELL", str(world.held(BTC)), reduceOnly="true")

        await world.signal(ETH)
        assert bot.notices.refusals()[-1].startswith("not_ready")

        await until(lambda: bot.live.ready and world.books_agree(bot), within_s=60, what="healed")
        assert world.history.facts("order_placed", Purpose.EXIT) == []
        assert world.resting() == []
        world.assert_lawful()
