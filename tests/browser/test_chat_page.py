"""The chat page in headless Chromium: loads, writes, presses, edits in place, stays inert."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from bot.localchat.server import LocalChat
from tests.bot.localchat.support import (
    BOT_TOKEN,
    CHAT_TOKEN,
    OPERATOR_ID,
    HandClock,
    Running,
    png,
)

# One loop for the module: Chromium starts once.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

BUTTONS = {
    "inline_keyboard": [
        [{"text": "Take", "callback_data": "take"}, {"text": "Skip", "callback_data": "skip"}]
    ]
}
MENU = [
    {"command": "status", "description": "Live state"},
    {"command": "stop", "description": "End"},
    {"command": "positions", "description": "Open positions"},
]
EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


async def test_page_when_opened_with_the_link_forgets_the_code_and_survives_a_reload(
    page: Page, running: Running
) -> None:
    await running.send("hello")
    await expect(page.locator(".bubble .text")).to_have_text("hello")
    assert "#" not in page.url
    await page.reload()
    await expect(page.locator(".bubble .text")).to_have_text("hello")


async def test_page_when_the_link_was_used_asks_for_the_token(
    context: BrowserContext, running: Running
) -> None:
    page = await context.new_page()
    await page.goto(running.urls.api_base_url + "/#code=used")
    await expect(page.locator("#door")).to_be_visible()
    await page.fill("#door-token", "wrong")
    await page.keyboard.press("Enter")
    await expect(page.locator("#door-wrong")).to_be_visible()
    await page.fill("#door-token", CHAT_TOKEN)
    await page.keyboard.press("Enter")
    await expect(page.locator("#door")).to_be_hidden()
    await expect(page.locator("#state")).to_have_text("online")


async def test_text_when_sent_shows_on_the_right_and_reaches_the_bot(
    page: Page, running: Running
) -> None:
    await page.fill("#input", "good evening")
    await page.keyboard.press("Enter")
    await expect(page.locator(".mine .text")).to_have_text("good evening")
    await expect(page.locator("#input")).to_have_value("")
    [update] = (await running.call("getUpdates"))["result"]
    assert update["message"]["text"] == "good evening"


async def test_button_when_pressed_waits_for_the_answer_and_shows_it(
    page: Page, running: Running
) -> None:
    sent = await running.send("choose", reply_markup=BUTTONS)
    await page.get_by_role("button", name="Take").click()
    await expect(page.locator(".key.waiting")).to_have_count(1)
    [update] = (await running.call("getUpdates", timeout=5))["result"]
    query = update["callback_query"]
    assert (query["data"], query["message"]["message_id"]) == ("take", sent["message_id"])
    await running.call("answerCallbackQuery", callback_query_id=query["id"], text="Taken")
    await expect(page.locator("#toast")).to_have_text("Taken")
    await expect(page.locator(".key.waiting")).to_have_count(0)


async def test_button_when_pressed_far_above_the_end_leads_to_its_answer(
    page: Page, running: Running
) -> None:
    await running.send("choose", reply_markup=BUTTONS)
    for number in range(4):
        await running.send(f"line {number}\n" * 12)
    await expect(page.locator(".row")).to_have_count(5)
    await page.get_by_role("button", name="Take").scroll_into_view_if_needed()
    await expect(page.locator("#jump")).to_be_visible()
    running.clock.advance(10)
    await running.send("news of somebody else")
    await expect(page.locator("#unread")).to_have_text("1")
    await page.get_by_role("button", name="Take").click()
    await running.send("Really?")
    await expect(page.locator(".row").last).to_be_in_viewport()
    await expect(page.locator("#unread")).to_be_hidden()


async def test_alert_when_answered_opens_a_dialog(page: Page, running: Running) -> None:
    await running.send("choose", reply_markup=BUTTONS)
    await page.get_by_role("button", name="Skip").click()
    [update] = (await running.call("getUpdates", timeout=5))["result"]
    query_id = update["callback_query"]["id"]
    await running.call(
        "answerCallbackQuery", callback_query_id=query_id, text="Because", show_alert=True
    )
    await expect(page.locator("#alert-text")).to_have_text("Because")
    await page.keyboard.press("Enter")
    await expect(page.locator("#alert")).to_be_hidden()


async def test_message_when_edited_changes_in_place(page: Page, running: Running) -> None:
    first = await running.send("before", reply_markup=BUTTONS)
    await running.send("after it")
    await expect(page.locator(".row")).to_have_count(2)
    await running.call(
        "editMessageText",
        chat_id=OPERATOR_ID,
        message_id=first["message_id"],
        text="<b>now</b>",
        parse_mode="HTML",
    )
    row = page.locator(".row").first
    await expect(row.locator(".text strong")).to_have_text("now")
    await expect(row.locator(".edited")).to_be_visible()
    await expect(row.locator(".key")).to_have_count(0)
    await expect(page.locator(".row")).to_have_count(2)


async def test_message_when_deleted_disappears(page: Page, running: Running) -> None:
    sent = await running.send("gone soon")
    await expect(page.locator(".row")).to_have_count(1)
    await running.call("deleteMessage", chat_id=OPERATOR_ID, message_id=sent["message_id"])
    await expect(page.locator(".row")).to_have_count(0)


async def test_markup_when_written_by_anyone_is_inert(page: Page, running: Running) -> None:
    running.chat.conversation.say(EVIL)
    await running.send(EVIL)
    await running.call(
        "sendMessage",
        chat_id=OPERATOR_ID,
        text='<a href="javascript:window.hacked=1">link</a> &lt;script&gt;',
        parse_mode="HTML",
        reply_markup={"inline_keyboard": [[{"text": EVIL, "callback_data": EVIL[:60]}]]},
    )
    await running.call("setMyCommands", commands=[{"command": "x", "description": EVIL}])
    await expect(page.locator(".row")).to_have_count(3)
    assert await page.locator(".text").first.inner_text() == EVIL
    await page.fill("#input", "/")
    await expect(page.locator("#menu span")).to_have_text(EVIL)
    assert await page.locator(".row script, .row img, .row a").count() == 0
    assert await page.evaluate("window.hacked") is None


async def test_command_when_typed_is_completed(page: Page, running: Running) -> None:
    await running.call("setMyCommands", commands=MENU)
    await expect(page.locator("#menu-button")).to_be_visible()
    await page.locator("body").press("/")
    await expect(page.locator("#menu li")).to_have_count(3)
    await page.keyboard.type("st")
    await expect(page.locator("#menu li")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await expect(page.locator("#input")).to_have_value("/stop ")
    await page.fill("#input", "/pos")
    await page.keyboard.press("Enter")
    await expect(page.locator(".mine .text")).to_have_text("/positions")


async def test_command_when_tapped_in_a_message_is_sent(page: Page, running: Running) -> None:
    await running.send("see /status")
    await page.get_by_role("button", name="/status").click()
    await expect(page.locator(".mine .text")).to_have_text("/status")


async def test_reply_when_tapped_leads_to_its_message(page: Page, running: Running) -> None:
    first = await running.send("the signal")
    for number in range(4):
        await running.send(f"line {number}\n" * 12)
    running.clock.advance(10)
    await running.send("filled", reply_parameters={"message_id": first["message_id"]})
    await expect(page.locator("button.quote")).to_contain_text("the signal")
    await page.locator("button.quote").click()
    await expect(page.locator(".row").first).to_be_in_viewport()
    await expect(page.locator("#jump")).to_be_visible()
    await running.send("news")
    await expect(page.locator("#unread")).to_have_text("1")
    await page.locator("#jump").click()
    await expect(page.locator(".row").last).to_be_in_viewport()
    await expect(page.locator("#jump")).to_be_hidden()


async def test_picture_when_opened_fills_the_window_and_keys_move_on(
    page: Page, running: Running
) -> None:
    for number in range(2):
        stored = running.chat.conversation.files.add_photo(png(600 + number, 400))
        await running.call(
            "sendPhoto", chat_id=OPERATOR_ID, photo=stored.file_id, caption=f"chart {number}"
        )
    await page.get_by_role("button", name="Open picture: chart 0").click()
    await expect(page.locator("#lightbox-caption")).to_have_text("chart 0")
    assert await page.locator("#lightbox-image").evaluate("i => i.naturalWidth") == 600
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#lightbox-caption")).to_have_text("chart 1")
    await page.keyboard.press("Escape")
    await expect(page.locator("#lightbox")).to_be_hidden()


async def test_pinned_message_when_set_shows_above_and_follows_edits(
    page: Page, running: Running
) -> None:
    sent = await running.send("Equity 100")
    target = {"chat_id": OPERATOR_ID, "message_id": sent["message_id"]}
    await running.call("pinChatMessage", **target)
    await expect(page.locator("#pinned-text")).to_have_text("Equity 100")
    await running.call("editMessageText", **target, text="Equity 101")
    await expect(page.locator("#pinned-text")).to_have_text("Equity 101")


async def test_theme_when_switched_stays_after_a_reload(page: Page) -> None:
    before = await page.locator("html").get_attribute("data-theme")
    await page.locator("#theme").click()
    after = await page.locator("html").get_attribute("data-theme")
    assert {before, after} == {"light", "dark"}
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", str(after))


async def test_page_when_the_bot_restarts_with_its_token_goes_on(
    page: Page, running: Running
) -> None:
    await running.send("first run")
    await expect(page.locator(".row")).to_have_count(1)
    port = int(running.urls.api_base_url.rpartition(":")[2])
    await running.chat.stop()
    await expect(page.locator("#state")).to_have_text("reconnecting…")
    second = LocalChat(
        HandClock(now_s=60),
        token=CHAT_TOKEN,
        operator_id=OPERATOR_ID,
        bot_token=BOT_TOKEN,
        port=port,
    )
    await second.start()
    second.conversation.say("second run")
    await expect(page.locator(".row .text")).to_have_text(["second run"], timeout=15_000)
    await second.stop()


async def test_page_when_used_asks_nothing_of_other_hosts(
    context: BrowserContext, running: Running
) -> None:
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(running.urls.page_url)
    await running.send("https://example.org/x")
    await expect(page.locator(".text a")).to_be_visible()
    allowed = (running.urls.api_base_url, f"blob:{running.urls.api_base_url}", "data:")
    assert asked
    assert [url for url in asked if not url.startswith(allowed)] == []


async def test_static_files_when_counted_match_what_the_browser_loads(
    context: BrowserContext, running: Running
) -> None:
    page = await context.new_page()
    loaded: set[str] = set()
    page.on("request", lambda request: loaded.add(Path(request.url).name))
    await page.goto(running.urls.page_url)
    await expect(page.locator("#state")).to_have_text("online")
    static = Path(__file__).parents[2] / "bot" / "localchat" / "static"
    unused = {file.name for file in static.iterdir()} - loaded - {"index.html"}
    assert unused == set()


async def test_focus_when_a_message_is_edited_stays_on_its_button(
    page: Page, running: Running
) -> None:
    sent = await running.send("before", reply_markup=BUTTONS)
    await page.get_by_role("button", name="Skip").focus()
    await running.call(
        "editMessageText",
        chat_id=OPERATOR_ID,
        message_id=sent["message_id"],
        text="after",
        reply_markup=BUTTONS,
    )
    await expect(page.locator(".text")).to_have_text("after")
    await expect(page.get_by_role("button", name="Skip")).to_be_focused()


async def test_messages_when_walked_with_arrow_keys_take_the_focus(
    page: Page, running: Running
) -> None:
    await running.send("one")
    await running.send("two")
    await expect(page.locator(".row")).to_have_count(2)
    await page.locator("#log").focus()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".row").last).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".row").first).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#input")).to_be_focused()


async def test_page_when_text_is_very_wide_does_not_scroll_sideways(
    page: Page, running: Running
) -> None:
    await running.send("x" * 900)
    await running.send("<pre>" + "wide " * 60 + "</pre>", parse_mode="HTML")
    await running.send(
        "row", reply_markup={"inline_keyboard": [[{"text": "y" * 90, "callback_data": "y"}]]}
    )
    await expect(page.locator(".row")).to_have_count(3)
    for part in ("document.documentElement", "document.getElementById('log')"):
        assert await page.evaluate(f"{part}.scrollWidth <= {part}.clientWidth"), part


async def test_rich_text_when_shown_has_its_elements(page: Page, running: Running) -> None:
    html = (
        "<b>b<i>bi</i></b> <u>u</u> <s>s</s> <code>c</code> <tg-spoiler>hidden</tg-spoiler>"
        '<blockquote expandable>q</blockquote><pre><code class="language-python">x = 1</code></pre>'
        '<a href="https://example.org/">link</a>'
    )
    await running.send(html, parse_mode="HTML")
    text = page.locator(".text")
    for selector in (
        "strong > em",
        "u",
        "s",
        "code",
        "blockquote.folded",
        "pre",
        "a[rel~=noopener]",
    ):
        await expect(text.locator(selector)).to_have_count(1)
    await text.locator(".spoiler").click()
    await expect(text.locator(".spoiler.shown")).to_have_text("hidden")
    await text.locator(".unfold").click()
    await expect(text.locator("blockquote.folded")).to_have_count(0)
