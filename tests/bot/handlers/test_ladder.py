from typing import Any

import pytest

from bot.callbacks import StaleButton
from bot.context import Answer, Front
from bot.desk_preflight import Unread
from bot.handlers.ladder import (
    decided,
    edge,
    live,
    mode,
    reset_breakers,
    risk,
    threshold,
)
from bot.parsing import BadInput
from engine.domain.commands import (
    AllowNegativeEdge,
    ResetBreaker,
    SetMode,
    SetRisk,
    SetThreshold,
)
from engine.domain.order import Book
from engine.domain.signal import Mode
from tests.bot.fake_desk import FakeDesk, book, position, preflight_facts, snapshot
from tests.bot.front_kit import OWNER_ID, call, front, token_of
from tests.builders import d

BOOKS = (book(), book(Book.LIVE))


def ready(config: dict[str, Any] | None = None, **state: Any) -> tuple[Front, FakeDesk]:
    desk = FakeDesk(state=snapshot(**({"books": BOOKS} | state)))
    return front(desk, **(config or {})), desk


async def press(chat: Front, answer: Answer) -> Answer:
    return await decided(
        call(command_id="tg-1-200"), chat, chat.nonces.burn(token_of(answer), OWNER_ID)
    )


async def test_mode_when_asked_shows_the_ladder_with_the_other_rungs():
    chat, _ = ready()

    answer = await mode(call(), chat)

    assert "▸ <b>paper</b>" in answer.text
    assert [b.data for b in answer.keyboard[0]] == ["mode:signals", "mode:live"]


@pytest.mark.parametrize(("word", "wanted"), [("signals", Mode.SIGNALS), ("PAPER", Mode.PAPER)])
async def test_mode_when_without_real_money_is_set_at_once(word: str, wanted: Mode):
    chat, desk = ready()

    await mode(call(word), chat)

    assert desk.submitted == [SetMode(command_id="tg-1-100", requested_by="ada", mode=wanted)]


async def test_live_when_ready_asks_twice_and_names_the_venue():
    chat, desk = ready({"venue": "Binance", "real_money": True})

    checklist = await live(call("on"), chat)
    assert "✓ key cannot withdraw" in checklist.text
    assert "! no proven edge: live entries will be refused" in checklist.text
    assert "without a proven edge are refused" in checklist.text
    assert desk.submitted == []

    question = await press(chat, checklist)
    assert "real money" in question.text
    assert question.keyboard[0][0].label == "Go live on Binance"
    assert desk.submitted == []

    await press(chat, question)
    assert desk.submitted == [SetMode(command_id="tg-1-200", requested_by="ada", mode=Mode.LIVE)]


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({"ready": False}, "✗ the bot is still loading"),
        ({"books": (book(), book(Book.LIVE, ready=False))}, "✗ the engine has not read"),
        ({"books": (book(), book(Book.LIVE, equity=d(0)))}, "✗ balance 10,000.00 USDT"),
        ({"books": (book(), book(Book.LIVE, unknown=1))}, "✗ orders with an unknown outcome: 1"),
        ({"books": (book(), book(Book.LIVE, breakers=("daily loss",)))}, "✗ breaker tripped"),
        ({"positions": (position(protected=False),)}, "✗ without a confirmed stop: BTCUSDT"),
        ({"blind": frozenset(f"A{i}" for i in range(60))}, "✗ 60 of 530 symbols are blind"),
    ],
)
async def test_live_when_a_check_fails_offers_no_button(state: dict[str, Any], line: str):
    chat, desk = ready(**state)

    answer = await mode(call("live"), chat)

    assert line in answer.text
    assert answer.keyboard == ()
    assert desk.submitted == []


async def test_live_when_the_venue_says_no_offers_no_button():
    chat, desk = ready()
    desk.facts = preflight_facts(account=Unread("no answer within 5 s"))

    answer = await live(call("on"), chat)

    assert "? position mode: not known, no answer within 5 s" in answer.text
    assert answer.keyboard == ()


async def test_live_when_there_is_no_account_is_refused():
    chat, _ = ready(books=(book(),))

    with pytest.raises(BadInput, match="no live account"):
        await live(call("on"), chat)


async def test_live_when_on_the_local_page_with_real_money_is_refused_unless_allowed():
    config = {"local": True, "real_money": True}
    chat, _ = ready(config)
    with pytest.raises(BadInput, match="SMCBOT_LOCALCHAT_LIVE"):
        await live(call("on"), chat)

    allowed, _ = ready(config | {"allow_live": True})
    assert token_of(await live(call("on"), allowed))


async def test_live_when_things_change_between_the_steps_is_not_asked_further():
    chat, desk = ready()
    checklist = await live(call("on"), chat)
    desk.state = snapshot(books=BOOKS, paused="breaker")

    with pytest.raises(StaleButton, match="checklist"):
        await press(chat, checklist)


async def test_live_when_switched_off_goes_to_paper_at_once():
    chat, desk = ready(mode=Mode.LIVE)

    await live(call("off"), chat)

    assert desk.submitted == [SetMode(command_id="tg-1-100", requested_by="ada", mode=Mode.PAPER)]


async def test_live_when_off_already_says_so_and_never_raises_the_mode():
    chat, desk = ready(mode=Mode.SIGNALS)

    answer = await live(call("off"), chat)

    assert "off already" in answer.text
    assert desk.submitted == []


async def test_risk_when_asked_says_what_it_means_in_money():
    chat, _ = ready(books=(book(),))

    answer = await risk(call(), chat)

    assert "1.0 %" in answer.text
    assert "paper 100.12" in answer.text
    assert "20,024.80 USDT" in answer.text


async def test_risk_when_lowered_is_set_at_once():
    chat, desk = ready()

    await risk(call("0.5"), chat)

    assert desk.submitted == [SetRisk(command_id="tg-1-100", requested_by="ada", risk_pct=d("0.5"))]


async def test_risk_when_raised_asks_with_before_and_after():
    chat, desk = ready(books=(book(),))

    answer = await risk(call("2"), chat)

    assert "USDT   1.0 %  2.0 %\npaper 100.12 200.25" in answer.text
    assert "40,049.60 USDT" in answer.text
    assert desk.submitted == []
    await press(chat, answer)
    assert isinstance(desk.submitted[0], SetRisk)


@pytest.mark.parametrize(
    ("args", "fixed", "per_day"),
    [(("0.6",), 0.6, None), (("auto",), None, None), (("AUTO", "200"), None, 200)],
)
async def test_threshold_when_given_is_set(
    args: tuple[str, ...], fixed: float | None, per_day: int | None
):
    chat, desk = ready()

    await threshold(call(*args), chat)

    assert desk.submitted == [
        SetThreshold(command_id="tg-1-100", requested_by="ada", threshold=fixed, per_day=per_day)
    ]


@pytest.mark.parametrize("args", [("2",), ("0.5", "3"), ("auto", "0"), ("auto", "x")])
async def test_threshold_when_odd_is_refused(args: tuple[str, ...]):
    chat, _ = ready()

    with pytest.raises(BadInput):
        await threshold(call(*args), chat)


async def test_threshold_when_asked_is_shown():
    chat, _ = ready()

    assert "0.6100" in (await threshold(call(), chat)).text


async def test_edge_when_overridden_asks_and_when_required_does_not():
    chat, desk = ready()
    assert "need a model" in (await edge(call(), chat)).text

    await edge(call("required"), chat)
    assert desk.submitted == [
        AllowNegativeEdge(command_id="tg-1-100", requested_by="ada", allowed=False)
    ]

    question = await edge(call("override"), chat)
    assert "lose money" in question.text
    await press(chat, question)
    assert isinstance(desk.submitted[1], AllowNegativeEdge)

    with pytest.raises(BadInput):
        await edge(call("maybe"), chat)


async def test_breakers_when_tripped_are_lifted_after_a_question():
    chat, desk = ready()
    assert (await reset_breakers(call(), chat)).text == "No breaker is tripped."

    desk.state = snapshot(books=(book(breakers=("daily loss",)),))
    question = await reset_breakers(call(), chat)
    assert "paper: daily loss" in question.text
    await press(chat, question)
    assert isinstance(desk.submitted[0], ResetBreaker)
