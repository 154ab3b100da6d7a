"""Results looked at from several sides: by day, symbol, exit reason and score."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.desk import BookPnl, PnlGroup, PnlView
from bot.formats import clip, day, gain, in_r, table, weekday
from bot.keyboards import short
from bot.language import _, ngettext
from bot.views.pnl import TITLES, costs_line, expectancy
from bot.words import word

DAY_MS = 86_400_000
_SYMBOLS = 8
_DAYS_SHOWN = 7


def performance(view: PnlView) -> str:
    """Return each book's results by symbol, exit reason and score; books are never summed."""
    head = _("Performance {period}, net of all costs", period=_(TITLES[view.period]))
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return head + "\n" + _("No closed trades.")
    return clip("\n\n".join([head, *(_book(book) for book in traded)]))


def daily(view: PnlView, days: int, now_ms: int) -> str:
    """Return the results of each of the last UTC days, quiet ones included, newest first."""
    head = ngettext(
        "Last {count} day (UTC), net of all costs",
        "Last {count} days (UTC), net of all costs",
        days,
    )
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return head + "\n" + _("No closed trades.")
    return clip("\n\n".join([head, *(_days_of(book, days, now_ms) for book in traded)]))


def _book(book: BookPnl) -> str:
    total = book.total
    parts = [
        sum_line(book),
        costs_line(total),
        _titled(_("By exit reason"), book.by_reason),
        _titled(_("By score"), book.by_score),
        _symbols(book.by_symbol),
    ]
    return "\n".join(parts)


def _titled(title: str, groups: Sequence[PnlGroup]) -> str:
    columns = _("{title}: trades, won, net, a trade", title=title)
    return f"{columns}\n{results_table(groups)}"


def results_table(groups: Sequence[PnlGroup]) -> str:
    """Return groups in lines: name, trades, won, net in USDT, expectancy in R."""
    rows = [
        (word(short(g.name)), str(g.count), str(g.wins), gain(g.net), in_r(g.expectancy_r, 2))
        for g in groups
    ]
    return table(rows, "<>>>>")


def _symbols(groups: Sequence[PnlGroup]) -> str:
    ranked = sorted(groups, key=lambda group: group.net, reverse=True)
    if len(ranked) <= 2 * _SYMBOLS:
        return _titled(_("By symbol"), ranked)
    left_out = len(ranked) - 2 * _SYMBOLS
    shown = [*ranked[:_SYMBOLS], *ranked[-_SYMBOLS:]]
    between = _("{count} between them left out", count=left_out)
    return _titled(_("By symbol"), shown) + "\n" + between


def _days_of(book: BookPnl, days: int, now_ms: int) -> str:
    total = sum_line(book)
    return f"{total}\n{day_table(book.by_day, days, now_ms)}"


def sum_line(book: BookPnl) -> str:
    """Return a book's net and expectancy in two lines."""
    total = ngettext(
        "<b>{book}</b> <b>{net} USDT</b> in {count} trade",
        "<b>{book}</b> <b>{net} USDT</b> in {count} trades",
        book.total.count,
        book=book.book,
        net=gain(book.total.net),
    )
    return f"{total}\n{expectancy(book.total)}"


def day_table(by_day: Sequence[PnlGroup], days: int, now_ms: int) -> str:
    """Return one line a day, newest first."""
    known = {int(group.name): group for group in by_day}
    today = now_ms // DAY_MS * DAY_MS
    rows = [_day(ms, known.get(ms)) for ms in range(today, today - days * DAY_MS, -DAY_MS)]
    return table(rows, "<>>>")


def _day(day_ms: int, group: PnlGroup | None) -> tuple[str, str, str, str]:
    moment = datetime.fromtimestamp(day_ms / 1000, UTC)
    name = f"{weekday(moment)} {day(moment)}"
    if group is None:
        return name, "0", "", ""
    return name, str(group.count), gain(group.net), in_r(group.expectancy_r, 2)


def weekly(view: PnlView, now_ms: int) -> str:
    """Return the last seven days of each book as the weekly digest."""
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    head = _("<b>Weekly digest</b> · 7 days up to {day}, net of all costs", day=day(moment))
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return head + "\n" + _("No trades were closed this week.")
    return clip("\n\n".join([head, *(_week(book, now_ms) for book in traded)]))


def _week(book: BookPnl, now_ms: int) -> str:
    return "\n".join(
        [
            sum_line(book),
            day_table(book.by_day, _DAYS_SHOWN, now_ms),
            _titled(_("By exit reason"), book.by_reason),
            _titled(_("By score"), book.by_score),
        ]
    )
