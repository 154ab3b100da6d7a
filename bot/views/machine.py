"""What is scanned, and how the machine feels."""

from collections import Counter
from collections.abc import Iterable

from bot.desk import HealthView, UniverseView
from bot.formats import bold, clip, compact, esc, fit, plural, table
from bot.keyboards import short

_TOP = 15
_NAMED = 3


def universe(view: UniverseView) -> str:
    """Return the most traded symbols and the excluded ones by reason."""
    head = f"{bold(plural(len(view.scanned), 'symbol'))} scanned"
    if not view.scanned:
        return head
    rows = [(short(symbol), compact(volume)) for symbol, volume in view.scanned[:_TOP]]
    blocks = [f"Most traded, USDT in 24 h\n{table(rows, '<>')}"]
    if view.excluded:
        blocks.append(f"\n{bold(f'{len(view.excluded):,} left out')}")
        blocks += _reasons(view)
    return fit(head, blocks)


def _reasons(view: UniverseView) -> Iterable[str]:
    for reason, count in Counter(view.excluded.values()).most_common():
        names = [short(s) for s, why in view.excluded.items() if why == reason][:_NAMED]
        more = "…" if count > _NAMED else ""
        yield f"{count:,} {esc(reason)}: {esc(', '.join(names))}{more}"


def health(view: HealthView, chat: tuple[tuple[str, str], ...]) -> str:
    """Return the figures in groups, the chat's own last."""
    sections = [*view.sections.items(), ("Chat", chat)]
    blocks = [f"{bold(name)}\n{table(rows, '<<')}" for name, rows in sections if rows]
    return clip("\n".join(blocks)) or "No figures yet."
