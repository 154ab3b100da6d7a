"""The page in front of the real bot: commands, buttons and questions, by touch and by keyboard."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from engine.domain.commands import ClosePosition, Pause
from tests.bot.chat_kit import ChatKit
from tests.bot.fake_desk import position, snapshot
from tests.bot.notice_kit import signal_notice

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NARROW: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
COMMANDS = (
    "/status", "/positions", "/settings", "/health", "/help", "/mode", "/risk", "/pnl",
    "/universe", "/journal", "/model", "/threshold",
)  # fmt: skip
LUMINANCE = """
selector => {
  const node = document.querySelector(selector);
  const context = document.createElement("canvas").getContext("2d");
  const bytes = (colour) => {
    context.clearRect(0, 0, 1, 1); context.fillStyle = colour; context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b]
    .map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = node;
  while (bytes(getComputedStyle(behind).backgroundColor)[3] < 255 && behind.parentElement)
    behind = behind.parentElement;
  return [getComputedStyle(node).color, getComputedStyle(behind).backgroundColor]
    .map(colour => light(bytes(colour)));
}
"""


@pytest_asyncio.fixture(loop_scope="module")
async def kit(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChatKit]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    opened = ChatKit()
    opened.desk.state = snapshot(positions=(position(),))
    await opened.open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser: Browser, kit: ChatKit) -> AsyncIterator[Page]:
    """A narrow phone with the chat open."""
    context = await browser.new_context(**NARROW)
    context.set_default_timeout(10_000)
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(kit.urls.page_url)
    await expect(page.locator("#state")).to_have_text("online")
    yield page
    await context.close()
    assert problems == []


async def say(page: Page, kit: ChatKit, text: str) -> None:
    """Type a command, send it, and wait for one more message of the bot."""
    count = len(kit.messages)
    kit.clock.advance(10)
    await page.fill("#input", text)
    await page.locator("#send").click()
    await kit.until(lambda: len(kit.messages) > count, text)
    await expect(page.locator(".row:not(.mine)")).to_have_count(count + 1)


async def fits(page: Page, what: str) -> None:
    """Nothing reaches beyond the right edge."""
    for part in ("document.documentElement", "document.getElementById('log')"):
        assert await page.evaluate(f"{part}.scrollWidth <= {part}.clientWidth"), (what, part)


async def test_page_when_360_px_wide_shows_every_answer_without_scrolling_sideways(
    phone: Page, kit: ChatKit
) -> None:
    for text in COMMANDS:
        await say(phone, kit, text)
        await fits(phone, text)
        for block in await phone.locator(".row:last-child pre").all():
            assert await block.evaluate("b => b.scrollWidth <= b.clientWidth + 1"), text


async def test_question_when_pressed_on_the_phone_turns_into_the_result_in_place(
    phone: Page, kit: ChatKit
) -> None:
    await say(phone, kit, "/close btc 50")
    rows = await phone.locator(".row").count()
    kit.clock.advance(10)

    await phone.get_by_role("button", name="Close 50 %").tap()

    last = phone.locator(".row").last
    await expect(last.locator(".text")).to_have_text("✅ Done: ClosePosition.")
    await expect(last.locator(".key")).to_have_count(0)
    await expect(phone.locator(".row")).to_have_count(rows)
    assert [type(one) for one in kit.desk.submitted] == [ClosePosition]


async def test_status_when_its_button_is_pressed_changes_in_place_and_says_so(
    phone: Page, kit: ChatKit
) -> None:
    await say(phone, kit, "/status")
    kit.desk.state = snapshot(paused="operator")
    kit.clock.advance(10)

    await phone.get_by_role("button", name="Pause").tap()

    await expect(phone.get_by_role("button", name="Resume")).to_be_visible()
    await expect(phone.locator("#toast")).to_contain_text("Done: Pause")
    assert [type(one) for one in kit.desk.submitted] == [Pause]


async def test_chat_when_used_by_keyboard_alone_completes_asks_and_confirms(
    phone: Page, kit: ChatKit
) -> None:
    await kit.until(kit.chat.conversation.menu, "the menu")
    await expect(phone.locator("#menu-button")).to_be_visible()
    await phone.locator("body").press("/")
    await phone.keyboard.type("closea")
    await expect(phone.locator("#menu li").first).to_contain_text("/closeall")
    count = len(kit.messages)
    kit.clock.advance(10)
    await phone.keyboard.press("Enter")
    await kit.until(lambda: len(kit.messages) > count, "the question")
    await expect(phone.get_by_role("button", name="Close all")).to_be_visible()
    kit.clock.advance(10)

    await phone.keyboard.press("Control+ArrowUp")  # to the last message
    await phone.keyboard.press("Tab")  # to its first button
    await expect(phone.get_by_role("button", name="Close all")).to_be_focused()
    await phone.keyboard.press("Enter")

    await expect(phone.locator(".row .text").last).to_have_text("✅ Done: CloseAll.")


async def test_picture_when_opened_by_keyboard_closes_and_gives_the_focus_back(
    phone: Page, kit: ChatKit
) -> None:
    await kit.told(signal_notice())
    picture = phone.get_by_role("button", name="Open picture")
    await picture.focus()
    await phone.keyboard.press("Enter")
    await expect(phone.locator("#lightbox")).to_be_visible()
    box = await phone.locator("#lightbox-image").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360

    await phone.keyboard.press("Escape")

    await expect(phone.locator("#lightbox")).to_be_hidden()
    await expect(picture).to_be_focused()


async def test_menu_when_opened_on_the_phone_fits_and_a_tap_sends(
    phone: Page, kit: ChatKit
) -> None:
    await kit.until(kit.chat.conversation.menu, "the menu")
    await phone.locator("#menu-button").tap()
    await expect(phone.locator("#menu")).to_be_visible()
    await fits(phone, "menu")
    box = await phone.locator("#menu").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    kit.clock.advance(10)

    await phone.locator("#menu li").first.tap()

    await expect(phone.locator(".mine .text")).to_have_text("/status")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_colours_when_the_system_asks_for_them_are_followed_and_readable(
    browser: Browser, kit: ChatKit, scheme: str
) -> None:
    context = await browser.new_context(**NARROW, color_scheme=scheme)
    page = await context.new_page()
    await page.goto(kit.chat.new_page_url())
    await expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    await say(page, kit, "/status")
    for selector in (".row:not(.mine) .text", ".mine .text", ".key", "#name", "#input"):
        one, other = await page.evaluate(LUMINANCE, selector)
        contrast = (max(one, other) + 0.05) / (min(one, other) + 0.05)
        assert contrast >= 4.5, (selector, contrast)
    await context.close()


async def test_door_when_shown_on_the_phone_fits(phone: Page) -> None:
    await phone.evaluate("localStorage.clear()")
    await phone.reload()
    await expect(phone.locator("#door")).to_be_visible()
    await fits(phone, "door")
    card = await phone.locator("#door .card").bounding_box()
    assert card is not None
    assert card["x"] >= 0
    assert card["x"] + card["width"] <= 360
