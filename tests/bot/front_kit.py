"""Handlers without a chat: a front on a fake desk, and calls of an owner."""

import random
from typing import Any

from bot.callbacks import Nonces
from bot.context import Answer, Answered, Call, Front, Role, TelegramConfig
from bot.desk import ChartData
from bot.preferences import PreferenceBook, Preferences
from engine.domain.errors import JournalError
from tests.bot.fake_desk import FakeDesk
from tests.fake_clock import FakeClock

OWNER_ID = 11
PICTURE = b"png"


async def draw(_: ChartData) -> bytes | None:
    return PICTURE


async def draw_equity(_: object) -> bytes | None:
    return PICTURE


class MemoryState:
    """Implements `bot.seen.StateStore`."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.broken = False

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def put(self, key: str, value: str | None) -> None:
        if self.broken:
            raise JournalError("the disk is full")
        if value is not None:
            self.values[key] = value


def front(
    desk: FakeDesk | None = None,
    clock: FakeClock | None = None,
    store: MemoryState | None = None,
    **config: Any,
) -> Front:
    """Return a front whose pictures are three bytes."""
    time = clock or FakeClock()
    values: dict[str, Any] = {"token": "1:x", "owners": frozenset({OWNER_ID})}
    config_ = TelegramConfig(**(values | config))
    chosen = Preferences(digest_hour=config_.digest_hour, language=config_.language)
    return Front(
        desk=desk or FakeDesk(),
        clock=time,
        config=config_,
        nonces=Nonces(random.Random(1), time),
        answered=Answered(),
        draw=draw,
        draw_equity=draw_equity,
        meters=lambda: (("connected", "yes"),),
        preferences=PreferenceBook(store or MemoryState(), "1", chosen),
    )


def call(*args: str, **fields: Any) -> Call:
    """Return a call of an owner with these arguments."""
    values: dict[str, Any] = {
        "command_id": "tg-1-100",
        "user_id": OWNER_ID,
        "user": "ada",
        "role": Role.OWNER,
    }
    return Call(args=args, **(values | fields))


def token_of(answer: Answer) -> str:
    """Return the one-time data of an answer's first button."""
    data = answer.keyboard[0][0].data
    assert data.startswith("!"), answer
    return data
