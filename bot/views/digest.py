"""The day in words."""

from zoneinfo import ZoneInfo

from bot.desk import BookPnl, PnlView
from bot.durations import words
from bot.engine_texts import said
from bot.formats import clip, esc, gain, in_r, on, table
from bot.keyboards import short
from bot.language import _, ngettext
from bot.views.pnl import costs_line, expectancy
from bot.words import rule_name, word
from engine.domain.position import ClosedTrade
from engine.domain.snapshot import Snapshot


def daily_digest(results: PnlView, snapshot: Snapshot, zone: ZoneInfo) -> str:
    """Return what happened today: results of each book, signals, what is open."""
    head = _(
        "<b>Daily digest</b> · {when} · {mode} mode",
        when=on(snapshot.exchange_ms, zone),
        mode=snapshot.mode,
    )
    parts = [head, *(_book(book) for book in results.books if book.total.count)]
    if len(parts) == 1:
        parts.append(_("No trades were closed today."))
    parts.append(_rest(snapshot))
    return clip("\n\n".join(parts))


def _book(book: BookPnl) -> str:
    total = book.total
    rows = [(word(g.name), str(g.count), gain(g.net)) for g in book.by_reason]
    lines = [
        ngettext(
            "<b>{book}</b> <b>{net} USDT</b> net in {count} trade",
            "<b>{book}</b> <b>{net} USDT</b> net in {count} trades",
            total.count,
            book=book.book,
            net=gain(total.net),
        ),
        expectancy(total),
        costs_line(total),
        table(rows, "<>>"),
    ]
    if book.best is not None and book.worst is not None and total.count > 1:
        lines += [_trade(_("Best"), book.best), _trade(_("Worst"), book.worst)]
    return "\n".join(lines)


def _trade(name: str, trade: ClosedTrade) -> str:
    held = words((trade.closed_ms - trade.opened_ms) / 1000)
    result = f"{gain(trade.net)} ({in_r(trade.net_r, 2)})"
    return f"{name} {esc(short(trade.symbol))} {result}, {word(trade.reason)}, {held}"


def _rest(snapshot: Snapshot) -> str:
    lines = [
        ngettext("{count} signal today", "{count} signals today", snapshot.signals_today),
        _open_now(snapshot),
    ]
    lines += [
        _("{book} breaker: {names}", book=view.book, names=esc(", ".join(named)))
        for view in snapshot.books
        if (named := [rule_name(name) for name in view.breakers])
    ]
    if snapshot.paused:
        lines.append(_("Paused: {reason}", reason=esc(said(snapshot.paused))))
    return "\n".join(lines)


def _open_now(snapshot: Snapshot) -> str:
    count = len(snapshot.positions)
    text = ngettext("{count} open position", "{count} open positions", count)
    if not count:
        return text
    now = sum(position.unrealised for position in snapshot.positions)
    return _("{positions}, {gain} USDT before exit costs", positions=text, gain=gain(now))
