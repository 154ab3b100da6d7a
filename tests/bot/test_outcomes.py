"""Signals edited later: over HTTP with the local chat; the timing with a sender in memory."""

from dataclasses import replace
from typing import Any

import pytest
from telegram.error import BadRequest

from bot import outcomes
from bot.desk import Outcome
from bot.outcomes import Outcomes
from bot.throttle import NoRoom, Urgency
from engine.domain.notices import SignalNotice
from tests.bot.chat_kit import ChatKit, MemoryStore
from tests.bot.fake_desk import FakeDesk, position, snapshot
from tests.bot.front_kit import front
from tests.bot.notice_kit import closed_trade, exit_notice, setup_key, signal_notice
from tests.builders import MINUTE, START_MS
from tests.fake_clock import FakeClock

LATER = START_MS + 60 * MINUTE


class Outgoing:
    """Takes edits down, or fails as told."""

    def __init__(self, *trouble: Exception) -> None:
        self.trouble = list(trouble)
        self.edits: list[dict[str, Any]] = []

    async def edit_caption(self, chat_id: int, message_id: int, text: str, **how: Any) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.edits.append({"message_id": message_id, "text": text, **how})


class Story:
    def __init__(self, *notices: SignalNotice, now_ms: int = LATER, out: Outgoing | None = None):
        self.desk = FakeDesk(state=snapshot(exchange_ms=now_ms))
        self.store = MemoryStore()
        self.clock = FakeClock()
        self.out = out or Outgoing()
        self.notices = notices
        self.restart()

    def restart(self) -> None:
        chat = front(self.desk, self.clock)
        self.outcomes = Outcomes(chat, self.out, self.store, 11)  # type: ignore[arg-type]

    async def told(self) -> "Story":
        await self.store.put(self.notices)
        for number, notice in enumerate(self.notices, 40):
            await self.store.sent(notice.notice_id, number)
        return self


async def test_signal_when_its_time_ran_out_says_so_once_with_its_buttons():
    story = await Story(signal_notice()).told()

    await story.outcomes.sweep()
    await story.outcomes.sweep()

    (edit,) = story.out.edits
    assert edit["message_id"] == 40
    assert edit["urgency"] is Urgency.OPTIONAL
    assert edit["text"].endswith("not traded")
    assert edit["keyboard"]


async def test_signal_when_it_may_still_be_entered_is_left_alone():
    story = await Story(signal_notice(), now_ms=START_MS + 2 * MINUTE).told()

    await story.outcomes.sweep()

    assert story.out.edits == []


async def test_signal_when_its_trade_runs_is_left_alone_until_it_closes():
    story = await Story(signal_notice(traded=True)).told()
    story.desk.state = snapshot(exchange_ms=LATER, positions=(position(setup_id=setup_key()),))

    await story.outcomes.sweep()
    assert story.out.edits == []

    story.desk.state = snapshot(exchange_ms=LATER)
    story.desk.outcomes[setup_key()] = Outcome(trade=closed_trade(), approved=True)
    await story.outcomes.sweep()
    assert "Target after 42 min" in story.out.edits[0]["text"]


async def test_signal_when_its_exit_was_told_is_edited_before_its_time_is_over():
    story = await Story(signal_notice(traded=True), now_ms=START_MS + 2 * MINUTE).told()
    story.desk.outcomes[setup_key()] = Outcome(trade=closed_trade(), approved=True)

    story.outcomes.closed(setup_key())
    await story.outcomes.sweep()

    assert "+1.87 R" in story.out.edits[0]["text"]


async def test_signal_when_the_journal_lags_is_not_called_unfilled_too_soon():
    story = await Story(signal_notice(traded=True)).told()
    story.desk.outcomes[setup_key()] = Outcome(approved=True)

    await story.outcomes.sweep()
    assert story.out.edits == []

    story.clock.advance(61)
    await story.outcomes.sweep()
    assert story.out.edits[0]["text"].endswith("Entry not filled")


async def test_signals_when_the_bot_restarts_are_still_looked_after():
    story = await Story(signal_notice()).told()

    story.restart()
    await story.outcomes.sweep()
    story.restart()
    await story.outcomes.sweep()

    assert len(story.out.edits) == 1


async def test_signal_when_the_chat_is_busy_is_edited_later():
    story = await Story(signal_notice(), out=Outgoing(NoRoom())).told()

    with pytest.raises(NoRoom):
        await story.outcomes.sweep()
    await story.outcomes.sweep()

    assert len(story.out.edits) == 1


async def test_signal_when_its_message_is_gone_is_given_up():
    gone = BadRequest("Message to edit not found")
    story = await Story(signal_notice(), signal_notice("ETHUSDT"), out=Outgoing(gone)).told()

    await story.outcomes.sweep()
    await story.outcomes.sweep()

    assert [edit["message_id"] for edit in story.out.edits] == [41]


async def test_signal_when_its_symbol_is_gone_is_edited_all_the_same():
    story = await Story(signal_notice("GONEUSDT")).told()

    await story.outcomes.sweep()

    assert len(story.out.edits) == 1


async def test_exit_when_told_edits_the_caption_of_its_signal_over_http(kit: ChatKit):
    signal = await kit.told(signal_notice(traded=True))
    key = setup_key()
    kit.desk.outcomes[key] = Outcome(trade=closed_trade(), approved=True)

    await kit.told(exit_notice())

    changed = await kit.until(
        lambda: (
            kit.chat.conversation.store.get(signal.message_id).revision > signal.revision
            and kit.chat.conversation.store.get(signal.message_id)
        ),
        "the edited caption",
    )
    assert changed.file is not None
    assert changed.body.text.endswith("Target after 42 min: +1.87 R, +1.89 USDT net")
    assert [b.text for row in changed.keyboard for b in row] == ["📈 Chart", "Why", "🔇 Mute 2 h"]


async def test_exit_when_its_signal_was_told_without_a_picture_edits_the_text(
    kit: ChatKit, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outcomes, "_BUSY_S", 0.01)
    kit.charts.broken = True
    signal = await kit.told(signal_notice(traded=True))
    kit.desk.outcomes[setup_key()] = Outcome(trade=closed_trade(), approved=True)

    await kit.told(exit_notice())

    def edited() -> bool:
        kit.clock.advance(1)  # the budget of the chat fills again
        return "Target after" in kit.chat.conversation.store.get(signal.message_id).body.text

    await kit.until(edited, "the edited text")


async def test_burst_when_folded_is_not_edited_later(kit: ChatKit):
    burst = [signal_notice(f"A{i}USDT") for i in range(6)]
    await kit.told(*burst)
    await kit.until(lambda: len(kit.store.details) == 6, "the marks")

    kit.desk.state = replace(kit.desk.state, exchange_ms=LATER)

    assert await kit.store.unsettled(0, 50) == ()
