from bot.desk import Period, PnlView
from bot.localchat.content.html_text import parse_html
from bot.views.performance import DAY_MS, daily, performance, weekly
from engine.domain.order import Book
from tests.bot.pnl_kit import book_pnl, group
from tests.builders import START_MS, d

TODAY = START_MS // DAY_MS * DAY_MS
DAYS = (
    group(str(TODAY), count=3, wins=1, net=d("-4.20"), expectancy_r=-0.3),
    group(str(TODAY - 2 * DAY_MS), count=2, wins=2, net=d("9.00"), expectancy_r=0.9),
)


def test_performance_when_shown_never_gives_a_hit_rate_alone():
    text = parse_html(performance(PnlView(Period.ALL, (book_pnl(),)))).text

    assert text.startswith("Performance since the beginning, net of all costs")
    assert "won 15 of 40 (38 %)" in text
    assert "95 % between -0.11 R and +0.27 R" in text
    assert "By exit reason: trades, won, net, a trade\ntarget 12 15 +34.20 +0.08 R" in text
    assert "By score: trades, won, net, a trade\n0.5-0.6" in text
    assert text.index("BTC") < text.index("ETH")


def test_performance_when_there_are_many_symbols_shows_the_ends():
    many = tuple(group(f"S{i}USDT", net=d(i)) for i in range(40))
    text = performance(PnlView(Period.ALL, (book_pnl(by_symbol=many),)))

    assert "24 between them left out" in text
    assert "S39 " in text
    assert "S0 " in text
    assert "S20 " not in text


def test_performance_when_books_are_two_never_sums_them():
    view = PnlView(Period.ALL, (book_pnl(), book_pnl(book=Book.LIVE)))

    assert performance(view).count("+34.20 USDT</b>") == 2


def test_days_when_listed_include_the_quiet_ones_newest_first():
    text = parse_html(daily(PnlView(Period.WEEK, (book_pnl(by_day=DAYS),)), 4, START_MS)).text

    rows = [line.split() for line in text.split("\n")[-4:]]
    assert rows == [
        ["Tue", "14", "Nov", "3", "-4.20", "-0.30", "R"],
        ["Mon", "13", "Nov", "0"],
        ["Sun", "12", "Nov", "2", "+9.00", "+0.90", "R"],
        ["Sat", "11", "Nov", "0"],
    ]


def test_week_when_told_has_days_reasons_and_scores():
    text = parse_html(weekly(PnlView(Period.WEEK, (book_pnl(by_day=DAYS),)), START_MS)).text

    assert text.startswith("Weekly digest · 7 days up to 14 Nov")
    assert "Tue 14 Nov 3 -4.20" in text
    assert "By exit reason" in text
    assert "won 15 of 40 (38 %)" in text


def test_results_when_nothing_was_closed_say_so():
    nothing = PnlView(Period.WEEK, (book_pnl(total=group(count=0, wins=0)),))

    assert performance(nothing).endswith("No closed trades.")
    assert daily(nothing, 7, START_MS).endswith("No closed trades.")
    assert weekly(nothing, START_MS).endswith("No trades were closed this week.")
