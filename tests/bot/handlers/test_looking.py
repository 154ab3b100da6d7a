from dataclasses import replace

import pytest

from bot.context import Role
from bot.desk import AskJournal, AskSignals
from bot.handlers.looking import (
    health,
    help_,
    journal,
    positions,
    signals,
    start,
    status,
    universe,
)
from bot.handlers.table import COMMANDS
from bot.parsing import BadInput
from bot.views.texts import MENU
from tests.bot.fake_desk import FakeDesk, position, snapshot
from tests.bot.front_kit import call, front


async def test_status_when_kept_fresh_shows_the_state_of_then():
    desk = FakeDesk()
    answer = await status(call(), front(desk))
    assert answer.live is not None

    desk.state = snapshot(positions=(position("ETHUSDT"),))

    assert "ETH" in answer.live().text


async def test_status_when_kept_fresh_speaks_the_language_of_then():
    chat = front()
    answer = await status(call(), chat)
    assert answer.live is not None
    assert "No open positions." in answer.live().text

    await chat.preferences.change(replace(chat.preferences.current, language="de"))

    assert "Keine offenen Positionen." in answer.live().text
    assert [b.label for b in answer.live().keyboard[0]] == [
        "Neu laden",
        "Positionen",
        "⏸ Pause",
    ]


async def test_buttons_when_a_viewer_looks_do_not_act():
    desk = FakeDesk(state=snapshot(positions=(position(),)))
    viewer = call(role=Role.VIEWER)

    cockpit = await status(viewer, front(desk))
    listed = await positions(viewer, front(desk))

    data = [b.data for answer in (cockpit, listed) for row in answer.keyboard for b in row]
    assert data == ["status", "positions", "chart:BTCUSDT", "positions"]


async def test_help_when_read_names_every_command():
    text = (await help_(call(), front())).text

    assert [name for name in COMMANDS if f"/{name}" not in text] == ["start", "help"]


def test_menu_when_shown_offers_only_known_commands():
    assert {name for name, _ in MENU} <= set(COMMANDS)
    assert all(len(text) <= 256 for _, text in MENU)


async def test_start_when_typed_says_that_nothing_is_traded_yet():
    assert "does not trade" in (await start(call(), front())).text


async def test_lists_when_a_number_is_given_ask_for_so_many():
    desk = FakeDesk()

    await signals(call("3"), front(desk))
    await journal(call("4"), front(desk))

    assert desk.asked == [AskSignals(3), AskJournal(4)]


async def test_lists_when_empty_say_so():
    assert (await signals(call(), front())).text == "No signals yet."
    assert (await journal(call(), front())).text == "No commands yet."


async def test_universe_and_health_when_asked_are_shown():
    assert "5 symbols" in (await universe(call(), front())).text
    shown = (await health(call(), front())).text
    assert "lag p99" in shown
    assert "connected" in shown


@pytest.mark.parametrize("handler", [status, positions, universe, health, signals, journal])
async def test_looking_when_given_nonsense_explains(handler):
    with pytest.raises(BadInput):
        await handler(call("non<sense"), front())
