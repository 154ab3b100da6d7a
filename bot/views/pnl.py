"""Results: a hit rate never without its count, the expectancy and its interval."""

from collections.abc import Sequence

from bot.desk import BookPnl, Period, PnlGroup, PnlView
from bot.formats import bold, clip, esc, gain, in_r, money, pct, plural, table
from bot.keyboards import short

TITLES = {
    Period.DAY: "today (UTC)",
    Period.WEEK: "last 7 days",
    Period.MONTH: "last 30 days",
    Period.ALL: "since the beginning",
}
_EXTREMES = 3
_FEW = 30


def pnl(view: PnlView) -> str:
    """Return each book's results; books are never summed."""
    head = f"Results {TITLES[view.period]}, net of all costs"
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return f"{head}\nNo closed trades."
    return clip("\n\n".join([head, *(_book(book) for book in traded)]))


def _book(book: BookPnl) -> str:
    total = book.total
    count = plural(total.count, "trade")
    lines = [
        f"{bold(book.book.value)} {bold(gain(total.net) + ' USDT')} in {count}",
        expectancy(total),
        f"Fees {money(total.fees)} · funding {gain(total.funding)}",
        table([_row(group) for group in book.by_reason], "<>>>"),
    ]
    lines += _by_score(book.by_score)
    if len(book.by_symbol) > 1:
        lines.append(_extremes(book.by_symbol))
    return "\n".join(lines)


def expectancy(group: PnlGroup) -> str:
    """Return the mean result a trade with its interval, and the hit rate beside its count."""
    hits = f"won {group.wins} of {group.count} ({pct(group.wins / group.count, 0)})"
    mean = f"{in_r(group.expectancy_r, 2)} a trade"
    if group.low_r is None or group.high_r is None:
        return f"{mean}, too few for an interval · {hits}"
    interval = f"95 % between {in_r(group.low_r, 2)} and {in_r(group.high_r, 2)}"
    few = ", few trades say little" if group.count < _FEW else ""
    return f"{mean} ({interval}{few}) · {hits}"


def _row(group: PnlGroup) -> tuple[str, str, str, str]:
    return group.name, str(group.count), gain(group.net), in_r(group.expectancy_r, 2)


def _by_score(groups: Sequence[PnlGroup]) -> list[str]:
    if len(groups) < 2:
        return []
    return ["By score", table([_row(group) for group in groups], "<>>>")]


def _extremes(groups: Sequence[PnlGroup]) -> str:
    ranked = sorted(groups, key=lambda group: group.net)
    best = [g for g in reversed(ranked[-_EXTREMES:]) if g.net > 0]
    worst = [g for g in ranked[:_EXTREMES] if g.net < 0]
    lines = []
    if best:
        lines.append("Best " + _named(best))
    if worst:
        lines.append("Worst " + _named(worst))
    return "\n".join(lines)


def _named(groups: Sequence[PnlGroup]) -> str:
    return ", ".join(f"{esc(short(group.name))} {gain(group.net)}" for group in groups)
