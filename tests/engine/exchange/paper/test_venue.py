import asyncio
import json
import random
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.errors import VenueRejected
from engine.domain.events import (
    AccountHeard,
    BalanceChanged,
    FundingPaid,
    MarkMoved,
    OrderFilled,
    PriceMoved,
    QuoteMoved,
)
from engine.domain.order import (
    Book,
    OrderRequest,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)
from engine.exchange.paper.venue import PaperConfig, PaperVenue
from engine.runtime.clock import LoopClock
from tests.engine.scanner.test_universe import BASE
from tests.virtual_loop import run_virtual

SYMBOL = BASE.symbol
START_MS = 1_750_000_000_000


def entry(qty="2", price="100.6", client_id="smc1-E-a-0") -> OrderRequest:
    return OrderRequest(
        client_id=client_id,
        symbol=SYMBOL,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=Decimal(qty),
        purpose=Purpose.ENTRY,
        price=Decimal(price),
        time_in_force=TimeInForce.IOC,
    )


def stop(trigger="95.0", qty="2", client_id="smc1-S-a-0") -> OrderRequest:
    return OrderRequest(
        client_id=client_id,
        symbol=SYMBOL,
        side=Side.SELL,
        order_type=OrderType.STOP_MARKET,
        qty=Decimal(qty),
        purpose=Purpose.STOP,
        trigger_price=Decimal(trigger),
        reduce_only=True,
    )


class Rig:
    def __init__(self, state=None):
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop.time, exchange_ms=START_MS, wall_ms=START_MS, speed=1)
        self.venue = PaperVenue(clock, random.Random(1), PaperConfig(), state)
        self.venue.list_instruments([BASE])
        self.price(100.0)

    def price(self, last: float):
        self.venue.hear(QuoteMoved(SYMBOL, last - 0.5, last + 0.5, 0))
        self.venue.hear(PriceMoved(SYMBOL, last, 0))

    def told(self):
        events = []
        while not self.venue._events.empty():
            events.append(self.venue._events.get_nowait())
        return events


def play(story, state=None):
    async def run():
        rig = Rig(state)
        result = await story(rig)
        return rig, result

    return run_virtual(run())


def test_paper_when_an_entry_crosses_the_quote_fills_at_the_ask_with_fees():
    async def story(rig):
        await rig.venue.prepare(SYMBOL, 10)
        order = await rig.venue.place(entry())
        return order, await rig.venue.snapshot()

    rig, (order, snapshot) = play(story)

    events = rig.told()
    fills = [e.fill for e in events if isinstance(e, OrderFilled)]
    assert events[0] == AccountHeard(Book.PAPER)
    assert order.status is OrderStatus.FILLED
    assert sum(f.qty for f in fills) == 2
    assert all(f.price >= Decimal("100.5") and f.fee > 0 for f in fills)
    assert snapshot.wallet == Decimal(10_000) - sum(f.fee for f in fills)
    assert [(p.symbol, p.qty, p.isolated) for p in snapshot.positions] == [(SYMBOL, 2, True)]
    assert any(isinstance(e, BalanceChanged) for e in events)


def test_paper_when_the_limit_is_out_of_reach_expires_unfilled():
    async def story(rig):
        return await rig.venue.place(entry(price="100.0"))

    _, order = play(story)

    assert (order.status, order.filled_qty) == (OrderStatus.EXPIRED, 0)


def test_paper_when_the_price_reaches_the_stop_closes_the_position():
    async def story(rig):
        await rig.venue.place(entry())
        placed = await rig.venue.place(stop())
        resting = await rig.venue.conditionals()
        rig.told()
        rig.price(94.0)
        await asyncio.sleep(1)
        rig.price(94.0)
        return placed, resting, await rig.venue.snapshot()

    rig, (placed, resting, snapshot) = play(story)

    fills = [e.fill for e in rig.told() if isinstance(e, OrderFilled)]
    assert placed.conditional
    assert [o.client_id for o in resting] == ["smc1-S-a-0"]
    assert snapshot.positions == ()
    assert {f.client_id for f in fills} == {"smc1-S-a-0"}
    assert all(f.price <= Decimal("93.5") for f in fills)


def test_paper_when_a_stop_would_trigger_at_once_is_refused_like_the_venue_does():
    async def story(rig):
        await rig.venue.place(entry())
        with pytest.raises(VenueRejected) as refused:
            await rig.venue.place(stop(trigger="120"))
        return refused.value.code

    assert play(story)[1] == -2021


def test_paper_when_cancelled_or_asked_answers_with_the_order():
    async def story(rig):
        await rig.venue.place(entry())
        await rig.venue.place(stop())
        cancelled = await rig.venue.cancel(SYMBOL, "smc1-S-a-0", conditional=True)
        known = await rig.venue.query(SYMBOL, "smc1-E-a-0", conditional=False)
        unknown = await rig.venue.query(SYMBOL, "nobody", conditional=False)
        fills = await rig.venue.fills(SYMBOL, START_MS)
        return cancelled, known, unknown, fills

    _, (cancelled, known, unknown, fills) = play(story)

    assert cancelled.status is OrderStatus.CANCELED
    assert known.status is OrderStatus.FILLED
    assert unknown is None
    assert {f.client_id for f in fills} == {"smc1-E-a-0"}


def test_paper_when_funding_is_due_books_it():
    async def story(rig):
        await rig.venue.place(entry())
        rig.told()
        rig.venue.hear(MarkMoved(SYMBOL, 100.0, 0.001, START_MS + 1, 0))
        rig.venue.hear(MarkMoved(SYMBOL, 100.0, 0.0, START_MS + 2, 0))

    rig, _ = play(story)

    (paid,) = [e for e in rig.told() if isinstance(e, FundingPaid)]
    assert (paid.symbol, paid.amount) == (SYMBOL, Decimal("-0.2"))


def test_paper_when_restarted_with_its_state_continues():
    async def first(rig):
        await rig.venue.place(entry())
        await rig.venue.place(stop())
        return json.loads(json.dumps(rig.venue.dump()))

    _, state = play(first)

    async def second(rig):
        return await rig.venue.snapshot()

    _, snapshot = play(second, state)

    assert [p.qty for p in snapshot.positions] == [2]
    assert [o.client_id for o in snapshot.conditionals] == ["smc1-S-a-0"]


def test_paper_when_contracts_are_listed_later_keeps_what_it_holds():
    async def story(rig):
        await rig.venue.place(entry())
        rig.venue.list_instruments([replace(BASE, symbol="NEWUSDT")])
        return await rig.venue.snapshot()

    _, snapshot = play(story)

    assert [p.qty for p in snapshot.positions] == [2]


def test_paper_when_its_contract_left_the_universe_still_knows_its_position():
    """A symbol once traded on paper and no longer scanned kept the whole bot from starting."""

    async def first(rig):
        await rig.venue.place(entry())
        await rig.venue.place(stop())
        return json.loads(json.dumps(rig.venue.dump()))

    _, state = play(first)

    async def second():
        clock = LoopClock(asyncio.get_running_loop().time, exchange_ms=START_MS, wall_ms=0, speed=1)
        venue = PaperVenue(clock, random.Random(1), PaperConfig(), state)
        venue.list_instruments([replace(BASE, symbol="OTHERUSDT")])
        return await venue.snapshot()

    snapshot = run_virtual(second())

    assert [(p.symbol, p.qty) for p in snapshot.positions] == [(SYMBOL, 2)]
    assert [o.client_id for o in snapshot.conditionals] == ["smc1-S-a-0"]


def test_paper_when_asked_before_the_market_is_listed_waits():
    """A wallet of 10,000 shown for a moment would raise the high-water mark of a smaller one."""

    async def first(rig):
        await rig.venue.place(entry())
        return rig.venue.dump(), (await rig.venue.snapshot()).wallet

    _, (state, wallet) = play(first)

    async def second():
        clock = LoopClock(asyncio.get_running_loop().time, exchange_ms=START_MS, wall_ms=0, speed=1)
        venue = PaperVenue(clock, random.Random(1), PaperConfig(), state)
        asked = asyncio.ensure_future(venue.snapshot())
        await asyncio.sleep(5)
        early = asked.done()
        venue.list_instruments([BASE])
        return early, (await asked).wallet

    assert run_virtual(second()) == (False, wallet)


def test_paper_when_its_state_is_unusable_starts_over_instead_of_stopping_the_bot():
    async def story(rig):
        return await rig.venue.snapshot()

    _, snapshot = play(story, {"format": 99})

    assert (snapshot.wallet, snapshot.positions) == (Decimal(10_000), ())


def test_paper_when_months_pass_keeps_its_state_small():
    """Every paper event rewrites the state in the journal."""

    async def story(rig):
        sizes = []
        for day in range(40):
            for number in range(5):
                name = f"{day}-{number}"
                await rig.venue.place(entry(client_id=f"smc1-E-{name}"))
                away = replace(
                    entry(price="99.0", client_id=f"smc1-X-{name}"),
                    side=Side.SELL,
                    purpose=Purpose.EXIT,
                    reduce_only=True,
                )
                await rig.venue.place(away)
            sizes.append(len(json.dumps(rig.venue.dump())))
            await asyncio.sleep(86_400)
            rig.price(100.0)
            await rig.venue.place(entry(client_id=f"smc1-E-{day}-open"))
            rig.price(100.0)
            await rig.venue.place(replace(away, client_id=f"smc1-X-{day}-close"))
        return sizes, await rig.venue.snapshot()

    _, (sizes, snapshot) = play(story)

    assert max(sizes[20:]) < sizes[5] * 1.2
    assert snapshot.positions == ()
