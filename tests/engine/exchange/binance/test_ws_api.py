import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import WSMsgType, web

from engine.domain.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    VenueBusy,
    VenueRejected,
    VenueUnreachable,
)
from engine.exchange.binance.limits import ACCOUNT, ORDER
from engine.exchange.binance.signing import ws_signature
from engine.exchange.binance.ws_api import WsApi, is_clock_refusal
from engine.exchange.binance.ws_methods import ACCOUNT_POSITION, ORDER_PLACE, USER_STREAM_PING
from tests.engine.exchange.binance.scripted import SocketScript, Wired, until, wired
from tests.engine.exchange.binance.virtual import START_MS

Reply = Callable[[dict[str, Any]], Any]


def answers(reply: Reply, asked: list[dict[str, Any]] | None = None) -> SocketScript:
    """A socket that answers each request with `reply(request)`: JSON, bytes, or nothing (None)."""

    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            request = orjson.loads(message.data)
            if asked is not None:
                asked.append(request)
            body = reply(request)
            if body == "close":
                await socket.close()
            elif body is not None:
                text = body if isinstance(body, bytes) else orjson.dumps(body)
                await socket.send_str(text.decode())

    return script


def ok(result: Any, **extra: Any) -> Reply:
    return lambda request: {"id": request["id"], "status": 200, "result": result, **extra}


def refused(status: int, code: int, msg: str = "text") -> Reply:
    return lambda request: {
        "id": request["id"],
        "status": status,
        "error": {"code": code, "msg": msg},
    }


@asynccontextmanager
async def connected(*scripts: SocketScript, **changes: Any) -> AsyncIterator[tuple[WsApi, Wired]]:
    async with wired(**changes) as it:
        it.venue.socket("/ws-fapi/v1", *scripts)
        api = WsApi(
            it.config,
            it.clock,
            budget=it.rest.budget,
            server=it.rest.server,
            rng=random.Random(1),
            next_id=itertools.count(1).__next__,
        )
        task = asyncio.create_task(api.run())
        try:
            await until(lambda: api.is_connected)
            yield api, it
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_request_when_answered_is_signed_over_sorted_parameters() -> None:
    asked: list[dict[str, Any]] = []
    async with connected(answers(ok({"orderId": 7}), asked)) as (api, _):
        params = {"symbol": "币安人生USDT", "quantity": "0.1"}
        assert await api.request(ORDER_PLACE, params, ORDER) == {"orderId": 7}
    (request,) = asked
    sent = dict(request["params"])
    signature = sent.pop("signature")
    assert signature == ws_signature(sent, "test-secret")
    assert request["id"] == "1"
    assert request["method"] == "order.place"
    assert sent["apiKey"] == "test-key"
    assert sent["recvWindow"] == 5000
    assert abs(sent["timestamp"] - START_MS) < 5000


async def test_request_when_not_signed_carries_only_the_key() -> None:
    asked: list[dict[str, Any]] = []
    async with connected(answers(ok({"listenKey": "k"}), asked)) as (api, _):
        await api.request(USER_STREAM_PING, {}, ACCOUNT)
    assert asked[0]["params"] == {"apiKey": "test-key"}


async def test_request_when_several_wait_matches_answers_by_id() -> None:
    held: list[dict[str, Any]] = []

    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        held.extend([await socket.receive_json() for _ in range(3)])
        for request in reversed(held):
            await socket.send_json(ok(request["params"]["n"])(request))
        await socket.receive()

    async with connected(script) as (api, _):
        got = await asyncio.gather(
            *(api.request(ACCOUNT_POSITION, {"n": number}, ACCOUNT) for number in (1, 2, 3))
        )
    assert got == [1, 2, 3]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refused(400, -2019), VenueRejected),
        (refused(401, -2015), CredentialsRefused),
        (refused(503, -1008), VenueBusy),
        (refused(503, -1000, "Unknown error, please check your request"), OutcomeUnknown),
        (refused(408, -1007), OutcomeUnknown),
        (refused(400, -4116), OutcomeUnknown),
        (lambda request: {"id": request["id"]}, OutcomeUnknown),
        (lambda request: {"id": request["id"], "status": 200}, OutcomeUnknown),
        (lambda request: {"id": request["id"], "status": 400}, OutcomeUnknown),
    ],
)
async def test_request_when_an_order_fails_follows_the_law(reply: Reply, kind: type) -> None:
    async with connected(answers(reply)) as (api, _):
        with pytest.raises(kind):
            await api.request(ORDER_PLACE, {}, ORDER)


async def test_request_when_no_reply_comes_is_unknown_and_a_late_one_is_dropped() -> None:
    asked: list[dict[str, Any]] = []

    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        asked.append(await socket.receive_json())
        request = await socket.receive_json()
        await socket.send_json(ok("late")(asked[0]))
        await socket.send_json(ok("in time")(request))
        await socket.receive()

    async with connected(script, order_timeout_s=0.1) as (api, _):
        with pytest.raises(OutcomeUnknown, match="no reply"):
            await api.request(ORDER_PLACE, {}, ORDER)
        assert await api.request(ACCOUNT_POSITION, {}, ACCOUNT) == "in time"
        assert api.counts.unmatched == 1


async def test_request_when_a_read_gets_no_reply_is_unreachable() -> None:
    async with connected(answers(lambda _: None), order_timeout_s=0.05) as (api, _):
        with pytest.raises(VenueUnreachable):
            await api.request(ACCOUNT_POSITION, {}, ACCOUNT)


async def test_request_when_the_connection_drops_is_unknown_at_once_and_it_reconnects() -> None:
    async with connected(answers(lambda _: "close"), answers(ok("again"))) as (api, _):
        with pytest.raises(OutcomeUnknown, match="closed"):
            await api.request(ORDER_PLACE, {}, ORDER)
        await until(lambda: api.counts.connections == 2 and api.is_connected)
        assert await api.request(ACCOUNT_POSITION, {}, ACCOUNT) == "again"


@pytest.mark.parametrize(
    "frame",
    [b'{"id":null,"status":401,"error":{"code":-2015,"msg":"x"}}', b"junk", b"[]", b'{"id":99}'],
)
async def test_reader_when_a_frame_matches_nothing_goes_on_reading(frame: bytes) -> None:
    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        request = await socket.receive_json()
        await socket.send_str(frame.decode())
        await socket.send_json(ok("fine")(request))
        await socket.receive()

    async with connected(script) as (api, _):
        assert await api.request(ACCOUNT_POSITION, {}, ACCOUNT) == "fine"
        assert api.counts.unmatched == 1


async def test_request_when_not_connected_is_certainly_not_sent() -> None:
    async with wired() as it:
        api = WsApi(
            it.config,
            it.clock,
            budget=it.rest.budget,
            server=it.rest.server,
            rng=random.Random(1),
            next_id=itertools.count(1).__next__,
        )
        assert not api.is_connected
        with pytest.raises(VenueUnreachable):
            await api.request(ORDER_PLACE, {}, ORDER)


async def test_request_when_limits_are_told_takes_them_over() -> None:
    limits = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "count": 1200},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "count": 210},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "count": 5},
        {"rateLimitType": "NEW_KIND"},
        "junk",
    ]
    async with connected(answers(ok({}, rateLimits=limits))) as (api, it):
        await api.request(ACCOUNT_POSITION, {}, ACCOUNT)
        assert it.rest.budget.used_ratio == 0.5
        with pytest.raises(VenueBusy):
            await api.request(ORDER_PLACE, {}, ORDER)


async def test_request_when_banned_silences_rest_as_well() -> None:
    ban = refused(418, -1003, f"IP banned until {START_MS + 500_000}.")
    async with connected(answers(ban)) as (api, it):
        with pytest.raises(VenueBusy):
            await api.request(ACCOUNT_POSITION, {}, ACCOUNT)
        assert it.rest.budget.quiet_for_s > 490


async def test_run_when_a_connection_is_old_opens_the_next_before_closing_it() -> None:
    def slow(request: dict[str, Any]) -> Any:
        return ok("answered")(request)

    async with connected(answers(slow), renew_after_s=0.05, overlap_s=0.02) as (api, it):
        await until(lambda: api.counts.connections >= 3)
        assert api.is_connected
        assert await api.request(ACCOUNT_POSITION, {}, ACCOUNT) == "answered"
        assert len(it.venue.opened) >= 3


async def test_run_when_the_venue_is_down_keeps_trying() -> None:
    async with wired() as it:
        api = WsApi(
            it.config,
            it.clock,
            budget=it.rest.budget,
            server=it.rest.server,
            rng=random.Random(1),
            next_id=itertools.count(1).__next__,
        )
        task = asyncio.create_task(api.run())
        await until(lambda: len(it.venue.opened) >= 2)
        it.venue.socket("/ws-fapi/v1", answers(ok({})))
        await until(lambda: api.is_connected)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_is_clock_refusal_when_code_is_about_time_only() -> None:
    assert is_clock_refusal(VenueRejected(-1021, "x"))
    assert is_clock_refusal(VenueRejected(-5028, "x"))
    assert not is_clock_refusal(VenueRejected(-2019, "x"))
    assert not is_clock_refusal(OutcomeUnknown("x"))
