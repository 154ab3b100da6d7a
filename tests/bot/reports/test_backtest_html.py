"""The page of a backtest."""

import re
from pathlib import Path

from bot.reports.backtest_html import backtest_html
from bot.reports.backtest_text import verdict
from engine.domain.signal import Mode
from tests.bot.backtest_kit import backtested


def test_page_when_made_stands_alone_and_shows_everything(tmp_path: Path) -> None:
    made = backtested(tmp_path, multipliers=(1.0, 2.0))
    page = backtest_html(made)
    assert verdict(made) in page
    for title in (
        "By exit reason",
        "By symbol",
        "By score",
        "By hour (UTC)",
        "Trades",
        "random entries",
    ):
        assert title in page
    assert not re.search(r"(src|href)=[\"'](?!data:)", page)  # nothing is loaded from elsewhere
    assert page.count("data:image/png;base64,") >= 4
    assert page.rstrip().endswith("</html>")
    assert made.sha256 in page


def test_page_when_nothing_was_traded_is_still_a_page(tmp_path: Path) -> None:
    page = backtest_html(backtested(tmp_path, mode=Mode.SIGNALS))
    assert "Nothing was traded" in page
    assert "By symbol" not in page
