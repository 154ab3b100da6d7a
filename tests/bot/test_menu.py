import asyncio
from dataclasses import replace

import pytest
from telegram.error import BadRequest, TelegramError

from bot.desk import Outcome
from bot.menu import CommandMenu
from bot.preferences import PreferenceBook, Preferences
from tests.bot.chat_kit import ChatKit
from tests.bot.fake_desk import position, snapshot
from tests.bot.front_kit import MemoryState
from tests.bot.notice_kit import closed_trade, exit_notice, signal_notice

ENGLISH = Preferences(digest_hour=None)
GERMAN = replace(ENGLISH, language="de")


class Line:
    """Stands in for `bot.sender.Sender`: remembers menus, fails when told to."""

    def __init__(self) -> None:
        self.menus: list[dict[str, str]] = []
        self.trouble: TelegramError | None = None

    async def bot(self) -> "Line":
        return self

    async def set_my_commands(self, commands: list[object]) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.menus.append({c.command: c.description for c in commands})


async def running(line: Line, chosen: PreferenceBook) -> tuple[CommandMenu, asyncio.Task[None]]:
    menu = CommandMenu(line, chosen)
    task = asyncio.get_running_loop().create_task(menu.run())
    await asyncio.sleep(0)
    return menu, task


@pytest.fixture
def chosen() -> PreferenceBook:
    return PreferenceBook(MemoryState(), "1", ENGLISH)


async def turns() -> None:
    for _turn in range(5):
        await asyncio.sleep(0)


async def test_menu_when_the_line_opens_again_is_set_once(chosen: PreferenceBook):
    line = Line()
    menu, task = await running(line, chosen)
    await turns()
    assert line.menus == []

    menu.refresh()
    await turns()
    menu.refresh()
    await turns()

    assert [told["status"] for told in line.menus] == ["What is going on, live"]
    task.cancel()


async def test_menu_when_another_language_is_chosen_is_set_anew(chosen: PreferenceBook):
    line = Line()
    menu, task = await running(line, chosen)
    menu.refresh()
    await turns()

    await chosen.change(GERMAN)
    await turns()
    await chosen.change(replace(GERMAN, digest_hour=7))
    await turns()

    assert [told["status"] for told in line.menus] == ["What is going on, live", "Was gerade läuft"]
    assert line.menus[0].keys() == line.menus[1].keys()
    task.cancel()


async def test_menu_when_refused_is_tried_again_on_the_next_line(chosen: PreferenceBook):
    line = Line()
    line.trouble = BadRequest("BOT_COMMAND_INVALID")
    menu, task = await running(line, chosen)
    menu.refresh()
    await turns()
    await chosen.change(GERMAN)
    await turns()
    assert line.menus == []

    line.trouble = None
    menu.refresh()
    await turns()

    assert [told["status"] for told in line.menus] == ["Was gerade läuft"]
    task.cancel()


async def test_language_when_chosen_by_a_button_is_spoken_everywhere_at_once(kit: ChatKit):
    await kit.until(kit.chat.conversation.menu, "the menu")
    shown = await kit.say("/settings")

    changed = await kit.press(shown, "Language: English")

    assert "Was dir gemeldet wird" in changed.body.text
    labels = [button.text for row in changed.keyboard for button in row]
    assert "Sprache: Deutsch" in labels
    await kit.until(
        lambda: kit.chat.conversation.menu()[0]["description"] == "Was gerade läuft", "the menu"
    )
    # A command, a push, a refusal and the word under a button: all of them in German.
    assert "Keine offenen Positionen" in (await kit.say("/positions")).body.text
    card = await kit.told(signal_notice())
    assert "Liquiditäts-Sweep" in card.body.text
    assert [b.text for b in card.keyboard[0]] == ["📈 Chart", "Warum", "🔇 2 h stumm"]
    assert "Ziel erreicht" in (await kit.told(exit_notice())).body.text
    assert (await kit.say("hello")).body.text == "Ich verstehe Befehle: /help zeigt sie."
    back = await kit.press(await kit.say("/settings"), "Sprache: Deutsch")
    assert "What you are told" in back.body.text


async def test_language_when_chosen_is_kept_over_a_restart(kit: ChatKit):
    await kit.say("/settings language de")

    await kit.front.stop()
    await kit.start_front()

    assert "Keine offenen Positionen" in (await kit.say("/positions")).body.text


async def test_language_when_set_by_the_settings_is_spoken_from_the_start(kit: ChatKit):
    await kit.front.stop()
    kit.config["language"] = "de"
    await kit.start_front()
    kit.desk.state = snapshot(positions=(position(),))

    question = await kit.say("/close btc 50")

    assert question.body.text.startswith("50 % von BTCUSDT LONG am Markt schließen?")
    kit.desk.state = snapshot()
    answer = await kit.press(question, "50 % schließen")
    assert answer.body.text.startswith("Nicht ausgeführt: die Lage hat sich")


async def test_signal_when_told_in_one_language_gains_its_outcome_in_the_one_of_now(kit: ChatKit):
    notice = signal_notice()
    card = await kit.told(notice)
    assert "liquidity sweep" in card.body.text
    await kit.say("/settings language de")

    setup_id = notice.signal.setup.setup_id
    kit.desk.outcomes[setup_id] = Outcome(trade=closed_trade())
    await kit.told(exit_notice())

    def edited() -> str:
        text = kit.chat.conversation.store.get(card.message_id).body.text
        return text if "Ziel nach 42 min" in text else ""

    assert "Liquiditäts-Sweep" in await kit.until(edited, "the outcome under the signal")
