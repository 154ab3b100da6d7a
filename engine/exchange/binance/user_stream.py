"""The user data stream: heard for ever, and honest about when it is not."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from websockets.asyncio.client import ClientConnection

from engine.domain.errors import MalformedMessage, VenueError
from engine.domain.events import AccountDeaf, AccountEvent, AccountHeard
from engine.domain.order import Book
from engine.exchange.binance.codec_user import KeyExpired, MarginChanged, decode_user_frame
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.expectations import Expectations
from engine.exchange.binance.listen_key import ListenKeyGone, ListenKeys
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.sockets import CLOSED, close_reason, open_socket
from engine.ports import Clock
from engine.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

_REMEMBERED_FRAMES = 512
_HEALTHY_AFTER_S = 60.0
_KNOWN_SILENT = frozenset({"TRADE_LITE", "MARGIN_CALL", "CONDITIONAL_ORDER_TRIGGER_REJECT"})


class StreamLost(Exception):  # noqa: N818 - says what happened
    """The stream hears no more; a new key and a new socket are needed."""


@dataclass(slots=True)
class UserStreamCounts:
    """What happened on the stream since start."""

    connections: int = 0
    frames: int = 0
    repeated: int = 0
    ignored: int = 0
    unknown: int = 0
    malformed: int = 0
    losses: int = 0


class UserStream:
    """Listens to the account for ever (run `run`).

    Args:
        config: address and times.
        clock: both clocks.
        keys: the listen key's life.
        server: learns from the events' times.
        rng: jitter of reconnection.
        book: which book the events are for.
        sink: receives every event in order, and AccountDeaf / AccountHeard around a loss.
        on_margin_changed: told the symbol whose leverage somebody changed.
    """

    def __init__(
        self,
        config: BinanceConfig,
        clock: Clock,
        keys: ListenKeys,
        *,
        server: ServerClock,
        rng: random.Random,
        book: Book,
        sink: Callable[[AccountEvent], None],
        on_margin_changed: Callable[[str], None],
    ) -> None:
        self._config = config
        self._clock = clock
        self._keys = keys
        self._server = server
        self._backoff = Backoff(rng)
        self._book = book
        self._sink = sink
        self._on_margin_changed = on_margin_changed
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._retired: set[ClientConnection] = set()
        self._hearing = False
        self._told_deaf = False
        self.expectations = Expectations(clock, config.seen_within_s)
        self.counts = UserStreamCounts()

    @property
    def is_hearing(self) -> bool:
        """True while a socket with a living key is open."""
        return self._hearing

    async def run(self) -> None:
        """Hear for ever; after any loss take a new key and a new socket."""
        while True:
            began = self._clock.monotonic()
            try:
                await self._hear_until_lost()
            except StreamLost as lost:
                self._deafen(str(lost))
            except Exception as error:
                self._deafen(f"the listener failed: {type(error).__name__}")
                raise
            if self._clock.monotonic() - began > _HEALTHY_AFTER_S:
                self._backoff.reset()
            await asyncio.sleep(self._backoff.next_delay())

    async def _hear_until_lost(self) -> None:
        try:
            key = await self._keys.obtain()
            connection = await self._open(key)
        except VenueError as error:
            raise StreamLost(str(error)) from error
        loss: StreamLost | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_key(key), name="listen key")
                group.create_task(self._watch(), name="unseen orders")
                group.create_task(self._follow(group, key, connection), name="user stream")
        except* StreamLost as losses:
            loss = _first(losses)
        finally:
            await connection.close()
        if loss is not None:
            raise loss

    async def _open(self, key: str) -> ClientConnection:
        url = f"{self._config.stream_url}/private/ws?listenKey={key}"
        connection = await open_socket(self._config, url)
        self.counts.connections += 1
        return connection

    async def _follow(
        self, group: asyncio.TaskGroup, key: str, connection: ClientConnection
    ) -> None:
        """Read one socket after the other; the next one opens before the last one closes."""
        self._undeafen()
        while True:
            group.create_task(self._read(connection), name="user stream reader")
            await asyncio.sleep(self._config.renew_after_s)
            successor = await self._open_successor(key)
            group.create_task(self._retire(connection), name="user stream retirement")
            connection = successor

    async def _open_successor(self, key: str) -> ClientConnection:
        while True:
            try:
                return await self._open(key)
            except VenueError as error:
                log.warning("user_stream.not_renewed", reason=str(error))
            await asyncio.sleep(self._backoff.next_delay())

    async def _retire(self, connection: ClientConnection) -> None:
        # Both sockets are heard for a while; `_seen` drops what comes twice.
        self._retired.add(connection)
        await asyncio.sleep(self._config.overlap_s)
        await connection.close()

    async def _keep_key(self, key: str) -> None:
        try:
            await self._keys.keep_alive(key)
        except ListenKeyGone as gone:
            raise StreamLost(f"listen key gone: {gone}") from gone

    async def _watch(self) -> None:
        client_id = await self.expectations.missed()
        raise StreamLost(
            f"order {client_id} was acknowledged but not seen for {self._config.seen_within_s:g} s"
        )

    async def _read(self, connection: ClientConnection) -> None:
        try:
            while True:
                self._take(await connection.recv(decode=False))
        except CLOSED as error:
            if connection in self._retired:
                self._retired.discard(connection)
                return
            raise StreamLost(close_reason(connection)) from error
        finally:
            await connection.close()

    def _take(self, raw: bytes) -> None:
        self.counts.frames += 1
        if raw in self._seen:
            self.counts.repeated += 1
            return
        self._seen[raw] = None
        if len(self._seen) > _REMEMBERED_FRAMES:
            self._seen.popitem(last=False)
        try:
            frame = decode_user_frame(raw, self._book)
        except MalformedMessage as error:
            # What it said is lost: only a snapshot can tell, and a new stream brings one.
            self.counts.malformed += 1
            raise StreamLost(f"unreadable frame: {error}") from error
        if frame.event_time_ms:
            self._server.observe(frame.event_time_ms)
        if not frame.events:
            self._count_silent(frame.kind)
        for event in frame.events:
            self._emit(event)

    def _emit(self, event: AccountEvent | KeyExpired | MarginChanged) -> None:
        if isinstance(event, KeyExpired):
            raise StreamLost("listen key expired")
        if isinstance(event, MarginChanged):
            self._on_margin_changed(event.symbol)
            return
        self._backoff.reset()
        self.expectations.hear(event)
        self._sink(event)

    def _count_silent(self, kind: str) -> None:
        if kind in _KNOWN_SILENT:
            self.counts.ignored += 1
        else:
            self.counts.unknown += 1
            log.info("user_stream.unknown_event", kind=kind)

    def _undeafen(self) -> None:
        self._hearing = True
        self._told_deaf = False
        self._sink(AccountHeard(self._book))

    def _deafen(self, reason: str) -> None:
        self._hearing = False
        self.expectations.forget()
        self.counts.losses += 1
        log.warning("user_stream.lost", reason=reason)
        if not self._told_deaf:
            self._told_deaf = True
            self._sink(AccountDeaf(self._book, reason))


def _first(group: BaseExceptionGroup[StreamLost]) -> StreamLost:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
