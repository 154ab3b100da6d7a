from zoneinfo import ZoneInfo

from bot.desk import Period, PnlView
from bot.localchat.content.html_text import parse_html
from bot.views.digest import daily_digest
from tests.bot.fake_desk import book, position, snapshot
from tests.bot.pnl_kit import book_pnl

UTC = ZoneInfo("UTC")


def test_digest_when_trades_were_closed_has_results_best_and_worst():
    state = snapshot(positions=(position(),))

    text = parse_html(daily_digest(PnlView(Period.DAY, (book_pnl(),)), state, UTC)).text

    assert text.startswith("Daily digest · 14 Nov 22:14 · paper mode")
    assert "paper +34.20 USDT net in 40 trades" in text
    assert "won 15 of 40 (38 %)" in text
    assert "Best BTC +1.89 (+1.87 R), target, 42 min" in text
    assert "Worst ETH -1.10" in text
    assert "42 signals today" in text
    assert "1 open position, +0.80 USDT before exit costs" in text


def test_digest_when_the_day_was_quiet_says_so_and_what_blocks():
    state = snapshot(paused="holiday", books=(book(breakers=("drawdown",)),))

    text = daily_digest(PnlView(Period.DAY, ()), state, UTC)

    assert "No trades were closed today." in text
    assert "paper breaker: drawdown" in text
    assert "Paused: holiday" in text
