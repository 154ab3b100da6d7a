"""The path of a request: what is charged, checked, struck and published, and in which order."""

import asyncio

import pytest

from engine.exchange.sim.fault_actions import (
    UNKNOWN_503,
    DelayRequest,
    DropRequest,
    RefuseWith,
)
from engine.exchange.sim.faults import FaultRule
from engine.exchange.sim.wire.endpoints import REST
from engine.exchange.sim.wire.gateway import BrokenConnectionError, Call, Gateway, Reply
from engine.exchange.sim.wire.params import parse_http
from engine.exchange.sim.wire.security import sign
from tests.engine.exchange.sim.wire.wire_kit import KEY, SECRET, Kit

SYMBOL = "BTCUSDT"


def gateway(kit: Kit) -> Gateway:
    return kit.server._rest._gateway


def call(kit: Kit, method: str, path: str, **params: object) -> Call:
    params.setdefault("timestamp", kit.clock.now_ms())
    text = "&".join(f"{name}={value}" for name, value in params.items())
    signed = parse_http(f"{text}&signature={sign(SECRET, text)}", "")
    return Call(REST[method, path], signed, KEY, "127.0.0.1", "rest")


def market_buy(kit: Kit) -> Call:
    return call(
        kit,
        "POST",
        "/fapi/v1/order",
        symbol=SYMBOL,
        side="BUY",
        type="MARKET",
        quantity=kit.quantity(SYMBOL),
    )


async def test_serve_when_accepted_names_the_account_and_strips_authentication(kit: Kit) -> None:
    reply = await gateway(kit).serve(market_buy(kit))

    assert (reply.status, reply.account) == (200, "alice")
    assert kit.exchange.drain_events() == []


async def test_serve_when_an_order_arrives_it_fills_at_the_latest_quote(kit: Kit) -> None:
    kit.advance(30_000)
    ask = kit.market.tick(SYMBOL).ask

    await gateway(kit).serve(market_buy(kit))

    fill = kit.exchange.user_trades("alice", {"symbol": SYMBOL}, kit.market.now_ms)[0]
    assert float(fill["price"]) >= float(ask)
    assert float(fill["price"]) < float(ask) * 1.01


async def test_serve_when_refused_by_key_is_charged_all_the_same(kit: Kit) -> None:
    bad = call(kit, "GET", "/fapi/v3/account", timestamp=1)

    reply = await gateway(kit).serve(bad)

    assert reply.status == 400
    assert kit.server.limiter.used_weight("127.0.0.1") == 5


async def test_serve_when_signature_is_wrong_no_order_is_counted(kit: Kit) -> None:
    order = market_buy(kit)
    forged = Call(
        order.endpoint, parse_http("timestamp=1&signature=0", ""), KEY, order.ip, order.channel
    )

    await gateway(kit).serve(forged)

    assert kit.server.limiter.order_counts("alice") == (0, 0)


async def test_serve_when_request_is_delayed_beyond_the_window_cannot_execute(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DelayRequest(0.06), "place_order"))
    late = call(
        kit,
        "POST",
        "/fapi/v1/order",
        symbol=SYMBOL,
        side="BUY",
        type="MARKET",
        quantity=kit.quantity(SYMBOL),
        recvWindow=20,
    )

    reply = await gateway(kit).serve(late)

    assert isinstance(reply.payload, dict)
    assert reply.payload["code"] == -1021


async def test_serve_when_request_is_delayed_within_the_window_executes_late(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DelayRequest(0.03), "place_order"))
    started = kit.clock.now_ms()

    await gateway(kit).serve(market_buy(kit))

    fill = kit.exchange.user_trades("alice", {"symbol": SYMBOL}, kit.clock.now_ms())[0]
    assert fill["time"] >= started + 30


async def test_serve_when_request_is_dropped_breaks_the_connection(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DropRequest()))

    with pytest.raises(BrokenConnectionError):
        await gateway(kit).serve(market_buy(kit))

    assert kit.exchange.user_trades("alice", {"symbol": SYMBOL}, kit.clock.now_ms()) == []


async def test_serve_when_refused_by_a_fault_carries_its_error(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(RefuseWith(UNKNOWN_503), where={"side": "BUY"}))

    assert await gateway(kit).serve(market_buy(kit)) == Reply(503, None, error=UNKNOWN_503)


async def test_serve_when_clients_hurry_each_order_gets_its_own_answer(kit: Kit) -> None:
    replies = await asyncio.gather(*(gateway(kit).serve(market_buy(kit)) for _ in range(20)))

    ids = {reply.payload["orderId"] for reply in replies if isinstance(reply.payload, dict)}
    assert len(ids) == 20
