import asyncio
from dataclasses import replace

import pytest

from engine.domain.events import AccountHeard, OrderChanged, OrderFilled
from engine.domain.order import Book
from engine.exchange.binance.codec_orders import decode_order, decode_trades
from engine.exchange.binance.expectations import Expectations
from tests.engine.exchange.binance.frames import ORDER_REPLY, TRADE_ROW
from tests.engine.exchange.binance.virtual import loop_clock, run_virtual

ORDER = decode_order(ORDER_REPLY)
SEEN = OrderChanged(Book.LIVE, ORDER)


def test_missed_when_an_order_is_not_heard_of_names_it_in_time() -> None:
    async def main() -> tuple[str, float]:
        clock = loop_clock()
        expectations = Expectations(clock, 3.0)
        asyncio.get_running_loop().call_later(5.0, expectations.expect, ORDER.client_id)
        return await expectations.missed(), clock.monotonic()

    assert run_virtual(main) == (ORDER.client_id, pytest.approx(8.0))


async def _stays_quiet(expectations: Expectations) -> bool:
    try:
        async with asyncio.timeout(100):
            await expectations.missed()
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize(
    "event",
    [
        SEEN,
        OrderFilled(Book.LIVE, decode_trades([TRADE_ROW], {"325078477": ORDER.client_id})[0]),
    ],
)
def test_missed_when_heard_in_time_never_returns(event: OrderChanged | OrderFilled) -> None:
    async def main() -> bool:
        expectations = Expectations(loop_clock(), 3.0)
        expectations.expect(ORDER.client_id)
        asyncio.get_running_loop().call_later(2.0, expectations.hear, event)
        return await _stays_quiet(expectations)

    assert run_virtual(main)


def test_expect_when_the_event_came_before_the_acknowledgement_waits_for_nothing() -> None:
    async def main() -> bool:
        expectations = Expectations(loop_clock(), 3.0)
        expectations.hear(SEEN)
        expectations.expect(ORDER.client_id)
        return await _stays_quiet(expectations)

    assert run_virtual(main)


def test_hear_when_another_order_or_no_order_is_meant_still_misses_ours() -> None:
    async def main() -> str:
        expectations = Expectations(loop_clock(), 3.0)
        expectations.expect(ORDER.client_id)
        expectations.hear(OrderChanged(Book.LIVE, replace(ORDER, client_id="other")))
        expectations.hear(AccountHeard(Book.LIVE))
        return await expectations.missed()

    assert run_virtual(main) == ORDER.client_id


def test_forget_when_the_stream_is_replaced_expects_nothing_more() -> None:
    async def main() -> bool:
        expectations = Expectations(loop_clock(), 3.0)
        expectations.expect(ORDER.client_id)
        expectations.forget()
        return await _stays_quiet(expectations)

    assert run_virtual(main)


def test_hear_when_thousands_of_orders_pass_memory_stays_bounded() -> None:
    async def main() -> str:
        expectations = Expectations(loop_clock(), 3.0)
        expectations.hear(SEEN)
        for number in range(2000):
            expectations.hear(OrderChanged(Book.LIVE, replace(ORDER, client_id=str(number))))
        expectations.expect(ORDER.client_id)
        return await expectations.missed()

    assert run_virtual(main) == ORDER.client_id
