"""Who commanded what, and the receipt."""

from zoneinfo import ZoneInfo

from bot.desk import JournalRow, JournalView
from bot.formats import bold, esc, fit, on

_DETAIL_CHARS = 160


def journal(view: JournalView, zone: ZoneInfo) -> str:
    """Return commands, newest first."""
    if not view.rows:
        return "No commands yet."
    return fit(bold("Commands, newest first"), [_row(row, zone) for row in view.rows])


def _row(row: JournalRow, zone: ZoneInfo) -> str:
    mark = "✓" if row.accepted else "✗"
    detail = row.detail if len(row.detail) <= _DETAIL_CHARS else row.detail[:_DETAIL_CHARS] + "…"
    return f"\n{on(row.at_ms, zone)} {esc(row.who)}\n{mark} {bold(row.what)}: {esc(detail)}"
