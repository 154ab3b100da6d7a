"""One Chromium for every test of the page, and a chat for each."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.localchat.server import LocalChat
from tests.bot.localchat.support import BOT_TOKEN, CHAT_TOKEN, OPERATOR_ID, HandClock, Running

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def find_chromium() -> str:
    for name in CANDIDATES:
        if found := shutil.which(name):
            return found
    pytest.skip(f"no Chromium found; looked for {', '.join(CANDIDATES)}")


@pytest_asyncio.fixture(loop_scope="module")
async def running() -> AsyncIterator[Running]:
    clock = HandClock()
    chat = LocalChat(clock, token=CHAT_TOKEN, operator_id=OPERATOR_ID, bot_token=BOT_TOKEN)
    urls = await chat.start()
    async with ClientSession() as http:
        yield Running(chat, urls, clock, http)
    await chat.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    executable = find_chromium()
    async with async_playwright() as driver:
        opened = await driver.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(**PHONE)
    opened.set_default_timeout(10_000)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(context: BrowserContext, running: Running) -> AsyncIterator[Page]:
    """The page, opened with the one-time link; script errors and blocked content fail the test."""
    opened = await context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if blocked(line.text) else None)
    await opened.goto(running.urls.page_url)
    await expect(opened.locator("#state")).to_have_text("online")
    yield opened
    assert problems == []


def blocked(line: str) -> bool:
    """Whether a console line tells of a breach of the page's own content policy."""
    return "Content Security Policy" in line or "TrustedHTML" in line
