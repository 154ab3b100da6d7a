"""From notices to messages: pictures, replies, digests."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from bot import keyboards
from bot.context import Front
from bot.desk import AskChart, ChartData, UnknownSymbol
from bot.language import speaking
from bot.outbox import PICTURED, Batch, NoticeStore, setup_of
from bot.preferences import Loudness, is_question
from bot.sender import Sender
from bot.throttle import Urgency
from bot.views.notices import fills_text, notice_text
from bot.views.signals import digest, signal_caption
from engine.domain.errors import JournalError
from engine.domain.notices import (
    ExitNotice,
    FillNotice,
    Notice,
    Priority,
    ProtectionNotice,
    SignalNotice,
)

log = structlog.get_logger(__name__)


class Pusher:
    """Sends batches of notices to the operator's chat."""

    def __init__(
        self,
        front: Front,
        sender: Sender,
        store: NoticeStore,
        chat_id: int,
        closed: Callable[[str], None],
    ) -> None:
        """Args: closed: told of every setup whose trade was told to be closed."""
        self._closed = closed
        self._front = front
        self._sender = sender
        self._store = store
        self._chat_id = chat_id

    async def push(self, batch: Batch) -> int | None:
        """Send a batch as one message and return its id; None if the operator wants none.

        Raises:
            Unreachable: nobody is on the other side.
            TelegramError: not sent, or not known to be.
        """
        first = batch.first
        loudness = self._loudness(first)
        if isinstance(first, ExitNotice):
            self._closed(setup_of(first))
        if loudness is Loudness.OFF:
            return None
        with speaking(self._front.language):
            return await self._say(batch, silent=loudness is Loudness.SILENT)

    async def _say(self, batch: Batch, *, silent: bool) -> int:
        first = batch.first
        if batch.is_digest:
            signals = [n for n in batch.notices if isinstance(n, SignalNotice)]
            return await self._digest(signals, silent=silent)
        if isinstance(first, SignalNotice):
            return await self._signal(first, silent=silent)
        if isinstance(first, FillNotice):
            fills = [n for n in batch.notices if isinstance(n, FillNotice)]
            return await self._tell(first, fills_text(fills), about=first.setup_id, silent=silent)
        about = setup_of(first)
        text = notice_text(first, self._front.zone)
        return await self._tell(first, text, about=about, silent=silent)

    def _loudness(self, notice: Notice) -> Loudness:
        front = self._front
        return front.preferences.current.of(notice, front.clock.wall_ms(), front.zone)

    async def _tell(self, notice: Notice, text: str, *, about: str, silent: bool) -> int:
        reply_to = await self._message_about(about) if about else None
        return await self._sender.send(
            self._chat_id,
            text,
            reply_to=reply_to,
            silent=silent or (isinstance(notice, ProtectionNotice) and notice.confirmed),
            urgency=urgency_of(notice),
        )

    async def _message_about(self, setup_id: str) -> int | None:
        try:
            return await self._store.message_about(setup_id)
        except JournalError:
            return None  # better told without its context than not at all

    async def _signal(self, notice: SignalNotice, *, silent: bool) -> int:
        chart = await self._chart(notice)
        picture = await self._front.draw(chart) if chart is not None else None
        return await self._sender.send(
            self._chat_id,
            signal_caption(notice, self._front.zone, chart.decimals if chart else None),
            keyboard=keyboards.signal(notice.signal.setup, asks=is_question(notice)),
            picture=picture,
            silent=silent,
            urgency=Urgency.ORDINARY,
        )

    async def _digest(self, notices: list[SignalNotice], *, silent: bool) -> int:
        charts = [await self._chart(notice) for notice in notices[:PICTURED]]
        drawn = [await self._front.draw(chart) for chart in charts if chart is not None]
        pictures = [picture for picture in drawn if picture is not None]
        text = digest(notices, self._front.zone, pictured=len(pictures))
        if len(pictures) > 1:
            return await self._sender.album(
                self._chat_id, pictures, text, silent=silent, urgency=Urgency.ORDINARY
            )
        picture = pictures[0] if pictures else None
        return await self._sender.send(
            self._chat_id, text, picture=picture, silent=silent, urgency=Urgency.ORDINARY
        )

    async def _chart(self, notice: SignalNotice) -> ChartData | None:
        """Return the picture's data; the setup comes from the notice, the journal may lag."""
        setup = notice.signal.setup
        try:
            data = await self._front.desk.chart(AskChart(setup.symbol))
        except UnknownSymbol:
            return None
        except Exception:
            log.exception("telegram.chart_failed", symbol=setup.symbol)
            return None
        return replace(
            data,
            evidence=setup.evidence,
            direction=setup.direction,
            entry=setup.entry,
            stop=setup.stop,
            target=setup.target,
            zone=(setup.zone_bottom, setup.zone_top),
            position=None,
        )


def urgency_of(notice: Notice) -> Urgency:
    """Return whether a notice may use the reserve."""
    return Urgency.URGENT if notice.priority is Priority.CRITICAL else Urgency.ORDINARY
