"""The live status message and the list of open positions."""

from decimal import Decimal
from zoneinfo import ZoneInfo

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
    plural,
    price,
    qty,
    side,
    signed_pct,
    table,
)
from bot.keyboards import short
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
    if unsafe:
        return "🔴"
    if snapshot.paused or tripped:
        return "⏸"
    return "🟢" if snapshot.ready else "🟡"


def _clock_name(speed: float) -> str:
    """A market that runs faster has a time of its own, far from the one on the phone."""
    return "as of" if speed == 1 else "market time"


def _headline(snapshot: Snapshot, venue: str, speed: float) -> str:
    rate = f" ×{speed:g}" if speed != 1 else ""
    line = f"{mark(snapshot)} {bold(snapshot.mode.value)} · {esc(venue)}{rate}"
    if snapshot.paused:
        line += f"\nPaused: {esc(snapshot.paused)}. No new entries."
    return line


def _shown_books(snapshot: Snapshot) -> list[BookView]:
    """Only books in use: the mode's own, and those that hold something."""
    held = {position.book for position in snapshot.positions}
    entry = snapshot.mode.entry_book
    return [v for v in snapshot.books if v.book is entry or v.book in held or v.breakers]


def _book(view: BookView) -> str:
    if not view.ready:
        return f"\n{bold(view.book.value)} account: not ready"
    day = view.equity - view.day_start_equity
    ratio = float(day / view.day_start_equity) if view.day_start_equity else 0.0
    lines = [
        f"\n{bold(view.book.value)} equity {money(view.equity)} USDT",
        f"Today {gain(day)} ({signed_pct(ratio)}) · open risk {pct(view.open_risk_ratio)}",
    ]
    if view.pending or view.unknown:
        lines.append(f"Orders: {view.pending} pending, {view.unknown} with unknown outcome")
    if view.breakers:
        lines.append(f"Breaker: {esc(', '.join(view.breakers))}. No entries.")
    return "\n".join(lines)


def shield(position: PositionView) -> str:
    """Return whether the stop is confirmed at the exchange."""
    return "🛡" if position.protected else "⚠"


def _position_table(snapshot: Snapshot) -> str:
    if not snapshot.positions:
        return "\nNo open positions."
    chosen = snapshot.positions[:_MAX_POSITION_LINES]
    rows = [
        (short(p.symbol), p.direction.letter, in_r(p.r_now), gain(p.unrealised), shield(p))
        for p in chosen
    ]
    more = len(snapshot.positions) - len(chosen)
    return table(rows, "<<>>>") + (f"\n… and {more} more: /positions" if more else "")


def _signals(snapshot: Snapshot) -> str:
    return (
        f"\nSignals today {snapshot.signals_today} of about {snapshot.signals_per_day}\n"
        f"Threshold {snapshot.threshold:.3f} · {esc(snapshot.scorer)}"
    )


def _scanner(snapshot: Snapshot) -> str:
    line = f"Scanner {plural(snapshot.symbols, 'symbol')}"
    line += "" if snapshot.ready else ", loading"
    if snapshot.blind:
        names = ", ".join(short(symbol) for symbol in sorted(snapshot.blind)[:_MAX_BLIND])
        more = "…" if len(snapshot.blind) > _MAX_BLIND else ""
        line += f", {len(snapshot.blind)} blind ({esc(names)}{more})"
    if snapshot.muted:
        line += f", {len(snapshot.muted)} muted"
    return line


def positions(snapshot: Snapshot, zone: ZoneInfo) -> str:
    """Return every open position with its levels."""
    if not snapshot.positions:
        return "No open positions."
    total = sum((p.unrealised for p in snapshot.positions), Decimal(0))
    count = bold(plural(len(snapshot.positions), "open position"))
    head = f"{count}, {gain(total)} USDT before exit costs"
    return fit(head, ["\n" + _position(p, zone) for p in snapshot.positions])


def _position(position: PositionView, zone: ZoneInfo) -> str:
    places = decimals_of(position.stop_price)
    rows = [
        ("now", price(position.mark_price, places), in_r(position.r_now, 2)),
        ("entry", price(position.entry_price, places), f"qty {qty(abs(position.qty))}"),
        ("stop", price(position.stop_price, places), f"risk {money(position.risk)}"),
        ("target", price(position.target_price, places), f"best {in_r(position.best_r)}"),
    ]
    notes = [position.book.value, f"since {at(position.opened_ms, zone)}"]
    if position.time_exit_ms > 0:
        notes.append(f"out by {at(position.time_exit_ms, zone)}")
    if not position.ours:
        notes.append("adopted")
    if position.exiting:
        notes.append("closing")
    state = "stop confirmed" if position.protected else "NO CONFIRMED STOP"
    return (
        f"{shield(position)} {bold(position.symbol)} {side(position.direction)} "
        f"{gain(position.unrealised)} USDT\n{table(rows, '<>>')}\n{' · '.join(notes)} · {state}"
    )
