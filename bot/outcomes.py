"""Signals in the chat gain a line that says what became of them, also after a restart.

Which messages still wait for that line is kept beside the notices in the store, so that the work
goes on where it stopped. An edit is never urgent: it is done when the chat has room.
"""

import asyncio
from contextlib import suppress

import structlog
from telegram.error import BadRequest, TelegramError

from bot import keyboards
from bot.context import Front
from bot.desk import AskChart, AskOutcome, UnknownSymbol
from bot.language import speaking
from bot.outbox import NoticeStore
from bot.sender import Sender, Unreachable
from bot.throttle import NoRoom, Urgency
from bot.views.signals import outcome_line, signal_caption
from engine.domain.errors import JournalError
from storage.notices import ToldSignal

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 10.0
_BUSY_S = 3.0
LOOK_BACK_MS = 2 * 86_400_000
_AT_ONCE = 200
_RECORD_WITHIN_S = 60.0
"""Longest wait for the journal to know the trade of an approved signal."""


class Outcomes:
    """Edits the messages of signals whose trade closed or whose time ran out."""

    def __init__(self, front: Front, sender: Sender, store: NoticeStore, chat_id: int) -> None:
        self._front = front
        self._sender = sender
        self._store = store
        self._chat_id = chat_id
        self._closed: set[str] = set()
        self._doubted: dict[str, float] = {}
        self._wake = asyncio.Event()

    def closed(self, setup_id: str) -> None:
        """A trade was told to be closed: look at its signal soon."""
        self._closed.add(setup_id)
        self._wake.set()

    async def run(self) -> None:
        """Look after told signals for ever."""
        pause_s = LOOK_EVERY_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._wake.wait()
            self._wake.clear()
            pause_s = LOOK_EVERY_S
            try:
                await self.sweep()
            except NoRoom:
                pause_s = _BUSY_S
            except (JournalError, TelegramError, Unreachable) as error:
                log.warning("telegram.outcomes_wait", reason=str(error))

    async def sweep(self) -> None:
        """Edit every signal whose end is known now.

        Raises:
            NoRoom: the chat is busy; the rest waits for the next look.
            JournalError: the store failed.
            TelegramError: the chat cannot be reached.
        """
        snapshot = self._front.desk.snapshot()
        now_ms = snapshot.exchange_ms
        running = {position.setup_id for position in snapshot.positions}
        for told in await self._store.unsettled(now_ms - LOOK_BACK_MS, _AT_ONCE):
            setup = told.notice.signal.setup
            over = now_ms >= setup.expires_at_ms or setup.setup_id in self._closed
            if over and setup.setup_id not in running:
                with speaking(self._front.language):
                    await self._settle(told)

    async def _settle(self, told: ToldSignal) -> None:
        setup = told.notice.signal.setup
        outcome = await self._front.desk.outcome(AskOutcome(setup.setup_id))
        if outcome.trade is None and outcome.approved and not self._is_sure(setup.setup_id):
            return
        line = outcome_line(outcome, setup, self._front.zone)
        await self.show(told, line)

    def _is_sure(self, setup_id: str) -> bool:
        """The journal may lag behind the exit: an entry without a trade is doubted for a while."""
        now_s = self._front.clock.monotonic()
        return now_s - self._doubted.setdefault(setup_id, now_s) >= _RECORD_WITHIN_S

    async def show(self, told: ToldSignal, line: str) -> None:
        """Add a line to a signal's message for good.

        Raises:
            NoRoom: the chat is busy.
            JournalError: the store failed; the line will be added again.
            TelegramError: the chat cannot be reached.
        """
        notice, setup = told.notice, told.notice.signal.setup
        text = signal_caption(
            notice, self._front.zone, await self._decimals(setup.symbol), outcome=line
        )
        try:
            await self._sender.edit_caption(
                self._chat_id,
                told.message_id,
                text,
                keyboard=keyboards.signal(setup),
                urgency=Urgency.OPTIONAL,
            )
        except BadRequest as error:
            # The operator deleted it, or it is too old to be changed: never again.
            log.debug("telegram.outcome_not_shown", reason=error.message)
            line = error.message
        await self._store.settled(notice.notice_id, line[:200])
        self._closed.discard(setup.setup_id)
        self._doubted.pop(setup.setup_id, None)

    async def _decimals(self, symbol: str) -> int | None:
        try:
            return (await self._front.desk.chart(AskChart(symbol, 1))).decimals
        except UnknownSymbol:
            return None
