"""What is scanned and why the rest is not."""

from collections import Counter
from collections.abc import Iterable

from bot.desk import UniverseView
from bot.engine_texts import said
from bot.formats import compact, esc, fit, table
from bot.keyboards import short
from bot.language import _, ngettext

_TOP = 15
_NAMED = 3


def universe(view: UniverseView) -> str:
    """Return the most traded symbols and the excluded ones by reason."""
    head = ngettext(
        "<b>{count} symbol</b> scanned", "<b>{count} symbols</b> scanned", len(view.scanned)
    )
    if not view.scanned:
        return head
    rows = [(short(symbol), compact(volume)) for symbol, volume in view.scanned[:_TOP]]
    blocks = [_("Most traded, USDT in 24 h") + "\n" + table(rows, "<>")]
    if view.excluded:
        left_out = ngettext(
            "<b>{count} left out</b>", "<b>{count} left out</b>", len(view.excluded)
        )
        blocks.append(f"\n{left_out}")
        blocks += _reasons(view)
    return fit(head, blocks)


def _reasons(view: UniverseView) -> Iterable[str]:
    for reason, count in Counter(view.excluded.values()).most_common():
        names = [short(s) for s, why in view.excluded.items() if why == reason][:_NAMED]
        more = "…" if count > _NAMED else ""
        yield f"{count:,} {esc(said(reason))}: {esc(', '.join(names))}{more}"
