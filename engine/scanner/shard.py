"""One connection's worth of streams, kept alive for ever."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from engine.domain.errors import VenueError
from engine.ports import Clock, MarketData, MarketFrame
from engine.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

# A venue that hangs up after each first frame must not be called several times a second.
_HEALTHY_AFTER_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardTimes:
    """Wall seconds: silence that counts as a stall, and the age at which a connection is renewed.

    The venue closes connections after 24 h, so ours are replaced before, with overlap.
    """

    stalled_after_s: float = 15.0
    renew_after_s: float = 23 * 3600.0
    overlap_s: float = 30.0


class Shard:
    """Reads one set of streams; reconnects on any close, error or stall with jittered backoff."""

    def __init__(
        self,
        name: str,
        streams: Sequence[str],
        market: MarketData,
        clock: Clock,
        rng: random.Random,
        *,
        on_frame: Callable[[MarketFrame], None],
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        times: ShardTimes | None = None,
    ) -> None:
        self.name = name
        self.streams = tuple(streams)
        self._market = market
        self._clock = clock
        self._backoff = Backoff(rng)
        self._on_frame = on_frame
        self._on_up = on_up
        self._on_down = on_down
        self._times = times or ShardTimes()
        self._session: asyncio.Task[str] | None = None
        self.connections = 0

    @property
    def reconnects(self) -> int:
        """Connections made after the first one."""
        return max(0, self.connections - 1)

    def drop(self) -> None:
        """Give up the present connection, e.g. because REST proved it deaf; a new one follows."""
        if self._session is not None:
            self._session.cancel()

    async def run(self) -> None:
        """Keep the streams flowing until cancelled."""
        async with asyncio.TaskGroup() as group:
            began = self._clock.monotonic()
            session = self._begin(group)
            while True:
                self._session = session
                await asyncio.wait({session}, timeout=self._times.renew_after_s)
                if session.done():
                    self._tell_down(session)
                    if self._clock.monotonic() - began > _HEALTHY_AFTER_S:
                        self._backoff.reset()
                    await asyncio.sleep(self._backoff.next_delay())
                    began = self._clock.monotonic()
                    session = self._begin(group)
                else:
                    session = await self._renew(group, session)

    def _begin(
        self, group: asyncio.TaskGroup, seeing: asyncio.Event | None = None
    ) -> asyncio.Task[str]:
        return group.create_task(self._read(seeing or asyncio.Event()), name=self.name)

    async def _renew(self, group: asyncio.TaskGroup, old: asyncio.Task[str]) -> asyncio.Task[str]:
        # Make before break: the old connection ends only when the new one has shown a frame.
        seeing = asyncio.Event()
        fresh = self._begin(group, seeing)
        try:
            async with asyncio.timeout(self._times.overlap_s):
                await seeing.wait()
        except TimeoutError:
            # What is heard is worth more than what is new; the venue ends it when it must.
            log.warning("shard.renewal_silent", shard=self.name)
            fresh.cancel()
            return old
        old.cancel()
        return fresh

    def _tell_down(self, session: asyncio.Task[str]) -> None:
        reason = "dropped" if session.cancelled() else session.result()
        log.warning("shard.down", shard=self.name, reason=reason)
        self._on_down(reason)

    async def _read(self, seeing: asyncio.Event) -> str:
        """Read one connection to its end and say why it ended."""
        patience = self._times.stalled_after_s
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience) as limit:
                prolonged = loop.time()
                async for frame in self._market.stream(self.streams):
                    if not seeing.is_set():
                        self._first_frame(seeing)
                    self._on_frame(frame)
                    # One timer a connection, moved once a second: a timer a frame costs too much.
                    if frame.received_at - prolonged > 1.0:
                        prolonged = loop.time()
                        limit.reschedule(prolonged + patience)
        except TimeoutError:
            return f"no frame for {patience:g} s"
        except VenueError as error:
            return str(error)
        return "closed by the venue"

    def _first_frame(self, seeing: asyncio.Event) -> None:
        seeing.set()
        self.connections += 1
        self._on_up()
