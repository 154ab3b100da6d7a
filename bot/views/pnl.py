"""Results: a hit rate never without its count, the expectancy and its interval."""

from collections.abc import Sequence

from bot.desk import BookPnl, Period, PnlGroup, PnlView
from bot.formats import clip, esc, gain, in_r, money, pct, table
from bot.keyboards import short
from bot.language import N_, _, ngettext
from bot.words import word

TITLES = {
    Period.DAY: N_("today (UTC)"),
    Period.WEEK: N_("last 7 days"),
    Period.MONTH: N_("last 30 days"),
    Period.ALL: N_("since the beginning"),
}
_EXTREMES = 3
_FEW = 30
_LIKE_REAL = 2.0
"""Up to this speed of the market an order's journey costs about what it costs in reality."""


def pnl(view: PnlView) -> str:
    """Return each book's results; books are never summed."""
    head = _("Results {period}, net of all costs", period=_(TITLES[view.period]))
    traded = [book for book in view.books if book.total.count]
    if not traded:
        return head + "\n" + _("No closed trades.")
    return clip("\n\n".join([head, *(_book(book) for book in traded)]))


def _book(book: BookPnl) -> str:
    total = book.total
    lines = [
        ngettext(
            "<b>{book}</b> <b>{net} USDT</b> in {count} trade",
            "<b>{book}</b> <b>{net} USDT</b> in {count} trades",
            total.count,
            book=book.book,
            net=gain(total.net),
        ),
        expectancy(total),
        costs_line(total),
        table([_row(group) for group in book.by_reason], "<>>>"),
    ]
    lines += _by_score(book.by_score)
    if len(book.by_symbol) > 1:
        lines.append(_extremes(book.by_symbol))
    return "\n".join(lines)


def pace(speed: float) -> str:
    """Return a remark on results of a market that runs fast, "" where they are like real ones.

    An order travels in wall time: at ×60 the market moves 60 times as far meanwhile, and gains
    and losses at the fill are as much larger.
    """
    if speed <= _LIKE_REAL:
        return ""
    return "\n" + _(
        "The market runs ×{speed}: fills are further off than real ones.", speed=f"{speed:g}"
    )


def costs_line(total: PnlGroup) -> str:
    """Return fees and funding."""
    return _("Fees {fees} · funding {funding}", fees=money(total.fees), funding=gain(total.funding))


def expectancy(group: PnlGroup) -> str:
    """Return the mean result a trade with its interval, and the hit rate beside its count."""
    rate = pct(group.wins / group.count, 0)
    hits = _("won {wins} of {count} ({rate})", wins=group.wins, count=group.count, rate=rate)
    mean = _("{result} a trade", result=in_r(group.expectancy_r, 2))
    if group.low_r is None or group.high_r is None:
        return _("{mean}, too few for an interval · {hits}", mean=mean, hits=hits)
    low, high = in_r(group.low_r, 2), in_r(group.high_r, 2)
    interval = _("95 % between {low} and {high}", low=low, high=high)
    if group.count < _FEW:
        interval = _("{interval}, few trades say little", interval=interval)
    return f"{mean} ({interval}) · {hits}"


def _row(group: PnlGroup) -> tuple[str, str, str, str]:
    return word(group.name), str(group.count), gain(group.net), in_r(group.expectancy_r, 2)


def _by_score(groups: Sequence[PnlGroup]) -> list[str]:
    if len(groups) < 2:
        return []
    return [_("By score"), table([_row(group) for group in groups], "<>>>")]


def _extremes(groups: Sequence[PnlGroup]) -> str:
    ranked = sorted(groups, key=lambda group: group.net)
    best = [g for g in reversed(ranked[-_EXTREMES:]) if g.net > 0]
    worst = [g for g in ranked[:_EXTREMES] if g.net < 0]
    lines = []
    if best:
        lines.append(_("Best") + " " + _named(best))
    if worst:
        lines.append(_("Worst") + " " + _named(worst))
    return "\n".join(lines)


def _named(groups: Sequence[PnlGroup]) -> str:
    return ", ".join(f"{esc(short(group.name))} {gain(group.net)}" for group in groups)
