"""The live status message and the list of open positions."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.engine_texts import said
from bot.formats import (
    at,
    bold,
    decimals_of,
    esc,
    fit,
    gain,
    in_r,
    money,
    pct,
    price,
    qty,
    side,
    signed_pct,
    table,
)
from bot.keyboards import short
from bot.language import _, ngettext
from bot.words import rule_name, word
from engine.domain.snapshot import BookView, PositionView, Snapshot

_MAX_POSITION_LINES = 12
_MAX_BLIND = 5


def status(snapshot: Snapshot, zone: ZoneInfo, *, venue: str, speed: float) -> str:
    """Return the cockpit on one screen."""
    blocks = [
        _headline(snapshot, venue, speed),
        f"{_clock_name(speed)} {at(snapshot.exchange_ms, zone, seconds=True)}",
    ]
    blocks += [_book(view) for view in _shown_books(snapshot)]
    blocks.append(_position_table(snapshot))
    blocks += [_signals(snapshot), _scanner(snapshot)]
    return "\n".join(block for block in blocks if block)


def mark(snapshot: Snapshot) -> str:
    """Return the one emoji that says how things are."""
    unsafe = any(not position.protected for position in snapshot.positions)
    tripped = any(view.breakers for view in snapshot.books)
    if unsafe or snapshot.outranked:
        return "🔴"
    if snapshot.paused or tripped:
        return "⏸"
    return "🟢" if snapshot.ready else "🟡"


def _clock_name(speed: float) -> str:
    """A market that runs faster has a time of its own, far from the one on the phone."""
    return _("as of") if speed == 1 else _("market time")


def _headline(snapshot: Snapshot, venue: str, speed: float) -> str:
    rate = f" ×{speed:g}" if speed != 1 else ""
    line = f"{mark(snapshot)} {bold(snapshot.mode.value)} · {esc(word(venue))}{rate}"
    if snapshot.paused:
        line += "\n" + _("Paused: {reason}. No new entries.", reason=esc(said(snapshot.paused)))
    if snapshot.outranked:
        line += "\n" + _(
            "Another instance (start {number}) trades this account: this one makes no new entries.",
            number=snapshot.outranked,
        )
    return line


def _shown_books(snapshot: Snapshot) -> list[BookView]:
    """Only books in use: the mode's own, and those that hold something."""
    held = {position.book for position in snapshot.positions}
    entry = snapshot.mode.entry_book
    return [v for v in snapshot.books if v.book is entry or v.book in held or v.breakers]


def _book(view: BookView) -> str:
    if not view.ready:
        return "\n" + _("<b>{book}</b> account: not ready", book=view.book)
    day = view.equity - view.day_start_equity
    ratio = float(day / view.day_start_equity) if view.day_start_equity else 0.0
    lines = [
        "\n" + _("<b>{book}</b> equity {equity} USDT", book=view.book, equity=money(view.equity)),
        _(
            "Today {gain} ({share}) · open risk {risk}",
            gain=gain(day),
            share=signed_pct(ratio),
            risk=pct(view.open_risk_ratio),
        ),
    ]
    if view.pending or view.unknown:
        lines.append(
            _(
                "Orders: {pending} pending, {unknown} with unknown outcome",
                pending=view.pending,
                unknown=view.unknown,
            )
        )
    if view.breakers:
        names = ", ".join(rule_name(name) for name in view.breakers)
        lines.append(_("Breaker: {names}. No entries until /resetbreakers.", names=esc(names)))
    return "\n".join(lines)


def shield(position: PositionView) -> str:
    """Return whether the stop is confirmed at the exchange."""
    return "🛡" if position.protected else "⚠"


def _position_table(snapshot: Snapshot) -> str:
    if not snapshot.positions:
        return "\n" + _("No open positions.")
    chosen = snapshot.positions[:_MAX_POSITION_LINES]
    rows = [
        (short(p.symbol), p.direction.letter, in_r(p.r_now), gain(p.unrealised), shield(p))
        for p in chosen
    ]
    more = len(snapshot.positions) - len(chosen)
    hint = "\n" + _("… and {count} more: /positions", count=more) if more else ""
    return table(rows, "<<>>>") + hint


def _signals(snapshot: Snapshot) -> str:
    if snapshot.signals_today < snapshot.signals_per_day:
        today = _(
            "Signals today {count} of about {aim}",
            count=snapshot.signals_today,
            aim=snapshot.signals_per_day,
        )
    else:
        today = _(
            "Signals today {count}: the most for a day, the next after midnight UTC",
            count=snapshot.signals_today,
        )
    threshold = _("Threshold {value}", value=f"{snapshot.threshold:.3f}")
    return f"\n{today}\n{threshold} · {esc(snapshot.scorer)}"


def _scanner(snapshot: Snapshot) -> str:
    parts = [ngettext("Scanner {count} symbol", "Scanner {count} symbols", snapshot.symbols)]
    if not snapshot.ready:
        parts.append(_("loading"))
    if snapshot.blind:
        names = ", ".join(short(symbol) for symbol in sorted(snapshot.blind)[:_MAX_BLIND])
        more = "…" if len(snapshot.blind) > _MAX_BLIND else ""
        parts.append(
            _("{count} blind ({names})", count=len(snapshot.blind), names=esc(names) + more)
        )
    if snapshot.muted:
        parts.append(_("{count} muted", count=len(snapshot.muted)))
    return ", ".join(parts)


def positions(snapshot: Snapshot, zone: ZoneInfo) -> str:
    """Return every open position with its levels."""
    if not snapshot.positions:
        return _("No open positions.")
    total = sum((p.unrealised for p in snapshot.positions), Decimal(0))
    head = ngettext(
        "<b>{count} open position</b>, {gain} USDT before exit costs",
        "<b>{count} open positions</b>, {gain} USDT before exit costs",
        len(snapshot.positions),
        gain=gain(total),
    )
    return fit(head, ["\n" + _position(p, zone) for p in snapshot.positions])


def _position(position: PositionView, zone: ZoneInfo) -> str:
    places = decimals_of(position.stop_price)
    held, risk, best = qty(abs(position.qty)), money(position.risk), in_r(position.best_r)
    rows = [
        (_("now"), price(position.mark_price, places), in_r(position.r_now, 2)),
        (_("entry"), price(position.entry_price, places), _("qty {qty}", qty=held)),
        (_("stop"), price(position.stop_price, places), _("risk {share}", share=risk)),
        (_("target"), price(position.target_price, places), _("best {result}", result=best)),
    ]
    notes = [position.book.value, _("since {time}", time=at(position.opened_ms, zone))]
    if position.time_exit_ms > 0:
        notes.append(_("out by {time}", time=at(position.time_exit_ms, zone)))
    if not position.ours:
        notes.append(_("adopted"))
    if position.exiting:
        notes.append(_("closing"))
    state = _("stop confirmed") if position.protected else _("NO CONFIRMED STOP")
    return (
        f"{shield(position)} {bold(position.symbol)} {side(position.direction)} "
        f"{gain(position.unrealised)} USDT\n{table(rows, '<>>')}\n{' · '.join(notes)} · {state}"
    )
