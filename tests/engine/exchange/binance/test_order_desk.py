from dataclasses import replace
from typing import Any

import pytest

from engine.domain.errors import (
    OutcomeUnknown,
    VenueBusy,
    VenueRejected,
    VenueUnreachable,
)
from engine.domain.order import OrderStatus
from engine.exchange.binance import endpoints as rest_calls
from engine.exchange.binance import ws_methods as socket_calls
from engine.exchange.binance.classify import DuplicateOrderId
from engine.exchange.binance.order_desk import OrderDesk
from tests.engine.exchange.binance.fakes import FakeRest, FakeSocket, Sequence
from tests.engine.exchange.binance.frames import ALGO_REPLY, ORDER_REPLY
from tests.engine.exchange.binance.test_order_params import ENTRY, STOP
from tests.engine.exchange.binance.virtual import START_MS

BARE = {"algoId": 2146760, "clientAlgoId": STOP.client_id, "code": "200", "msg": "success"}
CLOCK = VenueRejected(-1021, "Timestamp outside of the recvWindow.")
ABSENT = VenueRejected(-2013, "Order does not exist.")


def _desk(rest: FakeRest, socket: FakeSocket | None = None) -> OrderDesk:
    return OrderDesk(rest, socket or FakeSocket())  # type: ignore[arg-type]


async def test_place_when_the_socket_is_up_uses_it_alone() -> None:
    rest, socket = FakeRest(), FakeSocket({socket_calls.ORDER_PLACE: ORDER_REPLY})
    order = await _desk(rest, socket).place(ENTRY)
    assert order.status is OrderStatus.FILLED
    assert socket.calls[0][1]["newClientOrderId"] == ENTRY.client_id
    assert rest.calls == []


async def test_place_when_the_socket_is_down_uses_rest() -> None:
    rest = FakeRest({rest_calls.PLACE_ORDER: ORDER_REPLY})
    assert (await _desk(rest).place(ENTRY)).venue_id == "325078477"


async def test_place_when_the_socket_fails_before_sending_uses_rest() -> None:
    rest = FakeRest({rest_calls.PLACE_ORDER: ORDER_REPLY})
    socket = FakeSocket({socket_calls.ORDER_PLACE: VenueUnreachable("disconnected")})
    await _desk(rest, socket).place(ENTRY)
    assert rest.counted[rest_calls.PLACE_ORDER] == 1


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("no reply"), VenueRejected(-2019, "margin"), VenueBusy("busy")]
)
async def test_place_when_the_socket_sent_it_never_sends_it_again(error: Exception) -> None:
    rest = FakeRest({rest_calls.PLACE_ORDER: ORDER_REPLY})
    socket = FakeSocket({socket_calls.ORDER_PLACE: error})
    with pytest.raises(type(error)):
        await _desk(rest, socket).place(ENTRY)
    assert rest.calls == []
    assert len(socket.calls) == 1


async def test_place_when_the_clock_is_refused_resyncs_and_sends_again_once() -> None:
    rest = FakeRest()
    socket = FakeSocket({socket_calls.ORDER_PLACE: Sequence([CLOCK, ORDER_REPLY])})
    await _desk(rest, socket).place(ENTRY)
    assert (rest.resyncs, len(socket.calls)) == (1, 2)
    socket = FakeSocket({socket_calls.ORDER_PLACE: CLOCK})
    with pytest.raises(VenueRejected, match="-1021"):
        await _desk(rest, socket).place(ENTRY)
    assert len(socket.calls) == 2


async def test_place_when_conditional_uses_the_conditional_service() -> None:
    socket = FakeSocket({socket_calls.CONDITIONAL_PLACE: ALGO_REPLY})
    order = await _desk(FakeRest(), socket).place(STOP)
    assert order.conditional
    assert socket.calls[0][1]["triggerPrice"] == "99.5"


@pytest.mark.parametrize("body", [{}, None, {**ORDER_REPLY, "status": "SLEEPING"}])
async def test_place_when_the_reply_is_unreadable_is_unknown(body: Any) -> None:
    with pytest.raises(OutcomeUnknown, match="placed"):
        await _desk(FakeRest({rest_calls.PLACE_ORDER: body})).place(ENTRY)


async def test_place_when_the_request_is_impossible_is_refused_without_sending() -> None:
    rest = FakeRest({rest_calls.PLACE_ORDER: ORDER_REPLY})
    with pytest.raises(VenueRejected, match="time in force"):
        await _desk(rest).place(replace(ENTRY, time_in_force=None))
    assert rest.calls == []


async def test_place_when_our_id_exists_returns_the_order_that_landed() -> None:
    rest = FakeRest(
        {
            rest_calls.PLACE_ORDER: DuplicateOrderId("-4116"),
            rest_calls.QUERY_ORDER: ORDER_REPLY,
        }
    )
    assert (await _desk(rest).place(ENTRY)).venue_id == "325078477"


@pytest.mark.parametrize("answer", [ABSENT, VenueUnreachable("down"), {}])
async def test_place_when_our_id_exists_but_cannot_be_found_is_unknown(answer: Any) -> None:
    rest = FakeRest(
        {rest_calls.PLACE_ORDER: DuplicateOrderId("-4116"), rest_calls.QUERY_ORDER: answer}
    )
    with pytest.raises(OutcomeUnknown):
        await _desk(rest).place(ENTRY)


async def test_cancel_when_ordinary_returns_its_last_state() -> None:
    body = {**ORDER_REPLY, "status": "CANCELED"}
    rest = FakeRest({rest_calls.CANCEL_ORDER: body})
    order = await _desk(rest).cancel("BTCUSDT", ENTRY.client_id, conditional=False)
    assert order.status is OrderStatus.CANCELED
    assert rest.calls[0][1] == {"symbol": "BTCUSDT", "origClientOrderId": ENTRY.client_id}


async def test_cancel_when_nothing_rests_is_rejected() -> None:
    rest = FakeRest({rest_calls.CANCEL_CONDITIONAL: VenueRejected(-2011, "Unknown order sent.")})
    with pytest.raises(VenueRejected, match="-2011"):
        await _desk(rest).cancel("BTCUSDT", STOP.client_id, conditional=True)


async def test_cancel_when_conditional_answers_in_full_is_read() -> None:
    body = {**ALGO_REPLY, "algoStatus": "CANCELED"}
    socket = FakeSocket({socket_calls.CONDITIONAL_CANCEL: body})
    order = await _desk(FakeRest(), socket).cancel("BTCUSDT", STOP.client_id, conditional=True)
    assert order.status is OrderStatus.CANCELED


async def test_cancel_when_answered_barely_completes_it_from_memory() -> None:
    socket = FakeSocket(
        {socket_calls.CONDITIONAL_PLACE: ALGO_REPLY, socket_calls.CONDITIONAL_CANCEL: BARE}
    )
    rest = FakeRest()
    desk = _desk(rest, socket)
    placed = await desk.place(STOP)
    order = await desk.cancel("BTCUSDT", STOP.client_id, conditional=True)
    assert order == replace(placed, status=OrderStatus.CANCELED, event_time_ms=START_MS)
    assert rest.calls == []


async def test_cancel_when_answered_barely_and_unremembered_asks_the_venue() -> None:
    rest = FakeRest({rest_calls.CANCEL_CONDITIONAL: BARE, rest_calls.QUERY_CONDITIONAL: ALGO_REPLY})
    order = await _desk(rest).cancel("BTCUSDT", STOP.client_id, conditional=True)
    assert order.status is OrderStatus.CANCELED  # the look-up still said NEW
    assert rest.counted[rest_calls.QUERY_CONDITIONAL] == 1


@pytest.mark.parametrize("answer", [ABSENT, VenueUnreachable("down")])
async def test_cancel_when_the_order_cannot_be_described_is_unknown(answer: Any) -> None:
    rest = FakeRest({rest_calls.CANCEL_CONDITIONAL: BARE, rest_calls.QUERY_CONDITIONAL: answer})
    with pytest.raises(OutcomeUnknown, match="cancelled"):
        await _desk(rest).cancel("BTCUSDT", STOP.client_id, conditional=True)


async def test_query_when_absent_is_none_and_when_refused_otherwise_raises() -> None:
    rest = FakeRest({rest_calls.QUERY_ORDER: Sequence([ABSENT, VenueRejected(-1121, "symbol")])})
    desk = _desk(rest)
    assert await desk.query("BTCUSDT", "x", conditional=False) is None
    with pytest.raises(VenueRejected, match="-1121"):
        await desk.query("BTCUSDT", "x", conditional=False)


async def test_query_when_conditional_goes_over_rest_even_with_a_socket() -> None:
    rest = FakeRest({rest_calls.QUERY_CONDITIONAL: ALGO_REPLY})
    found = await _desk(rest, FakeSocket({})).query("BTCUSDT", STOP.client_id, conditional=True)
    assert found is not None
    assert found.conditional
    assert rest.calls[0][1] == {"clientAlgoId": STOP.client_id}


async def test_query_when_the_reply_is_unreadable_is_unreachable() -> None:
    with pytest.raises(VenueUnreachable):
        await _desk(FakeRest({rest_calls.QUERY_ORDER: {}})).query("B", "x", conditional=False)


async def test_client_id_when_seen_before_needs_no_request() -> None:
    rest = FakeRest({rest_calls.PLACE_ORDER: ORDER_REPLY})
    desk = _desk(rest)
    await desk.place(ENTRY)
    assert await desk.client_id_of("BTCUSDT", "325078477") == "smc1-E-aaaaaaaaaaaaaa-0"
    assert rest.counted[rest_calls.QUERY_ORDER] == 0


async def test_client_id_when_unseen_asks_once_and_when_forgotten_is_empty() -> None:
    rest = FakeRest({rest_calls.QUERY_ORDER: Sequence([ORDER_REPLY, ABSENT])})
    desk = _desk(rest)
    for _ in range(2):
        assert await desk.client_id_of("BTCUSDT", "325078477") == "smc1-E-aaaaaaaaaaaaaa-0"
    assert await desk.client_id_of("BTCUSDT", "1") == ""
    assert rest.counted[rest_calls.QUERY_ORDER] == 2


async def test_client_id_when_refused_otherwise_raises() -> None:
    rest = FakeRest({rest_calls.QUERY_ORDER: VenueRejected(-1121, "symbol")})
    with pytest.raises(VenueRejected, match="-1121"):
        await _desk(rest).client_id_of("BTCUSDT", "1")


async def test_remember_when_thousands_of_orders_pass_stays_bounded() -> None:
    desk = _desk(FakeRest({rest_calls.PLACE_ORDER: ORDER_REPLY}))
    order = await desk.place(ENTRY)
    for number in range(5000):
        desk.remember(replace(order, venue_id=str(number)))
        desk.remember(replace(order, client_id=str(number), conditional=True))
    assert len(desk._client_ids) == len(desk._conditionals) == 4096
