"""The bot's chat front as `run` wires it, on a line to a Bot API server that outlives it.

Everything between the operator's HTTP client and the desk is the product's own: the local server
with its limits, python-telegram-bot, the dispatcher, the outbox in a real database. Only what
stands behind the desk is chosen by the test.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat import Chat
from bot.context import TelegramConfig
from bot.desk import Desk
from bot.localchat.server import LocalChat
from bot.telegram_app import TelegramFront
from engine.runtime.clock import LoopClock
from storage.database import Database
from storage.migrate import migrate_open
from storage.notices import Outbox
from tests.bot.chat_kit import DotCharts
from tests.bot.fake_desk import FakeDesk
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID
from tests.e2e.operator import Operator
from tests.system.idle_loop import held_time

WALL_MS = 1_790_000_000_000


class TimelessDatabase(Database):
    """A database whose thread takes no loop time."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        with held_time():
            async with super().write() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        with held_time():
            async with super().read() as connection:
                yield connection


@dataclass
class Line:
    """One chat, and the instances of the bot that talk there one after the other."""

    page: LocalChat
    operator: Operator
    clock: LoopClock
    database: Database
    desk: Desk
    config: TelegramConfig
    charts: DotCharts = field(default_factory=DotCharts)
    fronts: list[TelegramFront] = field(default_factory=list)

    @property
    def fake(self) -> FakeDesk:
        """The desk, where the test chose its answers."""
        assert isinstance(self.desk, FakeDesk)
        return self.desk

    @property
    def front(self) -> TelegramFront:
        """The instance that speaks now."""
        return self.fronts[-1]

    @property
    def meters(self) -> dict[str, str]:
        """What /health says of the chat."""
        return dict(self.front.meters())

    @property
    def faults(self) -> Any:
        """What Telegram does to a bot on a bad day."""
        return self.page.faults

    async def start(self) -> Chat:
        """Start an instance on the one database, and wait until it is connected."""
        stack = AsyncExitStack()
        chat = Chat(self.config, self.clock, self.database, self.charts, stack, None)
        self.notifier = chat.notifier
        self.fronts.append(await chat.open(self.desk))
        await self.until(lambda: self.meters["connected"] == "yes", "the connection")
        return chat

    async def kill(self) -> None:
        """End the instance at once: nothing is said or stored any more."""
        dead = self.fronts.pop()
        dead._schedule.stop()
        await dead._tasks.close()

    async def until(
        self, condition: Callable[[], object], what: str = "", within_s: float = 60.0
    ) -> None:
        """Let the loop run until a condition of this process holds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        while not condition():
            assert loop.time() < deadline, f"waited in vain for {what}: {self.meters}"
            await asyncio.sleep(0.1)

    async def backlog(self) -> int:
        """How many notices wait in the outbox."""
        return sum((await Outbox(self.database).backlog()).values())

    async def drained(self, within_s: float = 60.0) -> None:
        """Wait until the outbox is empty; a message is marked a moment after it was read."""
        deadline = asyncio.get_running_loop().time() + within_s
        while waiting := await self.backlog():
            assert asyncio.get_running_loop().time() < deadline, f"{waiting} notices wait"
            await asyncio.sleep(0.2)


@asynccontextmanager
async def line(
    folder: Path, desk: Desk | None = None, *, started: bool = True, **config: Any
) -> AsyncIterator[Line]:
    """Open a chat with an operator and, unless told not to, start the bot.

    Args:
        folder: where the database lies.
        desk: what the bot commands; a desk that does what a test says unless given.
        started: start an instance of the bot.
        config: changed fields of `TelegramConfig`.
    """
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop.time, exchange_ms=WALL_MS, wall_ms=WALL_MS, speed=1.0)
    page = LocalChat(clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await page.start()
    values: dict[str, Any] = {
        "token": BOT_TOKEN,
        "base_url": urls.bot_base_url,
        "base_file_url": urls.bot_file_url,
        "owners": frozenset({OPERATOR_ID}),
        "digest_hour": None,
    }
    database = TimelessDatabase(str(folder / "trade.db"))
    with held_time():
        await database.open()
        await migrate_open(database)
    async with ClientSession() as http:
        opened = Line(
            page,
            Operator(http, urls.api_base_url, CHAT_TOKEN),
            clock,
            database,
            desk or FakeDesk(),
            TelegramConfig(**(values | config)),
        )
        if started:
            await opened.start()
        try:
            yield opened
        finally:
            for front in opened.fronts:
                await front.stop()
            await page.stop()
            with held_time():
                await database.close()
