import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from aiohttp import web

from engine.domain.events import (
    AccountDeaf,
    AccountEvent,
    AccountHeard,
    BalanceChanged,
    OrderChanged,
    OrderFilled,
)
from engine.domain.order import Book
from engine.exchange.binance.listen_key import ListenKeys
from engine.exchange.binance.user_stream import UserStream
from engine.exchange.binance.ws_api import WsApi
from tests.engine.exchange.binance.frames import (
    USDT_BALANCE,
    account_update,
    algo_update,
    order_update,
)
from tests.engine.exchange.binance.scripted import (
    Answer,
    SocketScript,
    Wired,
    read_to_end,
    sends,
    until,
    wired,
)

KEY = Answer({"listenKey": "key-1"})
PATH = "/private/ws"


@dataclass
class Listening:
    """A running user stream and what it told."""

    it: Wired
    stream: UserStream
    events: list[AccountEvent]
    margin: list[str]

    def told(self, kind: type) -> int:
        """How many events of a kind were told."""
        return sum(isinstance(event, kind) for event in self.events)


@asynccontextmanager
async def listening(*scripts: SocketScript, **changes: Any) -> AsyncIterator[Listening]:
    async with wired(**changes) as it:
        it.venue.answer("POST", "v1/listenKey", KEY)
        it.venue.answer("PUT", "v1/listenKey", Answer({}))
        it.venue.socket(PATH, *scripts)
        socket = WsApi(
            it.config,
            it.clock,
            budget=it.rest.budget,
            server=it.rest.server,
            rng=random.Random(1),
            next_id=itertools.count(1).__next__,
        )
        events: list[AccountEvent] = []
        margin: list[str] = []
        stream = UserStream(
            it.config,
            it.clock,
            ListenKeys(it.rest, socket, it.config.keep_alive_s),
            server=it.rest.server,
            rng=random.Random(2),
            book=Book.LIVE,
            sink=events.append,
            on_margin_changed=margin.append,
        )
        task = asyncio.create_task(stream.run())
        try:
            yield Listening(it, stream, events, margin)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_run_when_connected_tells_heard_and_then_events_in_order() -> None:
    script = sends(order_update(), account_update("ORDER", B=[USDT_BALANCE]), algo_update())
    async with listening(script) as it:
        await until(lambda: len(it.events) == 5)
        assert [type(event) for event in it.events] == [
            AccountHeard,
            OrderFilled,
            OrderChanged,
            BalanceChanged,
            OrderChanged,
        ]
        assert it.stream.is_hearing
        assert it.it.venue.opened == [f"{PATH}?listenKey=key-1"]


async def test_run_when_closed_tells_deaf_once_and_takes_a_new_key_and_socket() -> None:
    async with listening(sends(close=1000), sends(close=1011), sends(algo_update())) as it:
        await until(lambda: it.told(OrderChanged) == 1)
        assert [type(event) for event in it.events] == [
            AccountHeard,
            AccountDeaf,
            AccountHeard,
            AccountDeaf,
            AccountHeard,
            OrderChanged,
        ]
        assert len(it.it.venue.requests("v1/listenKey")) == 3
        assert it.stream.counts.losses == 2


async def test_run_when_the_key_expires_on_an_open_socket_starts_over() -> None:
    expired = {"e": "listenKeyExpired", "E": "1736996475556", "listenKey": "key-1"}
    async with listening(sends(expired), sends(algo_update())) as it:
        await until(lambda: it.told(OrderChanged) == 1)
        deaf = next(event for event in it.events if isinstance(event, AccountDeaf))
        assert deaf.reason == "listen key expired"


async def test_run_when_the_key_cannot_be_extended_starts_over() -> None:
    async with listening(sends(), keep_alive_s=0.02) as it:
        gone = {"code": -1125, "msg": "This listenKey does not exist."}
        it.it.venue.answer("PUT", "v1/listenKey", Answer(gone, 400))
        await until(lambda: it.told(AccountDeaf) >= 1 and it.told(AccountHeard) >= 2)


async def test_run_when_the_key_is_kept_alive_stays_on_one_socket() -> None:
    async with listening(sends(), keep_alive_s=0.01) as it:
        await until(lambda: len([a for a in it.it.venue.asked if a.method == "PUT"]) >= 3)
        assert it.told(AccountDeaf) == 0
        assert it.stream.counts.connections == 1


async def test_run_when_the_venue_is_down_is_deaf_and_keeps_trying() -> None:
    async with listening(sends(algo_update())) as it:
        it.it.venue.answer("POST", "v1/listenKey", Answer({}, 503), Answer({}, 502), KEY)
        await until(lambda: it.told(OrderChanged) == 1)
        assert it.told(AccountDeaf) <= 1


async def test_run_when_a_frame_is_unreadable_starts_over_because_it_may_be_a_fill() -> None:
    broken = order_update(l="nonsense")
    async with listening(sends(broken), sends(order_update())) as it:
        await until(lambda: it.told(OrderFilled) == 1)
        assert it.told(AccountDeaf) == 1
        assert it.stream.counts.malformed == 1


async def test_run_when_types_are_unknown_or_silent_counts_them_apart() -> None:
    script = sends({"e": "TRADE_LITE", "E": 1}, {"e": "NEWS", "E": 1}, algo_update())
    async with listening(script) as it:
        await until(lambda: it.told(OrderChanged) == 1)
        assert (it.stream.counts.ignored, it.stream.counts.unknown) == (1, 1)


async def test_run_when_leverage_is_changed_by_hand_tells_which_symbol() -> None:
    changed = {"e": "ACCOUNT_CONFIG_UPDATE", "E": 1, "T": 1, "ac": {"s": "BTCUSDT", "l": 25}}
    async with listening(sends(changed)) as it:
        await until(lambda: it.margin == ["BTCUSDT"])


async def test_run_when_the_same_frame_comes_twice_tells_it_once() -> None:
    async with listening(sends(order_update(), order_update(), algo_update())) as it:
        await until(lambda: it.told(OrderChanged) == 2)
        assert it.told(OrderFilled) == 1
        assert it.stream.counts.repeated == 1


async def test_run_when_a_connection_is_old_overlaps_and_stays_hearing() -> None:
    sockets: list[web.WebSocketResponse] = []

    async def script(socket: web.WebSocketResponse, _path: str) -> None:
        sockets.append(socket)
        for other in sockets:
            if not other.closed:
                number = len(sockets)
                frame = orjson.dumps(order_update(t=1000 + number)).decode()
                await other.send_str(frame)
        await read_to_end(socket)

    async with listening(script, renew_after_s=0.1, overlap_s=0.03) as it:
        await until(lambda: it.stream.counts.connections >= 3)
        await until(lambda: it.told(OrderFilled) >= 3)
        trade_ids = [e.fill.trade_id for e in it.events if isinstance(e, OrderFilled)]
        assert len(trade_ids) == len(set(trade_ids))
        assert it.stream.counts.repeated >= 1
        assert it.told(AccountDeaf) == 0
        assert it.told(AccountHeard) == 1


async def test_run_when_an_acknowledged_order_is_not_seen_counts_as_deaf() -> None:
    async with listening(sends(), sends(algo_update()), seen_within_s=0.05) as it:
        await until(lambda: it.stream.is_hearing)
        it.stream.expectations.expect("smc1-E-aaaaaaaaaaaaaa-0")
        await until(lambda: it.told(OrderChanged) == 1)
        deaf = next(event for event in it.events if isinstance(event, AccountDeaf))
        assert "acknowledged but not seen" in deaf.reason


async def test_run_when_events_carry_the_venues_time_teach_the_clock() -> None:
    async with listening() as it:
        ahead = {**algo_update(), "E": it.it.clock.exchange_ms() + 60_000}
        it.it.venue.socket(PATH, sends(ahead))
        await until(lambda: it.it.rest.server.offset_ms > 50_000)


async def test_run_when_the_sink_fails_is_deaf_and_lets_the_failure_out() -> None:
    async with listening(sends(order_update())) as it:
        original = it.stream._sink

        def failing(event: AccountEvent) -> None:
            original(event)
            if isinstance(event, OrderFilled):
                raise RuntimeError("a bug")

        it.stream._sink = failing
        await until(lambda: it.told(AccountDeaf) == 1)
        assert not it.stream.is_hearing


async def test_run_when_stopped_never_deletes_the_shared_key() -> None:
    async with listening(sends()) as it:
        await until(lambda: it.stream.is_hearing)
        venue = it.it.venue
    assert {asked.method for asked in venue.asked} == {"POST"}


@pytest.mark.parametrize("close", [1000, 1001, 1008, 1011])
async def test_run_when_closed_with_any_code_reconnects(close: int) -> None:
    async with listening(sends(close=close), sends(algo_update())) as it:
        await until(lambda: it.told(OrderChanged) == 1)


async def test_run_when_the_next_connection_is_refused_stays_on_the_old_one() -> None:
    async def refusing(socket: web.WebSocketResponse, _path: str) -> None:
        await socket.send_str(orjson.dumps(algo_update()).decode())
        await read_to_end(socket)

    async with listening(refusing, renew_after_s=0.05, overlap_s=0.01) as it:
        await until(lambda: it.told(OrderChanged) == 1)
        it.it.venue.socket(PATH)
        opened = len(it.it.venue.opened)
        await until(lambda: len(it.it.venue.opened) >= opened + 2)
        assert it.stream.is_hearing
        it.it.venue.socket(PATH, refusing)
        made = it.stream.counts.connections
        await until(lambda: it.stream.counts.connections > made)
        assert it.told(AccountDeaf) == 0
