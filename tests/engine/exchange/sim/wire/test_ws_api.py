"""The WS API over real sockets: documented frames, errors, limits, faults."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from engine.exchange.sim.fault_actions import (
    TIMEOUT_408,
    AnswerWith,
    DelayReply,
    DropReply,
    RefuseConnection,
    TruncateReply,
)
from engine.exchange.sim.faults import FaultRule
from engine.exchange.sim.server import WireSettings
from engine.exchange.sim.wire.limits import Limits
from engine.exchange.sim.wire.socket_life import StreamSettings
from tests.engine.exchange.sim.wire.test_market_data import shape
from tests.engine.exchange.sim.wire.wire_kit import (
    KEY,
    Kit,
    Running,
    closed_with,
    receive,
)
from tests.shared import shared_path

SYMBOL = "BTCUSDT"
DOCS = "samples/binance/official_docs_2026-05"
GONE_AFTER_MIGRATION = {"avgPrice", "cumQuote"}


def documented(name: str) -> tuple[Any, Any]:
    """Return request and reply of an official example."""
    request, reply = json.loads(shared_path(f"{DOCS}/{name}").read_text())["examples"]
    return request, reply


def limit_order(kit: Kit, **more: object) -> dict[str, object]:
    return {
        "symbol": SYMBOL,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": kit.quantity(SYMBOL),
        "price": kit.price(SYMBOL, "0.98"),
        **more,
    }


def stop_order(kit: Kit, **more: object) -> dict[str, object]:
    return {
        "algoType": "CONDITIONAL",
        "symbol": SYMBOL,
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": kit.quantity(SYMBOL),
        "triggerPrice": kit.price(SYMBOL, "0.95"),
        "reduceOnly": "true",
        **more,
    }


async def bought(kit: Kit, socket: aiohttp.ClientWebSocketResponse) -> None:
    await kit.ask(
        socket,
        "order.place",
        symbol=SYMBOL,
        side="BUY",
        type="MARKET",
        quantity=kit.quantity(SYMBOL),
    )


async def test_order_place_when_accepted_has_the_documented_frame(kit: Kit) -> None:
    _, expected = documented("wsapi_order.place.json")
    socket = await kit.ws_api()

    reply = await kit.ask(socket, "order.place", request_id="3f7d", **limit_order(kit))

    assert (reply["id"], reply["status"]) == ("3f7d", 200)
    assert reply["result"].keys() == expected["result"].keys() - GONE_AFTER_MIGRATION
    assert [row["rateLimitType"] for row in reply["rateLimits"]] == [
        row["rateLimitType"] for row in expected["rateLimits"]
    ]
    assert shape(reply["rateLimits"]) == shape(expected["rateLimits"])


async def test_order_when_placed_queried_and_cancelled_is_one_order(kit: Kit) -> None:
    socket = await kit.ws_api()

    placed = await kit.ask(socket, "order.place", **limit_order(kit, newClientOrderId="mine-1"))
    order_id = placed["result"]["orderId"]
    status = await kit.ask(socket, "order.status", symbol=SYMBOL, orderId=order_id)
    cancelled = await kit.ask(socket, "order.cancel", symbol=SYMBOL, origClientOrderId="mine-1")

    assert status["result"]["clientOrderId"] == "mine-1"
    assert (cancelled["result"]["orderId"], cancelled["result"]["status"]) == (
        order_id,
        "CANCELED",
    )


async def test_algo_order_when_placed_and_cancelled_has_the_documented_frames(kit: Kit) -> None:
    _, placed_example = documented("wsapi_algoOrder.place.json")
    _, cancelled_example = documented("wsapi_algoOrder.cancel.json")
    socket = await kit.ws_api()
    await bought(kit, socket)

    placed = await kit.ask(socket, "algoOrder.place", **stop_order(kit, clientAlgoId="stop-1"))
    cancelled = await kit.ask(socket, "algoOrder.cancel", clientAlgoId="stop-1")

    assert placed["result"].keys() >= placed_example["result"].keys()
    assert placed["result"]["algoStatus"] == "NEW"
    assert shape(cancelled["result"]) == shape(cancelled_example["result"])
    assert cancelled["result"]["code"] == "200"


async def test_account_methods_when_asked_answer_like_rest(kit: Kit) -> None:
    socket = await kit.ws_api()
    await bought(kit, socket)

    status = await kit.ask(socket, "v2/account.status")
    balance = await kit.ask(socket, "v2/account.balance")
    position = await kit.ask(socket, "v2/account.position", symbol=SYMBOL)

    assert status["result"]["positions"][0]["symbol"] == SYMBOL
    assert balance["result"][0]["asset"] == "USDT"
    rest = await kit.signed("GET", "/fapi/v3/positionRisk", symbol=SYMBOL)
    assert position["result"] == rest.body


async def test_user_data_stream_when_managed_by_ws_api_is_the_rest_key(kit: Kit) -> None:
    socket = await kit.ws_api()

    started = await kit.ask(socket, "userDataStream.start", signed=False, apiKey=KEY)
    pinged = await kit.ask(socket, "userDataStream.ping", signed=False, apiKey=KEY)
    rest = await kit.call("POST", "/fapi/v1/listenKey", headers={"X-MBX-APIKEY": KEY})
    stopped = await kit.ask(socket, "userDataStream.stop", signed=False, apiKey=KEY)
    gone = await kit.ask(socket, "userDataStream.ping", signed=False, apiKey=KEY)

    key = started["result"]["listenKey"]
    assert pinged["result"]["listenKey"] == rest.body["listenKey"] == key
    assert (stopped["status"], stopped["result"]) == (200, {})
    assert (gone["status"], gone["error"]["code"]) == (400, -1125)


@pytest.mark.parametrize("method", ["ticker.price", "ticker.book"])
async def test_public_methods_when_asked_need_no_key(kit: Kit, method: str) -> None:
    socket = await kit.ws_api()

    reply = await kit.ask(socket, method, signed=False, symbol=SYMBOL)

    assert reply["result"]["symbol"] == SYMBOL


async def test_session_logon_when_the_key_is_hmac_is_refused_honestly(kit: Kit) -> None:
    socket = await kit.ws_api()

    logon = await kit.ask(socket, "session.logon")
    status = await kit.ask(socket, "session.status", signed=False)
    other = await kit.ask(socket, "session.dance", signed=False)

    assert (logon["status"], logon["error"]["code"]) == (401, -4056)
    assert status["result"]["apiKey"] is None
    assert other["status"] == 404


async def test_request_when_unsigned_or_forged_is_refused_and_the_socket_lives(kit: Kit) -> None:
    socket = await kit.ws_api()
    forged = json.loads(kit.ws_frame("order.place", **limit_order(kit)))
    forged["params"]["quantity"] = "9"

    unsigned = await kit.ask(socket, "order.place", signed=False, **limit_order(kit))
    await socket.send_json(forged)
    refused = await receive(socket)
    accepted = await kit.ask(socket, "order.place", **limit_order(kit))

    assert (unsigned["status"], unsigned["error"]["code"]) == (401, -2014)
    assert (refused["status"], refused["error"]["code"]) == (400, -1022)
    assert accepted["status"] == 200


async def test_request_when_too_old_is_refused(kit: Kit) -> None:
    socket = await kit.ws_api()

    reply = await kit.ask(socket, "v2/account.balance", timestamp=kit.clock.now_ms() - 6_000)

    assert (reply["status"], reply["error"]["code"]) == (400, -1021)


async def test_frame_when_not_json_is_answered_with_id_null(kit: Kit) -> None:
    socket = await kit.ws_api()

    await socket.send_str("{")
    reply = await receive(socket)

    assert (reply["id"], reply["status"], reply["error"]["code"]) == (None, 400, -1135)


async def test_method_when_unknown_is_refused(kit: Kit) -> None:
    socket = await kit.ws_api()

    reply = await kit.ask(socket, "algoOrder.status", signed=False)

    assert (reply["status"], reply["error"]["code"]) == (404, -5000)


async def test_rate_limits_when_switched_off_are_left_out(kit: Kit) -> None:
    socket = await kit.ws_api("?returnRateLimits=false")

    reply = await kit.ask(socket, "order.place", **limit_order(kit))

    assert "rateLimits" not in reply


async def test_weight_when_counted_is_shared_with_rest_and_includes_the_handshake(
    kit: Kit,
) -> None:
    await kit.get("/fapi/v1/ping")
    socket = await kit.ws_api()

    reply = await kit.ask(socket, "v2/account.balance")

    assert reply["rateLimits"][-1]["count"] == 1 + 5 + 5


async def test_handshake_when_the_weight_is_used_up_is_429() -> None:
    async with Running(settings=WireSettings(limits=Limits(weight_per_minute=4))) as kit:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await kit.ws_api()

    assert caught.value.status == 429


async def test_orders_when_above_the_limit_are_refused_with_status_429() -> None:
    async with Running(settings=WireSettings(limits=Limits(orders_per_10s=1))) as kit:
        socket = await kit.ws_api()
        await kit.ask(socket, "order.place", **limit_order(kit))

        reply = await kit.ask(socket, "order.place", **limit_order(kit))

        assert (reply["status"], reply["error"]["code"]) == (429, -1015)


async def test_requests_when_one_is_slow_the_others_do_not_wait(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DelayReply(0.5), "account_v3"))
    socket = await kit.ws_api()

    await socket.send_str(kit.ws_frame("v2/account.status", request_id="slow"))
    await socket.send_str(kit.ws_frame("v2/account.balance", request_id="fast"))

    assert [(await receive(socket))["id"], (await receive(socket))["id"]] == ["fast", "slow"]


async def test_fault_when_reply_is_dropped_the_socket_breaks_and_the_order_lives(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DropReply(), "place_order", channel="ws_api"))
    socket = await kit.ws_api()

    await socket.send_str(kit.ws_frame("order.place", **limit_order(kit, newClientOrderId="ghost")))

    assert await closed_with(socket) == 1006
    orders = await kit.signed("GET", "/fapi/v1/openOrders", symbol=SYMBOL)
    assert [order["clientOrderId"] for order in orders.body] == ["ghost"]


async def test_fault_when_timeout_is_answered_the_order_lives(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(AnswerWith(TIMEOUT_408), "place_order"))
    socket = await kit.ws_api()

    reply = await kit.ask(socket, "order.place", **limit_order(kit))

    assert (reply["status"], reply["error"]["code"]) == (408, -1007)
    assert len((await kit.signed("GET", "/fapi/v1/openOrders", symbol=SYMBOL)).body) == 1


async def test_fault_when_reply_is_truncated_is_no_json(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(TruncateReply(), "balance_v3"))
    socket = await kit.ws_api()

    await socket.send_str(kit.ws_frame("v2/account.balance"))
    message = await asyncio.wait_for(socket.receive(), 5.0)

    with pytest.raises(json.JSONDecodeError):
        json.loads(message.data)


async def test_fault_when_the_handshake_is_refused_has_its_status(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(RefuseConnection(503), "connect:ws_api"))

    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await kit.ws_api()

    assert caught.value.status == 503


async def test_socket_when_closed_by_the_server_hears_the_code(kit: Kit) -> None:
    socket = await kit.ws_api()
    await kit.ask(socket, "ticker.price", signed=False, symbol=SYMBOL)

    kit.server.close_sockets("ws_api", 1001)

    assert await closed_with(socket) == 1001


async def test_ping_when_sent_by_the_client_is_answered(kit: Kit) -> None:
    socket = await kit.http.ws_connect(kit.urls.ws_api, autoping=False)
    kit.sockets.append(socket)

    await socket.ping(b"hello")
    message = await asyncio.wait_for(socket.receive(), 5.0)

    assert (message.type, bytes(message.data)) == (aiohttp.WSMsgType.PONG, b"hello")


async def test_pong_when_sent_to_the_servers_ping_keeps_the_socket() -> None:
    settings = WireSettings(streams=StreamSettings(ping_every_s=0.01))
    async with Running(symbols=1, settings=settings) as kit:
        socket = await kit.ws_api()
        asked = asyncio.ensure_future(receive(socket, 20.0))
        await asyncio.sleep(0.05)

        await socket.send_str(kit.ws_frame("ticker.price", signed=False, symbol=SYMBOL))

        assert (await asked)["status"] == 200
