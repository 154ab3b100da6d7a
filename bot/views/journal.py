"""Who commanded what, and the receipt."""

import re
from zoneinfo import ZoneInfo

from bot.desk import JournalRow, JournalView
from bot.engine_texts import said
from bot.formats import bold, esc, fit, on
from bot.language import _
from bot.words import word

_DETAIL_CHARS = 160
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def journal(view: JournalView, zone: ZoneInfo) -> str:
    """Return commands, newest first."""
    if not view.rows:
        return _("No commands yet.")
    return fit(bold(_("Commands, newest first")), [_row(row, zone) for row in view.rows])


def _row(row: JournalRow, zone: ZoneInfo) -> str:
    mark = "✓" if row.accepted else "✗"
    detail = said(row.detail)
    detail = detail if len(detail) <= _DETAIL_CHARS else detail[:_DETAIL_CHARS] + "…"
    return (
        f"\n{on(row.at_ms, zone)} {esc(row.who)}\n{mark} {bold(_in_words(row.what))}: {esc(detail)}"
    )


def _in_words(what: str) -> str:
    """`ClosePosition BTCUSDT 100` reads `close position BTCUSDT 100`."""
    name, *values = what.split(" ")
    return " ".join([word(_HUMP.sub(" ", name).lower()), *values])
