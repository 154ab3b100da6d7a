import asyncio
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.errors import VenueRejected, VenueUnreachable
from engine.exchange.binance import endpoints as rest_calls
from engine.exchange.binance.account_reader import AccountReader, together
from engine.exchange.binance.order_desk import OrderDesk
from engine.exchange.binance.ws_methods import ACCOUNT_POSITION
from tests.engine.exchange.binance import frames
from tests.engine.exchange.binance.fakes import FakeRest, FakeSocket, Sequence
from tests.engine.exchange.binance.virtual import START_MS

ANSWERS = {
    rest_calls.ACCOUNT: frames.ACCOUNT_V3,
    rest_calls.POSITIONS: [frames.POSITION_RISK],
    rest_calls.OPEN_ORDERS: [frames.ORDER_REPLY],
    rest_calls.OPEN_CONDITIONALS: [frames.ALGO_REPLY],
    rest_calls.ACCOUNT_CONFIG: frames.ACCOUNT_CONFIG,
}


def _reader(rest: FakeRest, socket: FakeSocket | None = None) -> AccountReader:
    socket = socket or FakeSocket()
    return AccountReader(rest, socket, OrderDesk(rest, socket))  # type: ignore[arg-type]


async def test_snapshot_when_taken_holds_both_families_of_orders() -> None:
    rest = FakeRest(ANSWERS)
    snapshot = await _reader(rest).snapshot()
    assert snapshot.taken_ms == START_MS
    assert snapshot.wallet == Decimal("9999.5")
    assert [position.symbol for position in snapshot.positions] == ["BTCUSDT"]
    assert [order.conditional for order in snapshot.orders] == [False]
    assert [order.conditional for order in snapshot.conditionals] == [True]
    assert (snapshot.hedge_mode, snapshot.can_trade) == (False, True)
    assert sum(rest.counted.values()) == 5


async def test_snapshot_when_the_account_is_hedged_or_barred_says_so() -> None:
    config = {**frames.ACCOUNT_CONFIG, "dualSidePosition": True, "canTrade": False}
    snapshot = await _reader(FakeRest({**ANSWERS, rest_calls.ACCOUNT_CONFIG: config})).snapshot()
    assert (snapshot.hedge_mode, snapshot.can_trade) == (True, False)


@pytest.mark.parametrize("endpoint", list(ANSWERS))
async def test_snapshot_when_any_part_fails_fails_whole(endpoint: Any) -> None:
    for bad in (VenueUnreachable("down"), {"surprise": 1}):
        with pytest.raises(VenueUnreachable):
            await _reader(FakeRest({**ANSWERS, endpoint: bad})).snapshot()


async def test_wallet_when_asked_costs_one_call() -> None:
    rest = FakeRest(ANSWERS)
    assert await _reader(rest).wallet() == Decimal("9999.5")
    assert sum(rest.counted.values()) == 1


async def test_positions_when_the_socket_is_up_cost_no_rest_call() -> None:
    rest = FakeRest(ANSWERS)
    socket = FakeSocket({ACCOUNT_POSITION: [frames.POSITION_RISK]})
    (position,) = await _reader(rest, socket).positions()
    assert position.qty == Decimal("0.010")
    assert rest.calls == []


@pytest.mark.parametrize("answer", [VenueRejected(-5000, "x"), VenueUnreachable("x"), {"x": 1}])
async def test_positions_when_the_socket_cannot_ask_rest(answer: Any) -> None:
    rest = FakeRest(ANSWERS)
    (position,) = await _reader(rest, FakeSocket({ACCOUNT_POSITION: answer})).positions()
    assert position.symbol == "BTCUSDT"
    assert rest.counted[rest_calls.POSITIONS] == 1


async def test_fills_when_read_carry_our_ids() -> None:
    rest = FakeRest(
        {rest_calls.USER_TRADES: [frames.TRADE_ROW], rest_calls.QUERY_ORDER: frames.ORDER_REPLY}
    )
    (fill,) = await _reader(rest).fills("BTCUSDT", START_MS - 1000)
    assert fill.client_id == "smc1-E-aaaaaaaaaaaaaa-0"
    assert rest.calls[0][1] == {
        "symbol": "BTCUSDT",
        "startTime": START_MS - 1000,
        "limit": 1000,
    }


async def test_fills_when_since_is_long_ago_asks_for_what_the_venue_tells() -> None:
    rest = FakeRest({rest_calls.USER_TRADES: []})
    assert await _reader(rest).fills("BTCUSDT", 0) == ()
    start = rest.calls[0][1]["startTime"]
    assert START_MS - 7 * 86_400_000 < start < START_MS - 6 * 86_400_000


async def test_fills_when_a_page_is_full_asks_for_the_next() -> None:
    page = [{**frames.TRADE_ROW, "id": number} for number in range(1, 1001)]
    last = [{**frames.TRADE_ROW, "id": 1001}]
    rest = FakeRest(
        {
            rest_calls.USER_TRADES: Sequence([page, last]),
            rest_calls.QUERY_ORDER: frames.ORDER_REPLY,
        }
    )
    fills = await _reader(rest).fills("BTCUSDT", START_MS)
    assert [fill.trade_id for fill in fills] == list(range(1, 1002))
    assert rest.calls[1][1]["fromId"] == 1001
    assert rest.counted[rest_calls.QUERY_ORDER] == 1


@pytest.mark.parametrize("body", [{}, None, [5], [{"id": "x"}], [{**frames.TRADE_ROW, "qty": "0"}]])
async def test_fills_when_unreadable_are_unreachable(body: Any) -> None:
    rest = FakeRest({rest_calls.USER_TRADES: body, rest_calls.QUERY_ORDER: frames.ORDER_REPLY})
    with pytest.raises(VenueUnreachable):
        await _reader(rest).fills("BTCUSDT", START_MS)


async def test_together_when_one_call_fails_cancels_the_others() -> None:
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("slow")

    async def failing() -> None:
        raise VenueRejected(-1, "no")

    with pytest.raises(VenueRejected):
        await together(slow(), failing())
    assert ended == ["slow"]


async def test_together_when_all_succeed_keeps_their_order() -> None:
    async def value(number: int) -> int:
        await asyncio.sleep(0 if number else 0.001)
        return number

    assert await together(value(0), value(1), value(2)) == (0, 1, 2)


async def test_income_when_read_asks_for_the_period() -> None:
    row = {
        "symbol": "BTCUSDT",
        "incomeType": "COMMISSION",
        "income": "-0.01000000",
        "asset": "USDT",
        "info": "COMMISSION",
        "time": START_MS,
        "tranId": "9689322392",
        "tradeId": 2059192,
    }
    rest = FakeRest({rest_calls.INCOME: [row]})
    (entry,) = await _reader(rest).income(START_MS - 5, START_MS)
    assert (entry.kind, entry.amount, entry.asset) == ("COMMISSION", Decimal("-0.01"), "USDT")
    assert entry.time_ms == START_MS
    assert rest.calls == [
        (rest_calls.INCOME, {"startTime": START_MS - 5, "endTime": START_MS, "limit": 1000})
    ]


async def test_income_when_unreadable_is_unreachable() -> None:
    for body in ({}, [{"income": "x"}], None):
        with pytest.raises(VenueUnreachable):
            await _reader(FakeRest({rest_calls.INCOME: body})).income(0, 1)


async def test_key_permissions_when_read_say_what_the_key_may_do() -> None:
    rest = FakeRest({rest_calls.KEY_PERMISSIONS: frames.KEY_PERMISSIONS})
    may = await _reader(rest).key_permissions()
    assert (may.trade_futures, may.ip_restricted) == (True, True)
    assert (may.withdraw, may.transfer, may.universal_transfer) == (False, False, False)


async def test_margin_configs_when_read_name_every_symbol() -> None:
    configs = await _reader(
        FakeRest({rest_calls.SYMBOL_CONFIG: frames.SYMBOL_CONFIG})
    ).margin_configs()
    assert {one.symbol: (one.isolated, one.leverage) for one in configs.values()} == {
        "BTCUSDT": (False, 21),
        "ETHUSDT": (True, 10),
    }
