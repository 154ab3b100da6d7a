"""Three hundred signals in a minute: what is urgent comes at once, the rest is folded."""

import asyncio
import gc
import random
import re
import sys
from dataclasses import dataclass, field

import pytest

from bot.throttle import BURST
from engine.domain.signal import Rule
from tests.bot.notice_kit import alarm, fill_notice, refused, signal_notice
from tests.builders import signal
from tests.e2e.line import Line, line
from tests.system.idle_loop import on_idle_loop

SIGNALS = 300
MINUTE_S = 60.0
CRITICAL_WITHIN_S = 5.0
ANSWER_WITHIN_S = 0.3
SYMBOLS = ("BTCUSDT", "ETHUSDT", "DOGEUSDT", "SOLUSDT", "XMRUSDT", "LTCUSDT")


@dataclass
class Burst:
    """What came of one minute.

    Attributes:
        waits_s: how long each critical notice took.
        answers_s: how long each command took.
        told: signals that were told, by themselves or in a digest.
    """

    waits_s: list[float] = field(default_factory=list)
    answers_s: list[float] = field(default_factory=list)
    told: int = 0
    messages: int = 0


async def burst(chat: Line, number: int = 0) -> Burst:
    """Let the engine tell 300 signals in a minute, in three waves, with alarms among them."""
    rng = random.Random(number)
    found, before = Burst(), len(chat.operator.heard)
    moments = [(rng.choice([0.0, 20.0, 40.0]) + rng.random() * 3, i) for i in range(SIGNALS)]
    alarms = [(rng.random() * MINUTE_S, -1 - i) for i in range(8)]
    cluster = [(20.5, -100 - i) for i in range(4)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    waits = []
    for at_s, key in sorted((*moments, *alarms, *cluster)):
        await asyncio.sleep(max(0.0, began + at_s - loop.time()))
        if key < 0:
            text = f"Alarm {number} {-key}."
            chat.notifier.notify(alarm(f"{number}:{key}", text))
            waits.append(loop.create_task(_wait_for(chat, text, loop.time())))
        else:
            value = 0.5 + rng.random() / 3
            chat.notifier.notify(
                signal_notice(rng.choice(SYMBOLS), value=value, key=f"s:{number}:{key}")
            )
    found.waits_s = await asyncio.gather(*waits)
    await _drained(chat)
    heard = chat.operator.heard[before:]
    found.messages = len(heard)
    found.told = sum(signals_in(item["text"]) for item in heard)
    return found


async def _wait_for(chat: Line, text: str, since: float) -> float:
    """Look at the server's own books: a reader of its own would only add to the crowd."""
    store = chat.page.conversation.store
    loop = asyncio.get_running_loop()
    while not any(text in one.body.text for one in store.after(0)[-40:]):
        await asyncio.sleep(0.02)
        assert loop.time() < since + 60, text
    return loop.time() - since


async def _drained(chat: Line) -> None:
    await chat.until(lambda: not len(chat.notifier.inbox), "the store")
    await chat.drained(within_s=120)
    await chat.operator.look()


def signals_in(text: str) -> int:
    """Return how many signals a message tells."""
    digest = re.match(r"(\d+) signals?", text)
    if digest:
        return int(digest[1])
    return 1 if text.startswith(("🔼", "🔽")) else 0


@on_idle_loop
async def test_burst_when_300_signals_come_in_a_minute_tells_what_is_critical_within_5_s(tmp_path):
    async with line(tmp_path) as chat:
        found = await burst(chat)

        assert max(found.waits_s) <= CRITICAL_WITHIN_S, sorted(found.waits_s)[-5:]
        assert len(found.waits_s) == 12
        assert found.told == SIGNALS
        assert found.messages < 60
        assert chat.page.conversation.throttle.refused == 0
        assert chat.meters["slowed down"] == "0"


@on_idle_loop
async def test_commands_when_given_in_a_burst_are_answered_at_once(tmp_path):
    async with line(tmp_path) as chat:
        loop = asyncio.get_running_loop()
        flood = loop.create_task(burst(chat))
        waits = []
        for _ in range(10):
            await asyncio.sleep(5)
            asked = loop.time()
            await chat.operator.write("/risk")
            waits.append(await _wait_for_answer(chat, asked))
        await flood

        assert max(waits) <= ANSWER_WITHIN_S, waits
        assert chat.page.conversation.throttle.refused == 0


async def _wait_for_answer(chat: Line, asked: float) -> float:
    store, loop = chat.page.conversation.store, asyncio.get_running_loop()
    mine = max(one.message_id for one in store.after(0) if one.sender == "operator")
    while not any("per trade" in one.body.text for one in store.after(mine)):
        await asyncio.sleep(0.005)
        assert loop.time() < asked + 30
    return loop.time() - asked


@on_idle_loop
async def test_burst_when_trades_are_among_the_signals_does_not_hold_them_up(tmp_path):
    async with line(tmp_path) as chat:
        loop = asyncio.get_running_loop()
        for number in range(40):
            chat.notifier.notify(signal_notice("ETHUSDT", key=f"s:{number}"))
        asks = signal_notice(verdict=refused(signal(), Rule.APPROVAL, "waiting"), key="ask")
        chat.notifier.notify(asks)
        chat.notifier.notify(fill_notice())
        began = loop.time()
        await chat.operator.until(
            lambda: any("Traded only with your Take" in text for text in chat.operator.texts), 20
        )
        await chat.operator.until(
            lambda: any(item["reply_to"] for item in chat.operator.heard), 20, "the fill"
        )

        assert loop.time() - began <= CRITICAL_WITHIN_S


@pytest.mark.prove
@on_idle_loop
async def test_memory_when_bursts_go_on_stays_flat(tmp_path):
    async with line(tmp_path) as chat:
        chat.charts.drawn = chat.fake.asked = _Forgetful()
        # The server's history of the chat is bounded by count; a short one is full soon.
        chat.page.conversation.store._capacity = 40
        blocks = []
        for number in range(10):
            await burst(chat, number)
            chat.operator.items.clear()
            blocks.append(_blocks())

        warm, last = blocks[3], blocks[-1]
        assert last - warm < 2_000, blocks  # less than one for each signal told meanwhile
        assert chat.page.conversation.throttle.refused == 0


class _Forgetful(list):
    def append(self, _one):
        """What the kit itself would remember is none of the bot's."""


def _blocks() -> int:
    """Memory blocks the interpreter holds, garbage left out."""
    gc.collect()
    return sys.getallocatedblocks()


def test_burst_when_counted_is_more_than_the_chat_may_take():
    assert SIGNALS > MINUTE_S + BURST
