"""The heart beat: closes at the boundary and for everyone, events, no silent death."""

import asyncio
from typing import Any

import pytest

from engine.exchange.sim.server import WireSettings
from tests.engine.exchange.sim.wire.wire_kit import (
    KEY,
    START_MS,
    Kit,
    Running,
    eventually,
    receive,
    receive_until,
)

MINUTE = 60_000


async def test_pump_when_minutes_pass_pushes_each_close_once_and_exactly_at_the_boundary() -> None:
    async with Running(speed=240.0, beating=True) as kit:
        socket = await kit.connect("/market/ws/btcusdt@kline_1m")
        closes = [await receive_until(socket, lambda frame: frame["k"]["x"]) for _ in range(4)]

    opens = [frame["k"]["t"] for frame in closes]
    assert opens == [opens[0] + MINUTE * n for n in range(4)]
    assert all(frame["E"] == frame["k"]["T"] + 1 for frame in closes)


async def test_pump_when_running_pushes_open_candles_between_closes() -> None:
    async with Running(speed=20.0, beating=True) as kit:
        socket = await kit.connect("/market/ws/btcusdt@kline_1m")
        first, second = [await receive_until(socket, is_open) for _ in range(2)]

    assert second["E"] > first["E"]
    if second["k"]["t"] == first["k"]["t"]:
        assert second["k"]["n"] >= first["k"]["n"]


def is_open(frame: dict[str, Any]) -> bool:
    return not frame["k"]["x"]


async def test_pump_when_a_second_passes_pushes_mark_prices() -> None:
    async with Running(beating=True) as kit:
        socket = await kit.connect("/market/ws/btcusdt@markPrice@1s")

        assert (await receive(socket))["e"] == "markPriceUpdate"


async def test_advance_when_a_minute_closes_pushes_one_burst_of_all_symbols(kit: Kit) -> None:
    trading = [rule.symbol for rule in kit.market.rules if rule.status == "TRADING"]
    names = "/".join(f"{symbol.lower()}@kline_1m" for symbol in trading)
    socket = await kit.connect(f"/market/stream?streams={names}")
    await settled(kit, 1)

    kit.advance(MINUTE)
    step_frames = [await receive(socket) for _ in trading]

    assert {frame["data"]["s"] for frame in step_frames if frame["data"]["k"]["x"]} <= set(trading)
    assert all(frame["data"]["k"]["t"] == START_MS for frame in step_frames)


async def test_advance_when_far_behind_still_pushes_every_close(kit: Kit) -> None:
    socket = await kit.connect("/market/ws/btcusdt@kline_1m")
    await settled(kit, 1)

    kit.advance(30 * MINUTE)
    opens = [(await receive(socket))["k"]["t"] for _ in range(30)]

    assert opens == [START_MS + n * MINUTE for n in range(30)]


async def test_advance_when_a_stop_is_reached_pushes_user_events(kit: Kit) -> None:
    key = (await kit.call("POST", "/fapi/v1/listenKey", headers=keyed())).body["listenKey"]
    socket = await kit.connect(f"/private/ws?listenKey={key}")
    await settled(kit, 1)
    quantity = kit.quantity("BTCUSDT")
    await kit.signed(
        "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity=quantity
    )
    await kit.signed(
        "POST",
        "/fapi/v1/algoOrder",
        algoType="CONDITIONAL",
        symbol="BTCUSDT",
        side="SELL",
        type="STOP_MARKET",
        quantity=quantity,
        triggerPrice=kit.price("BTCUSDT", "0.9995"),
        reduceOnly="true",
    )

    for _ in range(240):
        kit.advance(MINUTE)
    event = await receive_until(
        socket, lambda frame: frame["e"] == "ALGO_UPDATE" and frame["o"]["X"] == "FINISHED"
    )

    assert event["o"]["s"] == "BTCUSDT"


async def test_advance_when_funding_is_due_charges_the_position(kit: Kit) -> None:
    await kit.signed(
        "POST",
        "/fapi/v1/order",
        symbol="BTCUSDT",
        side="BUY",
        type="MARKET",
        quantity=kit.quantity("BTCUSDT"),
    )

    kit.advance(9 * 60 * MINUTE)

    income = kit.exchange.income("alice", {"incomeType": "FUNDING_FEE"}, kit.market.now_ms)
    assert len(income) == 1


async def test_advance_when_contracts_begin_and_end_everyone_hears_and_orders_follow(
    kit: Kit,
) -> None:
    socket = await kit.connect("/market/ws/!contractInfo")
    await settled(kit, 1)
    new, ending = "NEWCOINUSDT", "DOGEUSDT"
    order = {"symbol": new, "side": "BUY", "type": "MARKET", "quantity": "100"}
    too_early = await kit.signed("POST", "/fapi/v1/order", **order)

    kit.advance(37 * 60 * MINUTE)
    heard = [await receive(socket), await receive(socket)]
    accepted = await kit.signed("POST", "/fapi/v1/order", **order)
    too_late = await kit.signed("POST", "/fapi/v1/order", **order | {"symbol": ending})
    info = (await kit.get("/fapi/v1/exchangeInfo")).body["symbols"]

    assert [(frame["s"], frame["cs"]) for frame in heard] == [
        (new, "TRADING"),
        (ending, "SETTLING"),
    ]
    assert (too_early.status, accepted.status, too_late.status) == (400, 200, 400)
    statuses = {row["symbol"]: row["status"] for row in info}
    assert (statuses[new], statuses[ending]) == ("TRADING", "SETTLING")


async def test_pump_when_the_market_breaks_says_so_instead_of_dying_silently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Running(settings=WireSettings(beat_s=0.01), beating=True) as kit:

        def broken(to_ms: int) -> None:
            raise ZeroDivisionError("planted")

        monkeypatch.setattr(kit.market, "advance", broken)

        with pytest.raises(ZeroDivisionError, match="planted"):
            await asyncio.wait_for(kit.server.wait_failed(), 5.0)


async def test_pump_when_stopped_pushes_nothing_more() -> None:
    async with Running(speed=20.0, beating=True) as kit:
        kit.server.pump.stop()
        before = kit.market.now_ms
        await asyncio.sleep(0.3)

        assert kit.market.now_ms == before


async def settled(kit: Kit, sockets: int) -> None:
    """Wait until the server knows that many stream sockets."""
    await eventually(lambda: len(kit.server.hub.connections) >= sockets)


def keyed() -> dict[str, str]:
    return {"X-MBX-APIKEY": KEY}
