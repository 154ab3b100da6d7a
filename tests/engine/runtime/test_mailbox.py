import asyncio

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.events import PriceMoved, QuoteMoved, Ticked
from engine.runtime.mailbox import Mailbox


def price(symbol: str, value: float) -> PriceMoved:
    return PriceMoved(symbol, value, 0)


def test_mailbox_when_a_price_waits_replaces_it_in_place():
    mailbox = Mailbox()
    tick = Ticked()
    for event in (price("A", 1), tick, price("B", 5), price("A", 2)):
        mailbox.put(event)

    assert mailbox.take_all() == [price("A", 2), tick, price("B", 5)]
    assert mailbox.coalesced == 1


def test_mailbox_when_kinds_differ_keeps_both():
    mailbox = Mailbox()
    quote = QuoteMoved("A", 1, 2, 0)
    mailbox.put(price("A", 1))
    mailbox.put(quote)

    assert mailbox.take_all() == [price("A", 1), quote]


async def test_mailbox_when_empty_waits_for_the_first_event():
    mailbox = Mailbox()
    waiting = asyncio.get_running_loop().create_task(mailbox.drain())
    await asyncio.sleep(0)
    assert not waiting.done()

    mailbox.put(Ticked())

    assert await waiting == [Ticked()]
    assert len(mailbox) == 0


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 9)) | st.just(None)))
def test_mailbox_when_flooded_keeps_every_deciding_event_and_the_newest_prices(items):
    mailbox = Mailbox()
    newest = {}
    for item in items:
        if item is None:
            mailbox.put(Ticked())
        else:
            symbol, value = item
            newest[symbol] = value
            mailbox.put(price(symbol, value))

    taken = mailbox.take_all()

    assert taken.count(Ticked()) == items.count(None)
    assert {e.symbol: e.price for e in taken if isinstance(e, PriceMoved)} == newest
    assert mailbox.take_all() == []
