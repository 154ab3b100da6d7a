"""Results looked at from several sides: by day, symbol, exit reason and score."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.desk import BookPnl, PnlGroup, PnlView
from bot.formats import bold, clip, gain, in_r, money, plural, table
from bot.keyboards import short
from bot.views.pnl import TITLES, expectancy

DAY_MS = 86_400_000
_SYMBOLS = 8
_DAYS_SHOWN = 7


def performance(view: PnlView) -> str:
    """Return each book's results by symbol, exit reason and score; books are never summed."""
    head = f"Performance {TITLES[view.period]}, net of all costs"
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return f"{head}\nNo closed trades."
    return clip("\n\n".join([head, *(_book(book) for book in traded)]))


def daily(view: PnlView, days: int, now_ms: int) -> str:
    """Return the results of each of the last UTC days, quiet ones included, newest first."""
    head = f"Last {plural(days, 'day')} (UTC), net of all costs"
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return f"{head}\nNo closed trades."
    return clip("\n\n".join([head, *(_days_of(book, days, now_ms) for book in traded)]))


def _book(book: BookPnl) -> str:
    total = book.total
    parts = [
        sum_line(book),
        f"Fees {money(total.fees)} · funding {gain(total.funding)}",
        _titled("By exit reason", book.by_reason),
        _titled("By score", book.by_score),
        _symbols(book.by_symbol),
    ]
    return "\n".join(parts)


def _titled(title: str, groups: Sequence[PnlGroup]) -> str:
    return f"{title}: trades, won, net, a trade\n{results_table(groups)}"


def results_table(groups: Sequence[PnlGroup]) -> str:
    """Return groups in lines: name, trades, won, net in USDT, expectancy in R."""
    rows = [
        (short(g.name), str(g.count), str(g.wins), gain(g.net), in_r(g.expectancy_r, 2))
        for g in groups
    ]
    return table(rows, "<>>>>")


def _symbols(groups: Sequence[PnlGroup]) -> str:
    ranked = sorted(groups, key=lambda group: group.net, reverse=True)
    if len(ranked) <= 2 * _SYMBOLS:
        return _titled("By symbol", ranked)
    left_out = len(ranked) - 2 * _SYMBOLS
    shown = [*ranked[:_SYMBOLS], *ranked[-_SYMBOLS:]]
    return f"{_titled('By symbol', shown)}\n{left_out} between them left out"


def _days_of(book: BookPnl, days: int, now_ms: int) -> str:
    total = sum_line(book)
    return f"{total}\n{day_table(book.by_day, days, now_ms)}"


def sum_line(book: BookPnl) -> str:
    """Return a book's net and expectancy in two lines."""
    count = plural(book.total.count, "trade")
    net = bold(gain(book.total.net) + " USDT")
    return f"{bold(book.book.value)} {net} in {count}\n{expectancy(book.total)}"


def day_table(by_day: Sequence[PnlGroup], days: int, now_ms: int) -> str:
    """Return one line a day, newest first."""
    known = {int(group.name): group for group in by_day}
    today = now_ms // DAY_MS * DAY_MS
    rows = [_day(day, known.get(day)) for day in range(today, today - days * DAY_MS, -DAY_MS)]
    return table(rows, "<>>>")


def _day(day_ms: int, group: PnlGroup | None) -> tuple[str, str, str, str]:
    moment = datetime.fromtimestamp(day_ms / 1000, UTC)
    name = f"{moment:%a} {moment.day} {moment:%b}"
    if group is None:
        return name, "0", "", ""
    return name, str(group.count), gain(group.net), in_r(group.expectancy_r, 2)


def weekly(view: PnlView, now_ms: int) -> str:
    """Return the last seven days of each book as the weekly digest."""
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    head = f"{bold('Weekly digest')} · 7 days up to {moment.day} {moment:%b}, net of all costs"
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return f"{head}\nNo trades were closed this week."
    return clip("\n\n".join([head, *(_week(book, now_ms) for book in traded)]))


def _week(book: BookPnl, now_ms: int) -> str:
    return "\n".join(
        [
            sum_line(book),
            day_table(book.by_day, _DAYS_SHOWN, now_ms),
            _titled("By exit reason", book.by_reason),
            _titled("By score", book.by_score),
        ]
    )
