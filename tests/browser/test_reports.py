"""The pages of backtest, train and parity on a phone."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from bot.reports.document import Heading, Table, Text, to_html

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_report_when_read_on_a_phone_scrolls_sideways_only_inside_its_tables(
    browser: Browser, tmp_path: Path
) -> None:
    columns = tuple(f"column {i}" for i in range(20))
    blocks = [
        Heading("Card", 1),
        Text(f"SHA-256 of the data: {'0123456789abcdef' * 4}"),
        Table(columns, [columns]),
    ]
    file = tmp_path / "report.html"
    file.write_text(to_html("Card", blocks), encoding="utf-8")
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()

    await page.goto(file.as_uri())

    narrow = "e => e.scrollWidth <= e.clientWidth"
    assert await page.locator("html").evaluate(narrow)
    assert not await page.locator("table").evaluate(narrow)
    assert await page.locator("td").first.evaluate("e => e.offsetHeight < 40")
    await context.close()
