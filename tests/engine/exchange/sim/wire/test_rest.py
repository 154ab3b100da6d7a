"""REST over real HTTP: paths, signatures, headers, limits and error bodies."""

import random

import aiohttp
import pytest

from engine.exchange.sim.fault_actions import (
    BAD_GATEWAY_502,
    UNKNOWN_503,
    AnswerWith,
    DelayReply,
    DropReply,
    DropRequest,
    ErrorReply,
    RefuseWith,
    TruncateReply,
)
from engine.exchange.sim.faults import FaultRule
from engine.exchange.sim.server import WireSettings
from engine.exchange.sim.wire.endpoints import REST
from engine.exchange.sim.wire.limits import Limits
from engine.exchange.sim.wire.security import sign
from tests.engine.exchange.sim.wire.wire_kit import KEY, SECRET, Kit, Running

SYMBOL = "BTCUSDT"


async def test_time_when_asked_is_exchange_time(kit: Kit) -> None:
    before = kit.clock.now_ms()

    answer = await kit.get("/fapi/v1/time")

    assert before <= answer.body["serverTime"] <= kit.clock.now_ms()


async def test_ping_when_asked_is_empty_and_costs_one(kit: Kit) -> None:
    first, second = await kit.get("/fapi/v1/ping"), await kit.get("/fapi/v1/ping")

    assert (first.status, first.body) == (200, {})
    assert [a.headers["x-mbx-used-weight-1m"] for a in (first, second)] == ["1", "2"]
    assert first.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_unknown_path_when_asked_is_refused_with_its_name(kit: Kit, method: str) -> None:
    answer = await kit.call(method, "/fapi/v1/nothing")

    assert answer.status == 404
    assert answer.body == {
        "code": -5000,
        "msg": f"Path /fapi/v1/nothing, Method {method} is invalid",
    }


async def test_known_path_when_method_is_wrong_is_refused(kit: Kit) -> None:
    assert (await kit.call("DELETE", "/fapi/v1/time")).body["code"] == -5000


async def test_order_when_signed_in_the_query_is_accepted_and_counted(kit: Kit) -> None:
    answer = await kit.signed(
        "POST",
        "/fapi/v1/order",
        symbol=SYMBOL,
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity=kit.quantity(SYMBOL),
        price=kit.price(SYMBOL, "0.98"),
    )

    assert (answer.status, answer.body["status"]) == (200, "NEW")
    assert answer.headers["x-mbx-order-count-10s"] == "1"
    assert answer.headers["x-mbx-order-count-1m"] == "1"
    assert answer.headers["x-mbx-used-weight-1m"] == "0"


async def test_order_when_signed_in_the_form_body_is_accepted(kit: Kit) -> None:
    text = (
        f"symbol={SYMBOL}&side=BUY&type=MARKET&quantity={kit.quantity(SYMBOL)}"
        f"&timestamp={kit.clock.now_ms()}"
    )
    body = f"{text}&signature={sign(SECRET, text)}"
    headers = {"X-MBX-APIKEY": KEY, "Content-Type": "application/x-www-form-urlencoded"}

    answer = await kit.raw("POST", "/fapi/v1/order", headers, body)

    assert answer.status == 200


async def test_order_when_split_over_query_and_body_is_accepted(kit: Kit) -> None:
    query = f"symbol={SYMBOL}&side=BUY&type=MARKET"
    form = f"quantity={kit.quantity(SYMBOL)}&timestamp={kit.clock.now_ms()}"
    signature = sign(SECRET, query + form)
    headers = {"X-MBX-APIKEY": KEY, "Content-Type": "application/x-www-form-urlencoded"}

    answer = await kit.raw(
        "POST", f"/fapi/v1/order?{query}", headers, f"{form}&signature={signature}"
    )

    assert answer.status == 200


async def test_signed_when_the_symbol_is_not_ascii_verifies_the_encoded_text(kit: Kit) -> None:
    answer = await kit.signed("GET", "/fapi/v1/openOrders", symbol="币安人生USDT")

    assert answer.status == 200 or answer.body["code"] == -1121


@pytest.mark.parametrize(
    ("key", "secret", "timestamp", "status", "code"),
    [
        ("", SECRET, None, 401, -2014),
        ("nobody", SECRET, None, 401, -2015),
        (KEY, "wrong", None, 400, -1022),
        (KEY, SECRET, 1, 400, -1021),
        (KEY, SECRET, "", 400, -1102),
        (KEY, SECRET, "soon", 400, -1100),
    ],
)
async def test_signed_when_identity_is_wrong_is_refused(
    kit: Kit, key: str, secret: str, timestamp: object, status: int, code: int
) -> None:
    extra = {} if timestamp is None else {"timestamp": timestamp}

    answer = await kit.signed("GET", "/fapi/v3/account", key=key, secret=secret, **extra)

    assert (answer.status, answer.body["code"]) == (status, code)


async def test_signed_when_recv_window_is_too_large_is_refused(kit: Kit) -> None:
    answer = await kit.signed("GET", "/fapi/v3/account", recvWindow=60_001)

    assert answer.body["code"] == -1131


async def test_parameters_when_sent_twice_are_refused(kit: Kit) -> None:
    answer = await kit.raw("GET", "/fapi/v1/klines?symbol=A&symbol=B", {})

    assert answer.body["code"] == -1101


async def test_weight_when_used_up_is_429_then_418_and_nothing_is_executed() -> None:
    limits = Limits(weight_per_minute=10, ban_after=3)
    async with Running(settings=WireSettings(limits=limits)) as kit:
        answers = [await kit.signed("GET", "/fapi/v3/account") for _ in range(5)]

        assert [a.status for a in answers] == [200, 200, 429, 429, 418]
        assert answers[2].body["code"] == answers[4].body["code"] == -1003
        assert "banned until" in answers[4].body["msg"]
        assert (await kit.get("/fapi/v1/ping")).status == 418


async def test_orders_when_above_the_limit_are_refused_with_1015() -> None:
    async with Running(settings=WireSettings(limits=Limits(orders_per_10s=2))) as kit:
        order = {
            "symbol": SYMBOL,
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": kit.quantity(SYMBOL),
            "price": kit.price(SYMBOL, "0.98"),
        }
        answers = [await kit.signed("POST", "/fapi/v1/order", **order) for _ in range(3)]

        assert [a.status for a in answers] == [200, 200, 429]
        assert answers[2].body["code"] == -1015


async def test_exchange_error_when_raised_is_the_body(kit: Kit) -> None:
    answer = await kit.signed("GET", "/fapi/v1/order", symbol=SYMBOL, origClientOrderId="none")

    assert (answer.status, answer.body) == (
        400,
        {"code": -2013, "msg": "Order does not exist."},
    )


async def market_order(kit: Kit, client_id: str = "mine") -> object:
    return await kit.signed(
        "POST",
        "/fapi/v1/order",
        symbol=SYMBOL,
        side="BUY",
        type="MARKET",
        quantity=kit.quantity(SYMBOL),
        newClientOrderId=client_id,
    )


async def landed(kit: Kit, client_id: str = "mine") -> bool:
    answer = await kit.signed("GET", "/fapi/v1/order", symbol=SYMBOL, origClientOrderId=client_id)
    return answer.status == 200


async def test_fault_when_request_is_dropped_the_order_never_landed(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DropRequest(), "place_order"))

    with pytest.raises(aiohttp.ClientConnectionError):
        await market_order(kit)

    assert not await landed(kit)


async def test_fault_when_reply_is_dropped_the_order_landed(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DropReply(), "place_order"))

    with pytest.raises(aiohttp.ClientConnectionError):
        await market_order(kit)

    assert await landed(kit)


@pytest.mark.parametrize(("after", "exists"), [(False, False), (True, True)])
async def test_fault_when_503_unknown_is_answered_either_may_be_true(
    kit: Kit, after: bool, exists: bool
) -> None:
    action = AnswerWith(UNKNOWN_503) if after else RefuseWith(UNKNOWN_503)
    kit.server.faults.arm(FaultRule(action, "place_order"))

    answer = await market_order(kit)

    assert (answer.status, answer.body["code"]) == (503, -1000)
    assert "Unknown error, please check your request" in answer.body["msg"]
    assert await landed(kit) is exists


async def test_fault_when_gateway_answers_html_is_502_html(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(AnswerWith(BAD_GATEWAY_502), "place_order"))

    answer = await market_order(kit)

    assert (answer.status, answer.body) == (502, None)
    assert answer.headers["content-type"].startswith("text/html")
    assert await landed(kit)


async def test_fault_when_reply_carries_headers_they_are_sent(kit: Kit) -> None:
    error = ErrorReply(429, -1003, "Too many requests.", headers=(("Retry-After", "7"),))
    kit.server.faults.arm(FaultRule(RefuseWith(error), "ping"))

    answer = await kit.get("/fapi/v1/ping")

    assert (answer.status, answer.headers["retry-after"]) == (429, "7")


async def test_fault_when_query_lies_the_order_exists_all_the_same(kit: Kit) -> None:
    await market_order(kit)
    kit.server.faults.arm(
        FaultRule(RefuseWith(ErrorReply(400, -2013, "Order does not exist.")), "query_order")
    )

    assert not await landed(kit)
    assert await landed(kit)


async def test_fault_when_reply_is_truncated_is_no_json(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(TruncateReply(), "exchange_info"))

    answer = await kit.get("/fapi/v1/exchangeInfo")

    assert answer.status == 200
    assert answer.body is None


async def test_fault_when_reply_is_delayed_comes_late_and_complete(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DelayReply(0.05), "ping"))
    started = kit.clock.wall()

    answer = await kit.get("/fapi/v1/ping")

    assert answer.body == {}
    assert kit.clock.wall() - started >= 0.05


HOSTILE = (
    "",
    "0",
    "-1",
    "1e5",
    "NaN",
    "Infinity",
    "abc",
    "9" * 21,
    "x" * 40,
    '"',
    "%",
    "é",
    "true",
)
PLAUSIBLE = {
    "symbol": ("BTCUSDT", "ETHUSDT", "NOPE"),
    "side": ("BUY", "SELL"),
    "type": ("LIMIT", "MARKET", "STOP_MARKET", "TRAILING_STOP_MARKET"),
    "algoType": ("CONDITIONAL",),
    "timeInForce": ("GTC", "IOC", "FOK", "GTX", "GTD"),
    "interval": ("1m", "1h"),
}
NAMES = (
    *PLAUSIBLE,
    *("quantity", "price", "triggerPrice", "callbackRate", "activatePrice", "reduceOnly"),
    *("closePosition", "newClientOrderId", "clientAlgoId", "orderId", "algoId", "leverage"),
    *("limit", "startTime", "endTime", "fromId", "countdownTime", "goodTillDate", "recvWindow"),
)


@pytest.mark.parametrize("seed", range(3))
async def test_any_request_when_hostile_is_answered_and_never_breaks_the_server(seed: int) -> None:
    chance = random.Random(seed)
    limits = Limits(weight_per_minute=10**9, orders_per_10s=10**9, orders_per_minute=10**9)
    async with Running(settings=WireSettings(limits=limits)) as kit:
        for _ in range(300):
            method, path = chance.choice(list(REST))
            params = {
                name: chance.choice((*PLAUSIBLE.get(name, ()) * 20, *HOSTILE))
                for name in chance.sample(NAMES, chance.randint(0, 10))
            }

            answer = await kit.signed(method, path, **params)

            assert answer.status in {200, 400}, (method, path, params, answer.text)
            assert answer.status == 200 or answer.body["code"] < 0
