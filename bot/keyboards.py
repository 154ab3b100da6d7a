"""Rows of inline buttons."""

from collections.abc import Iterable

from bot.callbacks import pack
from bot.context import Button, Keyboard
from bot.desk import Period, SignalRow
from bot.preferences import Loudness, Preferences
from engine.domain.setup import Setup
from engine.domain.signal import Mode
from engine.domain.snapshot import PositionView, Snapshot

_CHART = "📈 Chart"
_NEXT = {
    Loudness.ON: Loudness.SILENT,
    Loudness.SILENT: Loudness.OFF,
    Loudness.OFF: Loudness.ON,
}
_MOST_WHY = 8
_WHY_A_ROW = 4


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
    return rows([row(button("Status", "status"), button("Positions", "positions"))])


def status(snapshot: Snapshot, *, owner: bool) -> Keyboard:
    """Return Refresh, Positions and, for owners, Pause or Resume."""
    switch = button("▶ Resume", "resume") if snapshot.paused else button("⏸ Pause", "pause")
    refresh, positions = button("Refresh", "status"), button("Positions", "positions")
    return rows([row(refresh, positions, switch if owner else None)])


def positions(open_positions: Iterable[PositionView], *, owner: bool, limit: int = 8) -> Keyboard:
    """Return a row of Chart, Close, Half, BE (break-even) and Why for each position."""
    chosen = list(open_positions)[:limit]
    return rows([*(_position(p, owner=owner) for p in chosen), row(button("Refresh", "positions"))])


def _position(position: PositionView, *, owner: bool) -> tuple[Button, ...]:
    symbol = position.symbol
    chart = button(short(symbol), "chart", symbol)
    if not owner:
        return row(chart)
    return row(
        chart,
        button("Close", "close", symbol),
        button("Half", "close", symbol, "50"),
        button("BE", "breakeven", symbol),
        button("Why", "why", position.setup_id) if position.setup_id else None,
    )


def confirm(token: str, label: str) -> Keyboard:
    """Return the two buttons under a question."""
    return ((Button(label, token), Button("Cancel", "no:" + token)),)


def signal(setup: Setup, *, asks: bool = False) -> Keyboard:
    """Return Chart, Why and Mute under a signal; above them Take and Skip if it asks."""
    return _signal(setup.setup_id, setup.symbol, asks=asks)


def answered_signal(setup_id: str, symbol: str) -> Keyboard:
    """Return what stays under a signal that was taken or skipped."""
    return _signal(setup_id, symbol, asks=False)


def _signal(setup_id: str, symbol: str, *, asks: bool) -> Keyboard:
    answers = row(button("✅ Take", "take", setup_id), button("Skip", "skip", setup_id))
    chart = button(_CHART, "chart", setup_id) or button(_CHART, "chart", symbol)
    mute = button("🔇 Mute 2 h", "mute", symbol, "2h")
    looks = row(chart, button("Why", "why", setup_id), mute)
    return rows([answers if asks else (), looks])


def explained(setup: Setup) -> Keyboard:
    """Return the chart of an explained setup."""
    chart = button(_CHART, "chart", setup.setup_id) or button(_CHART, "chart", setup.symbol)
    return rows([row(chart)])


def settings(chosen: Preferences, *, approval: bool) -> Keyboard:
    """Return a button a choice; pressing moves it on."""
    kinds = [
        button(f"{kind.value}: {now.value}", "settings", kind.value, _NEXT[now].value)
        for kind, now in chosen.loudness.items()
    ]
    pairs = [row(*kinds[i : i + 2]) for i in range(0, len(kinds), 2)]
    quiet = ("Quiet hours off", "off") if chosen.quiet else ("Quiet 22:00 – 07:00", "22", "7")
    asks, other = ("yes", "off") if approval else ("no", "on")
    return rows(
        [
            *pairs,
            row(button(quiet[0], "settings", "quiet", *quiet[1:])),
            row(button(f"Ask before entries: {asks}", "settings", "approval", other)),
        ]
    )


def signals(past: Iterable[SignalRow]) -> Keyboard:
    """Return Why for the newest signals, four a row."""
    asked = [button(f"Why {short(one.symbol)}", "why", one.setup_id) for one in past]
    chosen = [one for one in asked if one is not None][:_MOST_WHY]
    return rows(tuple(chosen[i : i + _WHY_A_ROW]) for i in range(0, len(chosen), _WHY_A_ROW))


def modes(present: Mode) -> Keyboard:
    """Return the modes other than the present one."""
    return rows([row(*(button(m.value, "mode", m.value) for m in Mode if m is not present))])


def periods(chosen: Period, action: str = "pnl") -> Keyboard:
    """Return the reporting periods, the shown one marked."""
    return rows(
        [row(*(button(f"• {p}" if p is chosen else p.value, action, p.value) for p in Period))]
    )


def short(symbol: str) -> str:
    """Return a symbol without the quote asset everything is quoted in."""
    return symbol.removesuffix("USDT") or symbol
