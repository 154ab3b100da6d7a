import pytest

from bot.callbacks import StaleButton
from bot.handlers.obey import STILL_WORKING, ask, confirmed, obey, shown_state
from engine.domain.commands import (
    AllowNegativeEdge,
    CloseAll,
    ClosePosition,
    Command,
    Panic,
    Pause,
    SetMode,
    SetRisk,
)
from engine.domain.signal import Mode
from tests.bot.fake_desk import FakeDesk, position, snapshot
from tests.bot.front_kit import OWNER_ID, call, front, token_of
from tests.builders import d

WHO = {"command_id": "tg-1-100", "requested_by": "ada"}


async def test_command_when_refused_says_why_escaped():
    desk = FakeDesk(refusal="price < stop")

    answer = await obey(front(desk), call(), Pause(**WHO))

    assert answer.text == "❌ price &lt; stop"


async def test_command_when_the_engine_is_slow_says_so_and_lets_the_notice_through():
    chat = front(FakeDesk(silent=True))

    answer = await obey(chat, call(), Pause(**WHO))

    assert answer.text == STILL_WORKING
    assert "tg-1-100" not in chat.answered


async def test_command_when_answered_is_not_told_again_as_a_notice():
    chat = front()

    await obey(chat, call(), Pause(**WHO))

    assert "tg-1-100" in chat.answered


async def test_question_when_confirmed_is_done_under_the_id_of_the_press():
    desk = FakeDesk()
    chat = front(desk)
    answer = ask(chat, call(), "Close all?", CloseAll(**WHO), label="Close all")

    confirmation = chat.nonces.burn(token_of(answer), OWNER_ID)
    await confirmed(chat, call(command_id="tg-1-101"), confirmation)

    assert desk.submitted == [CloseAll(command_id="tg-1-101", requested_by="ada")]


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        (CloseAll(**WHO), {"positions": (position("ETHUSDT"),)}),
        (Panic(**WHO), {"positions": ()}),
        (ClosePosition(**WHO, symbol="BTCUSDT"), {"positions": (position(qty=d("0.4")),)}),
        (ClosePosition(**WHO, symbol="BTCUSDT"), {"positions": ()}),
        (SetMode(**WHO, mode=Mode.LIVE), {"paused": "breaker"}),
        (SetMode(**WHO, mode=Mode.LIVE), {"scorer": "heuristic again"}),
        (AllowNegativeEdge(**WHO, allowed=True), {"mode": Mode.LIVE}),
        (SetRisk(**WHO, risk_pct=d(2)), {"risk_pct": d("1.5")}),
    ],
)
async def test_question_when_the_shown_state_has_changed_is_not_done(
    command: Command, changes: dict[str, object]
):
    desk = FakeDesk(state=snapshot(positions=(position(),)))
    chat = front(desk)
    answer = ask(chat, call(), "Sure?", command, label="Yes")
    desk.state = snapshot(**({"positions": (position(),)} | changes))

    with pytest.raises(StaleButton, match="changed"):
        await confirmed(chat, call(), chat.nonces.burn(token_of(answer), OWNER_ID))

    assert desk.submitted == []


def test_shown_state_when_only_prices_moved_is_the_same():
    command = ClosePosition(**WHO, symbol="BTCUSDT")
    before = shown_state(command, snapshot(positions=(position(),)))

    assert before == shown_state(command, snapshot(positions=(position(mark_price=120.0),)))
    assert shown_state(Pause(**WHO), snapshot()) is None
