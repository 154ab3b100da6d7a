"""A browser that has lost its session gets in again without a restart of the bot."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from bot.localchat.server import LocalChat
from tests.bot.localchat.support import (
    BOT_TOKEN,
    CHAT_TOKEN,
    OPERATOR_ID,
    HandClock,
    Running,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def lose_session(page: Page) -> None:
    """Forget the key, as a browser does that clears its data."""
    await page.evaluate("localStorage.clear()")
    await page.reload()
    await expect(page.locator("#door")).to_be_visible()


async def test_door_when_the_session_is_lost_says_how_to_get_a_new_link(page: Page) -> None:
    await lose_session(page)

    await expect(page.locator("#door-text")).to_contain_text("Press Enter in the bot's terminal")
    await expect(page.locator("#door-token")).to_be_focused()
    await expect(page.locator("#state")).to_have_text("locked")


async def test_new_link_when_opened_in_the_locked_tab_opens_the_chat(
    page: Page, running: Running
) -> None:
    await running.send("still here")
    await lose_session(page)

    # The address line of the same tab: the document is not loaded again.
    await page.evaluate("url => { location.href = url }", running.chat.new_page_url())

    await expect(page.locator("#door")).to_be_hidden()
    await expect(page.locator(".bubble .text")).to_have_text("still here")
    assert "code" not in page.url


async def test_new_link_when_pasted_opens_the_chat_once(page: Page, running: Running) -> None:
    await lose_session(page)
    link = running.chat.new_page_url()

    await page.fill("#door-token", link)
    await page.keyboard.press("Enter")
    await expect(page.locator("#door")).to_be_hidden()
    await expect(page.locator("#state")).to_have_text("online")

    await lose_session(page)
    await page.fill("#door-token", link)
    await page.keyboard.press("Enter")
    await expect(page.locator("#door-wrong")).to_have_text("That link was used already.")


async def test_new_link_when_opened_in_another_tab_opens_the_locked_one_too(
    page: Page, context: BrowserContext, running: Running
) -> None:
    await lose_session(page)

    other = await context.new_page()
    await other.goto(running.chat.new_page_url())
    await expect(other.locator("#state")).to_have_text("online")

    await expect(page.locator("#door")).to_be_hidden()


async def test_session_when_the_bot_restarts_with_another_token_locks_and_a_new_link_opens(
    page: Page, running: Running
) -> None:
    await running.send("of the first run")
    await expect(page.locator(".bubble")).to_have_count(1)
    port = int(running.urls.api_base_url.rpartition(":")[2])
    await running.chat.stop()
    second = LocalChat(
        HandClock(now_s=60),
        token="another secret",
        operator_id=OPERATOR_ID,
        bot_token=BOT_TOKEN,
        port=port,
    )
    await second.start()
    second.conversation.say("of the second run")

    await expect(page.locator("#door")).to_be_visible(timeout=15_000)
    await page.fill("#door-token", CHAT_TOKEN)
    await page.keyboard.press("Enter")
    await expect(page.locator("#door-wrong")).to_have_text("That is not the chat token.")
    await page.fill("#door-token", second.new_page_url())
    await page.keyboard.press("Enter")

    await expect(page.locator(".bubble .text")).to_have_text("of the second run")
    await second.stop()


async def test_messages_when_the_door_is_shut_cannot_be_reached(
    page: Page, running: Running
) -> None:
    await running.send("secret")
    await expect(page.locator(".bubble")).to_have_count(1)
    await lose_session(page)

    assert await page.locator(".bubble").count() == 0
    assert await page.evaluate("document.getElementById('app').inert")
    await page.keyboard.press("/")  # the field of the door has it, not the composer
    await expect(page.locator("#input")).to_have_value("")
