"""10^5 fuzzed updates through the real handlers: nobody but the owner has any effect.

The way is the product's: the reply of getUpdates as read by the connection, `Update.de_json`, the
application with its guard, handlers and sender; only the socket is left out, and the local server's
own methods judge what is sent. Judged are calls on the desk, everything sent, log lines of an error
and refused formatting, and every exception that leaves the application.
"""

import asyncio
import itertools
import json
import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from telegram import Update
from telegram.request import HTTPXRequest

from bot.connection import Connection, digestible
from bot.context import TelegramConfig
from bot.localchat.botapi.params import Params
from bot.localchat.botapi.server import METHODS
from bot.localchat.errors import BotApiError
from bot.localchat.state.conversation import Conversation, make_identity
from bot.notifier import TelegramNotifier
from bot.telegram_app import TelegramFront
from bot.throttle import ChatRateLimiter
from engine.runtime.clock import LoopClock
from tests.bot.chat_kit import DotCharts, MemoryStore
from tests.bot.fake_desk import FakeDesk, position, snapshot
from tests.bot.localchat.support import BOT_TOKEN
from tests.bot.why_kit import explanation
from tests.properties.fuzzed_updates import OWNER, Fuzzed, UpdateFuzzer
from tests.virtual_loop import run_virtual

WALL_MS = 1_790_000_000_000
PAUSE_S = 1.1
"""Loop time between updates: below the budget of a person, so that the owner is not slowed down."""
FREE_METHODS = {"getMe", "getUpdates", "setMyCommands"}
BAD_LINES = {"telegram.format_refused", "telegram.update_unreadable"}


@dataclass
class Telegram:
    """The other end without a socket: the local server's methods, and who was called for what."""

    conversation: Conversation
    calls: list[tuple[str, Any]] = field(default_factory=list)

    async def do_request(
        self, _request: HTTPXRequest, url: str, method: str, request_data: Any = None, **_: Any
    ) -> tuple[int, bytes]:
        name = url.rpartition("/")[2]
        values = dict(request_data.json_parameters) if request_data else {}
        if name not in FREE_METHODS:
            self.calls.append((name, values.get("chat_id")))
        try:
            result = METHODS[name.lower()](self.conversation, Params(values))
        except BotApiError as error:
            told = {"ok": False, "error_code": error.code, "description": error.description}
            return error.code, json.dumps(told).encode()
        return 200, json.dumps({"ok": True, "result": result}).encode()


@dataclass
class Verdict:
    """What a run came to."""

    updates: int = 0
    unreadable: int = 0
    owners: int = 0
    obeyed: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.updates:,} updates, {self.unreadable:,} unreadable, {self.owners:,} by the "
            f"owner; obeyed {dict(self.obeyed)}; sent {dict(self.sent)}; wrong: {self.wrong[:5]}"
        )


class Fuzz:
    """The front with its application, fed one update after the other."""

    def __init__(self, seed: int) -> None:
        loop = asyncio.get_running_loop()
        self.clock = LoopClock(loop.time, exchange_ms=WALL_MS, wall_ms=WALL_MS, speed=1.0)
        identity = make_identity(operator_id=OWNER, bot_token=BOT_TOKEN, bot_name="smcbot")
        self.telegram = Telegram(Conversation(self.clock, identity))
        self.desk = FakeDesk(state=snapshot(positions=(position(),)), explanation=explanation())
        store, rng = MemoryStore(), random.Random(seed)
        config = TelegramConfig(
            token=BOT_TOKEN, owners=frozenset({OWNER}), base_url="http://127.0.0.1:9/bot"
        )
        charts = DotCharts()
        charts.broken = True
        self.front = TelegramFront(
            desk=self.desk,
            clock=self.clock,
            rng=rng,
            config=config,
            notifier=TelegramNotifier(store, rng),
            notices=store,
            state=store,
            charts=charts,
        )
        front = self.front
        limiter = ChatRateLimiter(self.clock)
        connection = Connection(config, self.clock, limiter, front._dispatcher, front._sender)
        self.application = connection.application
        self.updates = UpdateFuzzer(seed, lambda: self.clock.wall_ms() // 1000)
        self.verdict = Verdict()

    async def run(self, count: int) -> Verdict:
        await self.application.initialize()
        self.front._sender.connect(self.application.bot)
        try:
            for fuzzed in itertools.islice(self.updates, count):
                await self.feed(fuzzed)
                await asyncio.sleep(PAUSE_S)
        finally:
            await self.application.shutdown()
        return self.verdict

    async def feed(self, fuzzed: Fuzzed) -> None:
        """Let one update through, alone, and judge what came of it."""
        self.desk.submitted.clear()
        self.desk.asked.clear()
        self.telegram.calls.clear()
        before = self.front.front.preferences.current
        raw = json.dumps({"ok": True, "result": [fuzzed.update]}).encode()
        (readable,) = json.loads(digestible(raw))["result"]
        self.verdict.unreadable += len(readable) == 1
        try:
            await self.application.process_update(Update.de_json(readable, self.application.bot))
        except Exception as error:  # noqa: BLE001
            self.verdict.wrong.append(f"{error!r} of {fuzzed.update}")
        self.judge(fuzzed, changed=self.front.front.preferences.current != before)

    def judge(self, fuzzed: Fuzzed, *, changed: bool) -> None:
        verdict, calls, obeyed = self.verdict, self.telegram.calls, self.desk.submitted
        verdict.updates += 1
        verdict.owners += fuzzed.may_act
        verdict.obeyed.update(type(command).__name__ for command in obeyed)
        verdict.sent.update(name for name, _ in calls)
        if not fuzzed.may_act and (calls or obeyed or changed or self.desk.asked):
            verdict.wrong.append(f"{calls} {obeyed} came of {fuzzed.update}")
        strangers = {chat for _, chat in calls if chat not in {None, str(OWNER)}}
        if strangers:
            verdict.wrong.append(f"sent to {strangers} because of {fuzzed.update}")


def bad_lines(logged: Sequence[Any], records: Sequence[logging.LogRecord]) -> list[str]:
    """Return what a sound run does not log."""
    ours = [
        str(line)
        for line in logged
        if line["log_level"] in {"error", "critical"} and line["event"] not in BAD_LINES
    ]
    refused = [str(line) for line in logged if line["event"] == "telegram.format_refused"]
    theirs = [record.getMessage() for record in records if record.levelno >= logging.ERROR]
    return ours + refused + theirs


def fuzz(
    count: int, seed: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Verdict:
    """Run in virtual time and judge the log as well."""

    async def story() -> Verdict:
        run = Fuzz(seed)

        async def do_request(request: HTTPXRequest, *args: Any, **named: Any) -> tuple[int, bytes]:
            return await run.telegram.do_request(request, *args, **named)

        monkeypatch.setattr(HTTPXRequest, "do_request", do_request)
        return await run.run(count)

    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    with structlog.testing.capture_logs() as logged:
        verdict: Verdict = run_virtual(story())
    verdict.wrong += bad_lines(logged, caplog.records)
    return verdict


def test_updates_when_fuzzed_have_no_effect_unless_they_are_the_owners(monkeypatch, caplog):
    verdict = fuzz(3_000, 1, monkeypatch, caplog)

    assert verdict.wrong == [], str(verdict)
    # The control: the right person's commands and buttons do have effects.
    assert verdict.obeyed["Pause"] > 5, str(verdict)
    assert len(verdict.obeyed) >= 7, str(verdict)
    assert verdict.sent["sendMessage"] > 100, str(verdict)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(2, 6))
def test_updates_when_fuzzed_for_long_have_no_effect_unless_they_are_the_owners(
    monkeypatch, caplog, seed
):
    verdict = fuzz(25_000, seed, monkeypatch, caplog)

    print(verdict)
    assert verdict.wrong == [], str(verdict)
    assert verdict.obeyed["Pause"] > 50, str(verdict)


def test_fuzz_when_the_guard_lets_everybody_in_finds_it(monkeypatch, caplog):
    """The detector itself is tested: with an open door the same run must be full of wrongs."""
    from bot import access

    monkeypatch.setattr(access.Doorman, "judge", lambda *_: access.Verdict.OWNER)

    verdict = fuzz(200, 1, monkeypatch, caplog)

    assert len(verdict.wrong) > 20
