"""The day in words."""

from zoneinfo import ZoneInfo

from bot.desk import BookPnl, PnlView
from bot.durations import words
from bot.formats import bold, clip, esc, gain, in_r, money, on, plural, table
from bot.keyboards import short
from bot.views.pnl import expectancy
from engine.domain.position import ClosedTrade
from engine.domain.snapshot import Snapshot


def daily_digest(results: PnlView, snapshot: Snapshot, zone: ZoneInfo) -> str:
    """Return what happened today: results of each book, signals, what is open."""
    head = f"{bold('Daily digest')} · {on(snapshot.exchange_ms, zone)} · {snapshot.mode} mode"
    parts = [head, *(_book(book) for book in results.books if book.total.count)]
    if len(parts) == 1:
        parts.append("No trades were closed today.")
    parts.append(_rest(snapshot))
    return clip("\n\n".join(parts))


def _book(book: BookPnl) -> str:
    total = book.total
    count = plural(total.count, "trade")
    rows = [(g.name, str(g.count), gain(g.net)) for g in book.by_reason]
    lines = [
        f"{bold(book.book.value)} {bold(gain(total.net) + ' USDT')} net in {count}",
        expectancy(total),
        f"Fees {money(total.fees)} · funding {gain(total.funding)}",
        table(rows, "<>>"),
    ]
    if book.best is not None and book.worst is not None and total.count > 1:
        lines += [_trade("Best", book.best), _trade("Worst", book.worst)]
    return "\n".join(lines)


def _trade(name: str, trade: ClosedTrade) -> str:
    held = words((trade.closed_ms - trade.opened_ms) / 1000)
    result = f"{gain(trade.net)} ({in_r(trade.net_r, 2)})"
    return f"{name} {esc(short(trade.symbol))} {result}, {trade.reason}, {held}"


def _rest(snapshot: Snapshot) -> str:
    lines = [f"{plural(snapshot.signals_today, 'signal')} today"]
    count = len(snapshot.positions)
    open_now = plural(count, "open position")
    if count:
        now = sum(position.unrealised for position in snapshot.positions)
        open_now += f", {gain(now)} USDT before exit costs"
    lines.append(open_now)
    lines += [
        f"{view.book} breaker: {esc(', '.join(view.breakers))}"
        for view in snapshot.books
        if view.breakers
    ]
    if snapshot.paused:
        lines.append(f"Paused: {esc(snapshot.paused)}")
    return "\n".join(lines)
