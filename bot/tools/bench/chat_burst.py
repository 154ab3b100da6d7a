"""Three hundred signals in a minute of real time, through outbox, sender and the local chat.

Everything is in the measuring process: what is measured is the queue against the chat's limits,
and the memory of both ends.
"""

import asyncio
import random
import re
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import psutil

from bot.charts.renderer import NoCharts
from bot.chat import LOCAL_OPERATOR, Chat
from bot.context import TelegramConfig
from bot.desk import AskChart, AskOutcome, ChartData, Desk, Outcome, UnknownSymbol
from bot.localchat.content.messages import Sender
from bot.localchat.server import LocalChat
from bot.settings import prefer_timedeltas_of_telegram
from bot.tools.bench.measure import Row
from bot.tools.bench.scoring import some_setups
from engine.domain.notices import AlarmKind, AlarmNotice, Notice, SignalNotice
from engine.domain.setup import Setup
from engine.domain.signal import CostEstimate, Mode, RiskRefused, Rule, Score, Signal
from engine.domain.snapshot import Counters, Snapshot
from engine.runtime.clock import SystemClock
from storage.database import Database
from storage.migrate import migrate_open

PART = "chat"
SIGNALS = 300
ALARMS = 12
MINUTE_S = 60.0
REACH_S = 5.0
_WAVES = (0.0, 20.0, 40.0)
_WAVE_S = 3.0
_DRAIN_S = 60.0
_LOOK_S = 0.02
_VALID_MS = 15 * 60_000
_DIGEST = re.compile(r"^(\d+) signals?")


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstFigures:
    """What came of the minute; `told` counts signals by themselves and in digests."""

    alarms_s: tuple[float, ...]
    told: int
    messages: int
    refused: int
    grown_mb: float


class _EmptyDesk:
    """The part of a desk that a burst asks: charts, of which there are none, and what is open."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock

    def snapshot(self) -> Snapshot:
        """Return an engine with nothing open."""
        return Snapshot(
            exchange_ms=self._clock.exchange_ms(),
            mode=Mode.SIGNALS,
            paused="",
            allow_negative_edge=False,
            risk_pct=Decimal(1),
            threshold=0.5,
            signals_today=0,
            signals_per_day=0,
            scorer="heuristic",
            symbols=0,
            ready=True,
            blind=frozenset(),
            muted={},
            books=(),
            positions=(),
            counters=Counters(),
        )

    async def chart(self, question: AskChart) -> ChartData:
        """Refuse.

        Raises:
            UnknownSymbol: always.
        """
        raise UnknownSymbol(question.symbol)

    async def outcome(self, question: AskOutcome) -> Outcome:
        """Nothing has become of anything."""
        return Outcome()


async def run_burst(folder: Path) -> BurstFigures:
    """Let a burst loose on a fresh chat and return what came of it."""
    prefer_timedeltas_of_telegram()
    clock = SystemClock()
    token = f"1:{secrets.token_hex(16)}"
    page = LocalChat(clock, token=token, operator_id=LOCAL_OPERATOR, bot_token=token)
    async with AsyncExitStack() as stack:
        urls = await page.start()
        stack.push_async_callback(page.stop)
        database = Database(str(folder / "burst.db"))
        await database.open()
        stack.push_async_callback(database.close)
        await migrate_open(database)
        config = TelegramConfig(
            token=token,
            owners=frozenset({LOCAL_OPERATOR}),
            base_url=urls.bot_base_url,
            base_file_url=urls.bot_file_url,
            digest_hour=None,
        )
        chat = Chat(config, clock, database, NoCharts(), stack, page)
        front = await chat.open(cast("Desk", _EmptyDesk(clock)))
        async with asyncio.timeout(_DRAIN_S):
            while front.silent_for_s() is None:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(_LOOK_S)
        before = psutil.Process().memory_info().rss
        alarms_s = await _tell(chat, page, clock)
        await _until_quiet(page)
        grown = psutil.Process().memory_info().rss - before
        return _figures(page, alarms_s, grown / 1e6)


async def _tell(chat: Chat, page: LocalChat, clock: SystemClock) -> list[float]:
    """Notify at the moments of three waves; returns how long each alarm took."""
    rng = random.Random(1)
    began, waits = clock.monotonic(), []
    loop = asyncio.get_running_loop()
    for at_s, notice in sorted(_plan(rng, clock), key=lambda planned: planned[0]):
        await asyncio.sleep(max(0.0, began + at_s - clock.monotonic()))
        chat.notifier.notify(notice)
        if isinstance(notice, AlarmNotice):
            waits.append(loop.create_task(_wait_for(page, notice.text, clock)))
    return list(await asyncio.gather(*waits))


def _plan(rng: random.Random, clock: SystemClock) -> list[tuple[float, Notice]]:
    now_ms = clock.wall_ms()
    patterns = some_setups(30)
    planned: list[tuple[float, Notice]] = []
    for number in range(SIGNALS):
        at_s = rng.choice(_WAVES) + rng.random() * _WAVE_S
        planned.append((at_s, _signal(rng.choice(patterns), number, rng.random(), now_ms)))
    for number in range(ALARMS):
        notice = AlarmNotice(
            notice_id=f"alarm:{number}",
            at_ms=now_ms,
            kind=AlarmKind.BLIND,
            text=f"Alarm {number} of the bench.",
        )
        planned.append((rng.random() * MINUTE_S, notice))
    return planned


def _signal(pattern: Setup, number: int, value: float, now_ms: int) -> SignalNotice:
    setup = replace(
        pattern,
        setup_id=f"{pattern.setup_id}{number}",
        proved_at_ms=now_ms,
        expires_at_ms=now_ms + _VALID_MS,
    )
    signal = Signal(
        setup=setup,
        score=Score(
            setup_id=setup.setup_id,
            value=value,
            scorer="heuristic",
            probability=None,
            payoff_ratio=None,
            outcomes=0,
            edge=False,
        ),
        threshold=0.5,
        cost=CostEstimate(fee_ratio=0.001, spread_ratio=0.0002, impact_ratio=0.0001, cost_r=0.1),
    )
    return SignalNotice(
        notice_id=f"signal:{number}",
        at_ms=now_ms,
        signal=signal,
        verdict=RiskRefused(signal=signal, rule=Rule.SIGNALS_ONLY, detail=""),
    )


async def _wait_for(page: LocalChat, text: str, clock: SystemClock) -> float:
    began = clock.monotonic()
    store, seen = page.conversation.store, 0
    # The page would hear of it at once; looking is precise enough and needs no second client.
    while clock.monotonic() < began + _DRAIN_S:
        news = store.after(seen)
        if any(text in message.body.text for message in news):
            break
        seen = max(seen, *(message.message_id for message in news)) if news else seen
        await asyncio.sleep(_LOOK_S)
    return clock.monotonic() - began


async def _until_quiet(page: LocalChat) -> None:
    """Wait until every signal is told, for a minute at most."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _DRAIN_S
    while _told(page) < SIGNALS and loop.time() < deadline:  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(1.0)


def _told(page: LocalChat) -> int:
    texts = [one.body.text for one in page.conversation.store.after(0) if one.sender is Sender.BOT]
    return sum(_signals_in(text) for text in texts)


def _signals_in(text: str) -> int:
    digest = _DIGEST.match(text)
    if digest:
        return int(digest[1])
    return 1 if text.startswith(("🔼", "🔽")) else 0


def _figures(page: LocalChat, alarms_s: list[float], grown_mb: float) -> BurstFigures:
    store = page.conversation.store
    return BurstFigures(
        alarms_s=tuple(alarms_s),
        told=_told(page),
        messages=sum(one.sender is Sender.BOT for one in store.after(0)),
        refused=page.conversation.throttle.refused,
        grown_mb=grown_mb,
    )


def burst_rows(told: BurstFigures) -> list[Row]:
    """Return the rows of the burst."""
    load = (
        f"{SIGNALS} signals and {ALARMS} critical notices in {MINUTE_S:.0f} s, "
        f"told in {told.messages} messages"
    )

    def row(
        what: str, value: float, unit: str, reach: float | None = None, *, more: bool = False
    ) -> Row:
        return Row(
            part=PART,
            what=what,
            load=load,
            value=value,
            unit=unit,
            count=1,
            reach=reach,
            more_is_better=more,
        )

    return [
        row("burst, slowest critical notice", max(told.alarms_s), "s", REACH_S),
        row("burst, signals told", told.told, "", SIGNALS, more=True),
        row("burst, refused by the chat (429)", told.refused, "", 0.0),
        row("burst, memory grown, both ends", told.grown_mb, "MB"),
    ]
