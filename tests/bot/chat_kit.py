"""The Telegram front in front of a fake desk, talking HTTP with the local chat's Bot API."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.charts.renderer import ChartError, Curves
from bot.context import TelegramConfig
from bot.desk import ChartData
from bot.localchat.content.messages import ChatMessage, Sender
from bot.localchat.server import LocalChat
from bot.notifier import TelegramNotifier
from bot.telegram_app import TelegramFront
from engine.domain.errors import JournalError
from engine.domain.notices import Notice, SignalNotice
from storage.notices import QueuedNotice, ToldSignal, subject_of
from tests.bot.fake_desk import FakeDesk
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID, png
from tests.fake_clock import FakeClock

DEADLINE_S = 5.0


class MemoryStore:
    """Implements `bot.outbox.NoticeStore` and `bot.seen.StateStore` without a disk."""

    def __init__(self) -> None:
        self.notices: dict[str, Notice] = {}
        self.state: dict[str, str] = {}
        self.message_ids: dict[str, int | None] = {}
        self.details: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self.values: dict[str, str] = {}
        self.broken = False

    def _check(self) -> None:
        if self.broken:
            raise JournalError("the disk is full")

    async def put_notices(self, new: Sequence[Notice]) -> int:
        added = 0
        for notice in new:
            if notice.notice_id not in self.notices:
                self.notices[notice.notice_id] = notice
                self.state[notice.notice_id] = "queued"
                added += 1
        return added

    async def put(self, key: Any, value: Any = None) -> Any:
        self._check()
        if not isinstance(key, str):
            return await self.put_notices(key)
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value
        return None

    async def get(self, key: str) -> str | None:
        self._check()
        return self.values.get(key)

    async def pending(self, limit: int = 50) -> tuple[QueuedNotice, ...]:
        self._check()
        queued = [n for i, n in self.notices.items() if self.state[i] == "queued"]
        queued.sort(key=lambda notice: notice.priority)
        return tuple(QueuedNotice(notice=n, attempts=0) for n in queued[:limit])

    async def unsettled(self, since_ms: int, limit: int) -> tuple[ToldSignal, ...]:
        self._check()
        told = []
        for notice_id, notice in self.notices.items():
            message_id = self.message_ids.get(notice_id)
            if isinstance(notice, SignalNotice) and message_id and not self.details[notice_id]:
                told.append(ToldSignal(notice=notice, message_id=message_id))
        return tuple(one for one in told if one.notice.at_ms >= since_ms)[:limit]

    async def settled(self, notice_id: str, outcome: str) -> None:
        self._check()
        self.details[notice_id] = outcome

    async def sent(self, notice_id: str, message_id: int | None, detail: str = "") -> None:
        self._check()
        self.details[notice_id] = detail
        self.state[notice_id] = "sent"
        self.message_ids[notice_id] = message_id

    async def failed(self, notice_id: str, detail: str) -> None:
        self._check()
        self.attempts[notice_id] = self.attempts.get(notice_id, 0) + 1

    async def dropped(self, notice_id: str, detail: str) -> None:
        self._check()
        self.state[notice_id] = "dropped"

    async def message_about(self, setup_id: str) -> int | None:
        self._check()
        for notice_id, message_id in self.message_ids.items():
            if subject_of(self.notices[notice_id]) == setup_id:
                return message_id
        return None


class DotCharts:
    """Draws a tiny picture of anything and remembers what it was asked for."""

    def __init__(self) -> None:
        self.drawn: list[ChartData] = []
        self.curves: list[Curves] = []
        self.broken = False
        self.closed = False
        self.zone = ""

    async def render(self, data: ChartData) -> bytes:
        if self.broken:
            raise ChartError("no pencil")
        self.drawn.append(data)
        return png(40, 30)

    async def render_equity(self, curves: Curves) -> bytes:
        if self.broken:
            raise ChartError("no pencil")
        self.curves.append(curves)
        return png(40, 30)

    def use_zone(self, zone: str) -> None:
        self.zone = zone

    async def close(self) -> None:
        self.closed = True


@dataclass
class ChatKit:
    """Everything a test of the chat needs."""

    clock: FakeClock = field(default_factory=FakeClock)
    desk: FakeDesk = field(default_factory=FakeDesk)
    store: MemoryStore = field(default_factory=MemoryStore)
    charts: DotCharts = field(default_factory=DotCharts)
    config: dict[str, Any] = field(default_factory=dict)

    async def open(self) -> None:
        self.chat = LocalChat(
            self.clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN
        )
        self.urls = await self.chat.start()
        await self.start_front()

    async def start_front(self) -> None:
        values: dict[str, Any] = {
            "token": BOT_TOKEN,
            "base_url": self.urls.bot_base_url,
            "base_file_url": self.urls.bot_file_url,
            "owners": frozenset({OPERATOR_ID}),
            "digest_hour": None,
            "local": True,
        }
        rng = random.Random(7)
        self.notifier = TelegramNotifier(self.store, rng)
        self.front = TelegramFront(
            desk=self.desk,
            clock=self.clock,
            rng=rng,
            config=TelegramConfig(**(values | self.config)),
            notifier=self.notifier,
            notices=self.store,
            state=self.store,
            charts=self.charts,
        )
        await self.front.start()

    async def close(self) -> None:
        await self.front.stop()
        await self.chat.stop()

    # --- the operator's side ---------------------------------------------------------------------

    @property
    def messages(self) -> list[ChatMessage]:
        """What the bot wrote, oldest first."""
        return [m for m in self.chat.conversation.store.after(0) if m.sender is Sender.BOT]

    async def until(self, condition: Callable[[], object], what: str = "") -> Any:
        """Wait a moment for something to become true."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                # Sockets take real time; nothing tells when a condition of a test became true.
                while not (value := condition()):  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
        except TimeoutError:
            texts = [m.body.text for m in self.messages]
            raise AssertionError(
                f"waited in vain for {what or condition}; the bot said {texts}"
            ) from None
        return value

    async def settle(self) -> None:
        """Give the bot time to do what it should not do."""
        await asyncio.sleep(0.15)

    async def say(self, text: str, **how: Any) -> ChatMessage:
        """Write, and return the bot's next message."""
        before = len(self.messages)
        self.clock.advance(10)
        self.chat.conversation.say(text, **how)
        await self.until(lambda: len(self.messages) > before, f"an answer to {text}")
        return self.messages[before]

    async def say_in_vain(self, text: str, **how: Any) -> None:
        """Write, and make sure there is no answer."""
        before = len(self.messages)
        self.clock.advance(10)
        self.chat.conversation.say(text, **how)
        await self.settle()
        assert len(self.messages) == before, self.messages[before:]

    def button(self, message: ChatMessage, label: str) -> str:
        """Return the data of a message's button by a part of its label."""
        found = [b.data for row in message.keyboard for b in row if label in b.text]
        assert found, f"no button {label!r} on {message.keyboard}"
        return found[0]

    async def press(self, message: ChatMessage, label: str) -> ChatMessage:
        """Press a button and return the message it turned into, or the next new one."""
        return await self.press_data(message, self.button(message, label))

    async def press_data(
        self, message: ChatMessage, data: str, *, stale: bool = False
    ) -> ChatMessage:
        """Press a button by its data."""
        count = len(self.messages)
        revision = self._now(message).revision
        self.clock.advance(10)
        self.chat.conversation.press(message.message_id, data, stale=stale)
        await self.until(
            lambda: self._now(message).revision > revision or len(self.messages) > count,
            f"what pressing {data} does",
        )
        changed = self._now(message)
        return changed if changed.revision > revision else self.messages[count]

    def _now(self, message: ChatMessage) -> ChatMessage:
        current = self.chat.conversation.store.get(message.message_id)
        assert current is not None
        return current

    async def told(self, *notices: Notice) -> ChatMessage:
        """Notify, and return the first message it makes."""
        before = len(self.messages)
        self.clock.advance(10)
        for notice in notices:
            self.notifier.notify(notice)
        await self.until(lambda: len(self.messages) > before, "the notice")
        return self.messages[before]
