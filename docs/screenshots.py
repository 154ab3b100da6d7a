"""Takes the pictures of the documentation from the running bot, so that they stay true.

Needs the development environment and Chromium: `.venv/bin/python docs/screenshots.py`.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

import aiohttp
from playwright.async_api import Page, async_playwright

PORT = 8795
TOKEN = "screenshots-token"
IMAGES = Path(__file__).parent / "img"
BOT = (
    *("run", "--fresh", "--mode", "paper", "--symbols", "150", "--speed", "20"),
    *("--chat-port", str(PORT)),
)
COMMANDS = (
    *("/why", "/positions", "/status", "/risk 2.0", "/live on", "/settings", "/health", "/model"),
    *("/signals", "/universe"),
)
"""Answered in words, whatever the market does."""
RESULTS = ("/pnl", "/performance", "/daily", "/pause", "/resume", "/journal", "/panic")
"""Worth a picture once positions have been closed."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


async def messages() -> list[dict[str, object]]:
    """Return everything in the chat."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"http://127.0.0.1:{PORT}/api/messages?after=0"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as reply:
        return list(await reply.json())


async def until(text: str, patience_s: float = 240) -> None:
    """Wait until a message of the bot contains a text."""
    async with asyncio.timeout(patience_s):
        while True:
            try:
                if any(text in str(one["text"]) for one in await messages()):
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(1)


async def page_link(process: asyncio.subprocess.Process) -> str:
    """Read the one-time link from the terminal."""
    assert process.stderr is not None
    async for raw in process.stderr:
        line = raw.decode()
        if "http://" in line:
            return next(word for word in line.split() if word.startswith("http://"))
    raise SystemExit("the bot ended without a link")


async def say(page: Page, text: str) -> None:
    """Type a command and wait for its answer."""
    box = page.locator("textarea").first
    await box.fill(text)
    await box.press("Escape")
    await box.press("Enter")
    await page.wait_for_timeout(2500)


async def shoot(page: Page, name: str) -> None:
    """Keep what the phone shows now."""
    await page.screenshot(path=IMAGES / f"{name}.png")


async def ask(page: Page, command: str) -> None:
    """Send a command and keep it with its answer, whatever has been pushed since."""
    await say(page, command)
    await page.wait_for_timeout(2500)
    sent = page.get_by_text(command, exact=True).last
    await sent.evaluate("one => one.scrollIntoView({block: 'start'})")
    await page.wait_for_timeout(500)
    await shoot(page, command.split(maxsplit=1)[0].removeprefix("/"))


async def photograph(link: str) -> None:
    """Walk through the main flows at phone size."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        context = await browser.new_context(
            viewport={"width": 400, "height": 860}, device_scale_factor=1.5, color_scheme="dark"
        )
        page = await context.new_page()
        await page.goto(link)
        await until("rests at the")
        await page.wait_for_timeout(3000)
        card = page.locator(".photo").last
        await card.evaluate("one => one.scrollIntoView({block: 'start'})")
        await page.wait_for_timeout(1500)
        await shoot(page, "chat")
        for kind in ("signals", "fills", "stops", "exits", "news"):
            await say(page, f"/settings {kind} off")  # or they push the answers out of sight
        await page.wait_for_timeout(8000)
        for command in COMMANDS:
            await ask(page, command)
        await page.wait_for_timeout(180_000)  # an hour of the market
        for command in RESULTS:
            await ask(page, command)
        await browser.close()


async def main() -> None:
    """Run the bot on its embedded exchange and take every picture."""
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *BOT),
            env={"SMCBOT_DATA_DIR": folder, "SMCBOT_CHAT_TOKEN": TOKEN, "PATH": "/usr/bin:/bin"},
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            link = await page_link(process)
            drain = asyncio.ensure_future(process.communicate())
            await photograph(link)
        finally:
            process.terminate()
            await drain


if __name__ == "__main__":
    asyncio.run(main())
