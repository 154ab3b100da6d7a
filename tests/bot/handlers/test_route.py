import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.context import Answer, Role
from bot.handlers.route import (
    VIEWER_REFUSED,
    WAITED_REFUSED,
    answer_command,
    answer_press,
)
from bot.handlers.table import COMMANDS
from bot.localchat.content.html_text import parse_html
from engine.domain.commands import ClosePosition, Pause
from tests.bot.fake_desk import FakeDesk, position, snapshot
from tests.bot.front_kit import call, front, token_of

HOLDING = snapshot(positions=(position(),))
ACTING = sorted(name for name, entry in COMMANDS.items() if entry.acts)
LOOKING = sorted(set(COMMANDS) - set(ACTING))


async def test_command_when_unknown_gets_the_nearest():
    answer = await answer_command("statsu", call(), front())

    assert "Did you mean /status?" in answer.text


@pytest.mark.parametrize("name", ACTING)
async def test_viewer_when_acting_is_refused(name: str):
    desk = FakeDesk(state=HOLDING)

    answer = await answer_command(name, call("btc", role=Role.VIEWER), front(desk))

    assert answer.text == VIEWER_REFUSED
    assert desk.submitted == []


@pytest.mark.parametrize("name", LOOKING)
async def test_viewer_when_looking_is_answered(name: str):
    answer = await answer_command(name, call(role=Role.VIEWER), front())

    assert answer.text != VIEWER_REFUSED


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_command_when_late_is_refused_unless_it_makes_safe(name: str):
    desk = FakeDesk(state=HOLDING)

    answer = await answer_command(name, call("btc", late=True), front(desk))

    if name in {"pause", "panic"}:
        assert [type(c) for c in desk.submitted] == [Pause]
    else:
        assert "older than 60 s" in answer.text
        assert desk.submitted == []


async def test_confirmation_when_pressed_twice_acts_once():
    desk = FakeDesk(state=HOLDING)
    chat = front(desk)
    token = token_of(await answer_command("close", call("btc"), chat))

    first = await answer_press(token, call(command_id="tg-1-101"), chat)
    second = await answer_press(token, call(command_id="tg-1-102"), chat)

    assert first.text == "✅ Done: ClosePosition."
    assert "old or was used" in second.text
    assert [type(c) for c in desk.submitted] == [ClosePosition]


async def test_confirmation_when_cancelled_cannot_be_pressed_any_more():
    desk = FakeDesk(state=HOLDING)
    chat = front(desk)
    token = token_of(await answer_command("close", call("btc"), chat))

    assert "nothing was done" in (await answer_press("no:" + token, call(), chat)).text
    assert "old" in (await answer_press(token, call(), chat)).text
    assert desk.submitted == []


async def test_confirmation_when_a_viewer_presses_it_is_refused():
    desk = FakeDesk(state=HOLDING)
    chat = front(desk)
    token = token_of(await answer_command("close", call("btc"), chat))

    answer = await answer_press(token, call(role=Role.VIEWER), chat)

    assert answer.toast == VIEWER_REFUSED
    assert desk.submitted == []


@pytest.mark.parametrize("data", ["panic", "closeall", "risk:2.0", "live:on", "edge:override"])
async def test_button_when_forged_for_a_dangerous_command_does_nothing(data: str):
    desk = FakeDesk(state=HOLDING)

    answer = await answer_press(data, call(), front(desk))

    assert answer == Answer(toast="This button is old.")
    assert desk.submitted == []


NASTY = st.text(alphabet="_*[]()<>&\"'`:!/ abcBTCno0123456789.,%-", max_size=60)


@given(st.sampled_from(sorted(COMMANDS)), st.lists(NASTY, max_size=4))
async def test_command_when_fuzzed_is_answered_in_valid_html(name: str, words: list[str]):
    args = tuple(part for word in words for part in word.split())

    answer = await answer_command(name, call(*args), front(FakeDesk(state=HOLDING)))

    assert len(answer.text) <= 4096
    parse_html(answer.text)


@given(NASTY)
async def test_press_when_fuzzed_is_answered_and_never_closes_anything(data: str):
    desk = FakeDesk(state=HOLDING)

    answer = await answer_press(data, call(), front(desk))

    assert not any(isinstance(c, ClosePosition) for c in desk.submitted)
    parse_html(answer.text)


@pytest.mark.parametrize("data", ["resume", "close:BTCUSDT", "mode:live", "breakeven:BTCUSDT"])
async def test_press_when_it_waited_while_nobody_listened_is_refused(data: str):
    desk = FakeDesk(state=HOLDING)

    answer = await answer_press(data, call(pressed=True, late=True), front(desk))

    assert answer.text == answer.toast == WAITED_REFUSED
    assert desk.submitted == []


@pytest.mark.parametrize("data", ["pause", "status", "positions"])
async def test_press_when_it_waited_but_is_safe_is_obeyed(data: str):
    answer = await answer_press(data, call(pressed=True, late=True), front(FakeDesk()))

    assert WAITED_REFUSED not in answer.text
