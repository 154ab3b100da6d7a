"""The engine's way to the operator: stored first, sent when the chat allows, told once.

Delivery is at least once: a message whose answer got lost on the network is sent again, because
silence is worse than a repetition. Over restarts the store's ids keep it to once.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import structlog
from telegram.error import BadRequest, TelegramError

from bot.context import Answered
from bot.outbox import Batch, Inbox, NoticeStore, next_batch
from bot.sender import Unreachable
from engine.domain.errors import JournalError
from engine.domain.notices import ModeNotice, Notice, Priority, SignalNotice
from engine.runtime.backoff import Backoff

log = structlog.get_logger(__name__)

GATHER_S = 0.5
_WRITE_AT_ONCE = 200
_LOOK_AT = 50
_UNREACHABLE_S = 60.0

Push = Callable[[Batch], Awaitable[int | None]]


class Lane:
    """One order of delivery; critical notices have a lane that nothing else can hold up."""

    def __init__(self, *, critical: bool) -> None:
        self.critical = critical
        self.wake = asyncio.Event()

    def carries(self, notice: Notice) -> bool:
        """Whether a notice goes this way."""
        return (notice.priority is Priority.CRITICAL) is self.critical


class TelegramNotifier:
    """Implements `engine.ports.Notifier`. Never waits, never raises, bounded.

    Attributes:
        answered: commands whose receipt the chat shows anyway; their mode notices are left out.
        delivered: notices told since the start.
        refused: notices given up since the start.
    """

    def __init__(self, store: NoticeStore, rng: random.Random) -> None:
        """Args: store: the durable queue; rng: for jitter between attempts."""
        self._store = store
        self._rng = rng
        self.answered = Answered()
        self._stored = asyncio.Event()
        self._unmarked: dict[str, int | None] = {}
        self._direct: list[Notice] = []
        self.inbox = Inbox()
        self.lanes = (Lane(critical=True), Lane(critical=False))
        self.delivered = 0
        self.refused = 0

    def notify(self, notice: Notice) -> None:
        """Queue a notice."""
        if isinstance(notice, ModeNotice) and _command_of(notice) in self.answered:
            return
        self.inbox.put(notice)
        self._stored.set()

    def wake(self) -> None:
        """Try again now: the chat is back."""
        for lane in self.lanes:
            lane.wake.set()

    async def idle(self) -> bool:
        """Return whether nothing waits to be sent."""
        return not len(self.inbox) and not self._direct and not await self._store.pending(1)

    # --- memory to store -------------------------------------------------------------------------

    async def run_writer(self) -> None:
        """Store what the engine tells, for ever."""
        backoff = Backoff(self._rng)
        while True:
            await self._stored.wait()
            self._stored.clear()
            while waiting := self.inbox.peek(_WRITE_AT_ONCE):
                if await self._write(waiting):
                    backoff.reset()
                else:
                    await asyncio.sleep(backoff.next_delay())

    async def _write(self, waiting: Sequence[Notice]) -> bool:
        try:
            await self._store.put(waiting)
        except JournalError as error:
            log.warning("outbox.store_failed", reason=str(error), waiting=len(self.inbox))
            self._bypass_store()
            return False
        self.inbox.done(waiting)
        self.wake()
        return True

    def _bypass_store(self) -> None:
        """A critical notice must be told even when the database cannot keep it."""
        known = {n.notice_id for n in self._direct} | self._unmarked.keys()
        self._direct += [n for n in self.inbox.critical() if n.notice_id not in known]
        self.lanes[0].wake.set()

    # --- store to chat ---------------------------------------------------------------------------

    async def run_lane(self, lane: Lane, push: Push) -> None:
        """Send what one lane carries, for ever."""
        backoff = Backoff(self._rng, base_s=1.0, cap_s=60.0)
        lane.wake.set()
        while True:
            await lane.wake.wait()
            lane.wake.clear()
            while True:
                try:
                    if not await self._step(lane, push):
                        break
                    backoff.reset()
                except JournalError as error:
                    log.warning("outbox.read_failed", reason=str(error))
                    await _nap(lane, backoff.next_delay())
                except Unreachable as error:
                    log.warning("telegram.nobody_there", reason=str(error))
                    await _nap(lane, _UNREACHABLE_S)
                except TelegramError as error:
                    log.warning("telegram.not_sent", reason=str(error))
                    await _nap(lane, backoff.next_delay())

    async def _step(self, lane: Lane, push: Push) -> bool:
        """Send the next batch; False when nothing waits."""
        waiting = await self._waiting(lane)
        if waiting and isinstance(waiting[0], SignalNotice):
            # The signals of one minute arrive within moments of each other.
            await asyncio.sleep(GATHER_S)
            waiting = await self._waiting(lane)
        batch = next_batch(waiting)
        if batch is None:
            return False
        await self._send(batch, push)
        return True

    async def _waiting(self, lane: Lane) -> list[Notice]:
        if lane.critical and self._direct:
            return [self._direct[0]]
        stored = [queued.notice for queued in await self._store.pending(_LOOK_AT)]
        told = {n.notice_id for n in stored if n.notice_id in self._unmarked}
        for notice_id in told:
            await self._store.sent(notice_id, self._unmarked.get(notice_id))
            self._unmarked.pop(notice_id, None)
        return [n for n in stored if lane.carries(n) and n.notice_id not in told]

    async def _send(self, batch: Batch, push: Push) -> None:
        try:
            message_id = await push(batch)
        except BadRequest as error:
            await self._give_up(batch, error.message)
            return
        except (TelegramError, Unreachable, JournalError) as error:
            for notice in batch.notices:
                await self._store.failed(notice.notice_id, str(error)[:200])
            raise
        except Exception as error:
            log.exception("telegram.notice_unreadable")
            await self._give_up(batch, f"{type(error).__name__}: {error}")
            return
        self.delivered += len(batch.notices)
        await self._mark(batch, message_id)

    async def _mark(self, batch: Batch, message_id: int | None) -> None:
        """Remember in memory first: a failing store must not make us tell it twice."""
        told_directly = {id(n) for n in self._direct} & {id(n) for n in batch.notices}
        self._direct = [n for n in self._direct if id(n) not in told_directly]
        for notice in batch.notices:
            self._unmarked[notice.notice_id] = message_id
        if told_directly:
            return  # marked once the store has taken it in
        detail = "digest" if batch.is_digest else ""  # a shared message is not edited later
        for notice in batch.notices:
            await self._store.sent(notice.notice_id, message_id, detail)
            self._unmarked.pop(notice.notice_id, None)

    async def _give_up(self, batch: Batch, reason: str) -> None:
        log.error("telegram.refused", reason=reason, notices=[n.notice_id for n in batch.notices])
        self.refused += len(batch.notices)
        ids = {n.notice_id for n in batch.notices}
        self._direct = [n for n in self._direct if n.notice_id not in ids]
        for notice in batch.notices:
            await self._store.dropped(notice.notice_id, reason[:200])


def _command_of(notice: ModeNotice) -> str:
    return notice.notice_id.removeprefix("mode:")


async def _nap(lane: Lane, seconds: float) -> None:
    """Wait, but not beyond news."""
    lane.wake.clear()
    try:
        async with asyncio.timeout(seconds):
            await lane.wake.wait()
    except TimeoutError:
        return
