"""Rows of inline buttons."""

from collections.abc import Iterable

from bot.callbacks import pack
from bot.context import Button, Keyboard
from bot.desk import Period, SignalRow
from bot.desk_model import ModelView
from bot.language import N_, _, languages, spoken
from bot.preferences import Loudness, Preferences
from bot.words import word
from bot.zones import COMMON, city
from engine.domain.setup import Setup
from engine.domain.signal import Mode
from engine.domain.snapshot import PositionView, Snapshot

_CHART = N_("📈 Chart")
_NEXT = {
    Loudness.ON: Loudness.SILENT,
    Loudness.SILENT: Loudness.OFF,
    Loudness.OFF: Loudness.ON,
}
_MOST_WHY = 8
_WHY_A_ROW = 4
_ZONES_A_ROW = 2


def row(*buttons: Button | None) -> tuple[Button, ...]:
    """Return a row without the buttons whose payload does not fit."""
    return tuple(button for button in buttons if button is not None)


def button(label: str, action: str, *args: str) -> Button | None:
    """Return a harmless button, None when its payload is longer than Telegram allows."""
    data = pack(action, *args)
    return Button(label, data) if data is not None else None


def rows(candidates: Iterable[tuple[Button, ...]]) -> Keyboard:
    """Return the rows that have a button."""
    return tuple(candidate for candidate in candidates if candidate)


def greeting() -> Keyboard:
    """Return where to look first."""
    return rows([row(button(_("Status"), "status"), button(_("Positions"), "positions"))])


def status(snapshot: Snapshot, *, owner: bool) -> Keyboard:
    """Return Refresh, Positions and, for owners, Pause or Resume."""
    go_on, hold = button(_("▶ Resume"), "resume"), button(_("⏸ Pause"), "pause")
    switch = go_on if snapshot.paused else hold
    refresh, positions = button(_("Refresh"), "status"), button(_("Positions"), "positions")
    return rows([row(refresh, positions, switch if owner else None)])


def positions(open_positions: Iterable[PositionView], *, owner: bool, limit: int = 8) -> Keyboard:
    """Return a row of Chart, Close, Half, BE (break-even) and Why for each position."""
    chosen = list(open_positions)[:limit]
    refresh = row(button(_("Refresh"), "positions"))
    return rows([*(_position(p, owner=owner) for p in chosen), refresh])


def _position(position: PositionView, *, owner: bool) -> tuple[Button, ...]:
    symbol = position.symbol
    chart = button(short(symbol), "chart", symbol)
    if not owner:
        return row(chart)
    return row(
        chart,
        button(_("Close"), "close", symbol),
        button(_("Half"), "close", symbol, "50"),
        button(_("BE"), "breakeven", symbol),
        button(_("Why"), "why", position.setup_id) if position.setup_id else None,
    )


def closing(open_positions: Iterable[PositionView], *, limit: int = 16) -> Keyboard:
    """Return a button that asks to close for each position, two a row."""
    found = [
        button(_("Close {symbol}", symbol=short(one.symbol)), "close", one.symbol)
        for one in list(open_positions)[:limit]
    ]
    return rows(row(*found[i : i + 2]) for i in range(0, len(found), 2))


def confirm(token: str, label: str) -> Keyboard:
    """Return the two buttons under a question."""
    return ((Button(label, token), Button(_("Cancel"), "no:" + token)),)


def signal(setup: Setup, *, asks: bool = False) -> Keyboard:
    """Return Chart, Why and Mute under a signal; above them Take and Skip if it asks."""
    return _signal(setup.setup_id, setup.symbol, asks=asks)


def answered_signal(setup_id: str, symbol: str) -> Keyboard:
    """Return what stays under a signal that was taken or skipped."""
    return _signal(setup_id, symbol, asks=False)


def _signal(setup_id: str, symbol: str, *, asks: bool) -> Keyboard:
    answers = row(button(_("✅ Take"), "take", setup_id), button(_("Skip"), "skip", setup_id))
    mute = button(_("🔇 Mute 2 h"), "mute", symbol, "2h")
    looks = row(_chart(setup_id, symbol), button(_("Why"), "why", setup_id), mute)
    return rows([answers if asks else (), looks])


def explained(setup: Setup) -> Keyboard:
    """Return the chart of an explained setup."""
    return rows([row(_chart(setup.setup_id, setup.symbol))])


def _chart(setup_id: str, symbol: str) -> Button | None:
    label = _(_CHART)
    return button(label, "chart", setup_id) or button(label, "chart", symbol)


def settings(chosen: Preferences, *, zone: str, approval: bool) -> Keyboard:
    """Return a button a choice; pressing moves it on."""
    kinds = [
        button(f"{word(kind)}: {word(now)}", "settings", kind.value, _NEXT[now].value)
        for kind, now in chosen.loudness.items()
    ]
    pairs = [row(*kinds[i : i + 2]) for i in range(0, len(kinds), 2)]
    quiet = (_("Quiet hours off"), "off") if chosen.quiet else (_("Quiet 22:00 – 07:00"), "22", "7")
    asks, other = (_("yes"), "off") if approval else (_("no"), "on")
    return rows(
        [
            *pairs,
            row(_language(), button(_("Time zone: {city}", city=city(zone)), "settings", "zone")),
            row(_digest(chosen.digest_hour)),
            row(button(quiet[0], "settings", "quiet", *quiet[1:])),
            row(
                button(
                    _("Ask before entries: {answer}", answer=asks), "settings", "approval", other
                )
            ),
        ]
    )


def zones(present: str) -> Keyboard:
    """Return the common time zones, the present one marked."""
    found = [
        button(f"• {city(zone)}" if zone == present else city(zone), "settings", "zone", zone)
        for zone in COMMON
    ]
    return rows([row(*found[i : i + _ZONES_A_ROW]) for i in range(0, len(found), _ZONES_A_ROW)])


def _digest(hour: int | None) -> Button | None:
    """Pressing goes round: morning, evening, never; any other hour is typed."""
    following = {None: "8", 8: "20"}.get(hour, "off")
    shown = _("off") if hour is None else f"{hour:02d}:00"
    return button(_("Digest: {hour}", hour=shown), "settings", "digest", following)


def _language() -> Button | None:
    """Its label names the language spoken now in that language; pressing goes on to the next."""
    known = languages()
    following = known[(known.index(spoken()) + 1) % len(known)]
    return button(_("Language: English"), "settings", "language", following)


def model(view: ModelView, *, owner: bool) -> Keyboard:
    """Return what may be done with the model; nothing for those who only look."""
    if not owner:
        return ()
    back = None
    if view.previous is not None:
        back = button(_("Roll back"), "model", "rollback")
    off = button(_("Challenger off"), "model", "shadow", "off") if view.shadow else None
    return rows([row(button(_("Reload"), "model", "reload"), back, off)])


def signals(past: Iterable[SignalRow]) -> Keyboard:
    """Return a button that tells why for each of the newest signals, four a row.

    The label is the symbol alone: a phone has room for about ten letters in a quarter of a row.
    """
    asked = [button(short(one.symbol), "why", one.setup_id) for one in past]
    chosen = [one for one in asked if one is not None][:_MOST_WHY]
    return rows(tuple(chosen[i : i + _WHY_A_ROW]) for i in range(0, len(chosen), _WHY_A_ROW))


def modes(present: Mode) -> Keyboard:
    """Return the modes other than the present one."""
    return rows([row(*(button(m.value, "mode", m.value) for m in Mode if m is not present))])


def periods(chosen: Period, action: str = "pnl") -> Keyboard:
    """Return the reporting periods, the shown one marked."""
    return rows(
        [
            row(
                *(
                    button(f"• {word(p)}" if p is chosen else word(p), action, p.value)
                    for p in Period
                )
            )
        ]
    )


def short(symbol: str) -> str:
    """Return a symbol without the quote asset everything is quoted in."""
    return symbol.removesuffix("USDT") or symbol
