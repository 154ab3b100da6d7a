"""The whole bot with its chat: exchange, engine, outbox, Bot API server, operator over HTTP."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.desk_service import DeskService
from bot.figures import health_view
from bot.model_desk import ModelDesk, open_models
from bot.preflight import Preflight
from bot.settings import Settings
from models.scorer import LoadedScorer
from storage.queries import Queries
from tests.e2e.line import Line, TimelessDatabase, line
from tests.e2e.operator import Item, Operator
from tests.system.idle_loop import held_time
from tests.system.rig import SYMBOLS, Bot, Rig, _link_of, rig


@dataclass
class Cockpit:
    """What a story needs: the exchange's truth, the bot's belief, the operator's phone."""

    world: Rig
    bot: Bot
    chat: Line

    @property
    def operator(self) -> Operator:
        """Who reads, writes and presses."""
        return self.chat.operator

    async def told(self, text: str, within_s: float = 60.0) -> Item:
        """Wait until the operator reads a text; returns the newest message with it."""

        def found() -> list[Item]:
            return [item for item in self.operator.heard if text in item["text"]]

        await self.operator.until(found, within_s, repr(text))
        return found()[-1]

    async def rest(self, seconds: float = 3.0) -> None:
        """Leave the chat alone, so that answers are not slowed down by its limits."""
        await self.operator.settle(seconds)


@asynccontextmanager
async def cockpit(folder: Path) -> AsyncIterator[Cockpit]:
    """Start everything in live mode on the embedded exchange."""
    async with rig(folder) as world:
        bot = await world.start_bot()
        database = TimelessDatabase(str(folder / "trade.db"))
        with held_time():
            await database.open()
        desk = await _desk(bot, database)
        async with line(folder, desk) as chat:
            bot.notices.also = chat.notifier.notify
            yield Cockpit(world, bot, chat)
            bot.notices.also = None
        with held_time():
            await database.close()


async def _desk(bot: Bot, database: TimelessDatabase) -> DeskService:
    settings = Settings.load(_env_file=None, data_dir=database.path.parent)
    link = _link_of(bot)
    return DeskService(
        bot.machine,
        Queries(database),
        random.Random(1),
        lambda: health_view(bot.machine, link),
        models=await _models(bot, settings, database),
        preflight=Preflight(link, lambda: SYMBOLS, settings.leverage).ask,
    )


async def _models(bot: Bot, settings: Settings, database: TimelessDatabase) -> ModelDesk:
    loaded = LoadedScorer(bot.machine.loop.scorer, "there is no model")
    return await open_models(settings, loaded, bot.machine, database, {}, symbols=len(SYMBOLS))
