"""The `/sim` door: clock, summary and faults over HTTP, for this machine only."""

import json
from typing import Any

import pytest

from engine.exchange.sim.fault_actions import DropReply
from engine.exchange.sim.faults import FaultRule
from engine.exchange.sim.wire.sim_control import _from_here
from tests.engine.exchange.sim.wire.test_pump import keyed, settled
from tests.engine.exchange.sim.wire.wire_kit import Answer, Kit, closed_with, receive_until


async def post(kit: Kit, body: Any) -> Answer:
    return await kit.raw("POST", "/sim/faults", {}, json.dumps(body))


async def test_clock_when_asked_lets_a_second_process_agree(kit: Kit) -> None:
    told = (await kit.get("/sim/clock")).body

    twin = told["epoch_ms"] + (kit.clock.wall() - told["started_at"]) * 1000 * told["speed"]

    assert abs(twin - kit.clock.now_ms()) <= 1


async def test_summary_when_orders_happened_counts_them(kit: Kit) -> None:
    await kit.signed(
        "POST",
        "/fapi/v1/order",
        symbol="BTCUSDT",
        side="BUY",
        type="MARKET",
        quantity=kit.quantity("BTCUSDT"),
    )

    summary = (await kit.get("/sim/summary")).body

    assert summary["exchange"]["orders"] == 1
    assert summary["exchange"]["fills"] >= 1
    assert summary["wire"]["refused_429"] == 0
    assert summary["clock"]["speed"] == 1.0
    assert summary["market"] == {"now_ms": kit.market.now_ms, "exhausted": False}


async def test_faults_when_posted_strike_and_are_counted(kit: Kit) -> None:
    body = {"action": "refuse_with", "operation": "ping", "error": "unavailable_503"}

    armed = await post(kit, body)
    refused = await kit.get("/fapi/v1/ping")
    view = (await kit.get("/sim/faults")).body

    assert armed.status == 200
    assert (refused.status, refused.body["msg"]) == (503, "Service Unavailable.")
    assert view == {"armed": {}, "struck": {"RefuseWith": 1}}


async def test_faults_when_deleted_are_gone(kit: Kit) -> None:
    kit.server.faults.arm(FaultRule(DropReply(), count=None))

    view = await kit.call("DELETE", "/sim/faults")

    assert view.body["armed"] == {}
    assert (await kit.get("/fapi/v1/ping")).status == 200


@pytest.mark.parametrize("body", [[1], {"action": "explode"}, {"do": "dance"}])
async def test_faults_when_not_understood_are_refused_with_a_line(kit: Kit, body: Any) -> None:
    answer = await post(kit, body)

    assert answer.status == 400
    assert answer.body["error"]


async def test_faults_when_not_json_are_refused(kit: Kit) -> None:
    assert (await kit.raw("POST", "/sim/faults", {}, "{")).status == 400


async def test_close_sockets_when_posted_ends_that_route_only(kit: Kit) -> None:
    market, public = await kit.connect("/market/ws"), await kit.connect("/public/ws")
    await settled(kit, 2)

    await post(kit, {"do": "close_sockets", "route": "market", "code": 1001})

    assert await closed_with(market) == 1001
    assert not public.closed


async def test_close_sockets_when_cut_has_no_close_frame(kit: Kit) -> None:
    market = await kit.connect("/market/ws")
    await settled(kit, 1)

    await post(kit, {"do": "close_sockets"})

    assert await closed_with(market) == 1006


async def test_expire_listen_key_when_posted_is_announced(kit: Kit) -> None:
    key = (await kit.call("POST", "/fapi/v1/listenKey", headers=keyed())).body["listenKey"]
    socket = await kit.connect(f"/private/ws/{key}")
    await settled(kit, 1)

    await post(kit, {"do": "expire_listen_key", "account": "alice"})
    event = await receive_until(socket, lambda frame: frame["e"] == "listenKeyExpired")
    refused = await kit.call("PUT", "/fapi/v1/listenKey", headers=keyed())

    assert event["listenKey"] == key
    assert refused.body["code"] == -1125


async def test_reject_trigger_when_posted_the_next_stop_is_rejected(kit: Kit) -> None:
    quantity = kit.quantity("BTCUSDT")
    await kit.signed(
        "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity=quantity
    )
    placed = await kit.signed(
        "POST",
        "/fapi/v1/algoOrder",
        algoType="CONDITIONAL",
        symbol="BTCUSDT",
        side="SELL",
        type="STOP_MARKET",
        quantity=quantity,
        triggerPrice=kit.price("BTCUSDT", "0.9995"),
        reduceOnly="true",
        clientAlgoId="doomed",
    )
    assert placed.status == 200

    await post(kit, {"do": "reject_trigger", "symbol": "BTCUSDT", "reason": "planted"})
    kit.advance(240 * 60_000)

    found = kit.exchange.query_algo("alice", {"clientAlgoId": "doomed"}, kit.market.now_ms)
    assert found["algoStatus"] == "REJECTED"


async def test_unknown_path_when_asked_is_404(kit: Kit) -> None:
    assert (await kit.get("/sim/nothing")).status == 404


@pytest.mark.parametrize(
    ("remote", "here"),
    [("127.0.0.1", True), ("::1", True), ("10.0.0.5", False), (None, False), ("x", False)],
)
def test_from_here_when_the_address_is_judged(remote: str | None, here: bool) -> None:
    assert _from_here(remote) is here
