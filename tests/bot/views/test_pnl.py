from bot.desk import Period, PnlView
from bot.localchat.content.html_text import parse_html
from bot.views.pnl import expectancy, pace, pnl
from engine.domain.order import Book
from tests.bot.pnl_kit import book_pnl, group
from tests.builders import d


def test_results_when_shown_are_net_with_count_expectancy_and_interval():
    text = parse_html(pnl(PnlView(Period.WEEK, (book_pnl(),)))).text

    assert text.startswith("Results last 7 days, net of all costs")
    assert "paper +34.20 USDT in 40 trades" in text
    assert "+0.08 R a trade (95 % between -0.11 R and +0.27 R) · won 15 of 40 (38 %)" in text
    assert "Fees 12.00 · funding -0.40" in text
    assert "target 12 +34.20 +0.08 R" in text
    assert "Best BTC +34.20" in text
    assert "Worst ETH -5.10" in text


def test_books_when_two_are_never_summed():
    text = pnl(PnlView(Period.ALL, (book_pnl(), book_pnl(book=Book.LIVE))))

    assert text.count("+34.20 USDT</b>") == 2
    assert "68.40" not in text


def test_results_when_nothing_was_closed_say_so():
    empty = book_pnl(total=group(count=0, wins=0))

    assert "No closed trades" in pnl(PnlView(Period.DAY, (empty,)))


def test_expectancy_when_few_trades_warns():
    assert "few trades say little" in expectancy(group(count=5, wins=4))
    assert "too few for an interval" in expectancy(group(count=1, wins=1, low_r=None, high_r=None))


def test_results_when_there_are_hundreds_of_groups_fit():
    many = tuple(group(f"A{i}<USDT", net=d(i - 250)) for i in range(500))

    text = pnl(PnlView(Period.ALL, (book_pnl(by_symbol=many, by_reason=many),)))

    assert len(text) <= 4096
    parse_html(text)


def test_results_when_the_market_runs_fast_say_that_fills_are_unlike_real_ones():
    assert pace(1) == pace(2) == ""
    assert "×60" in pace(60)
