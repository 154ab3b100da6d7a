"""Numbers, times and tables as the operator reads them on a phone. Pure; the output is HTML."""

import html
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.language import N_, _
from engine.domain.setup import Direction

MAX_TEXT = 4096
MAX_CAPTION = 1024
_SIGNIFICANT = 5
_TAG = re.compile(r"</?(?:b|i|u|s|code|pre|blockquote|a)(?: [^<>]*)?>")
_OPENING = re.compile(r"<(/?)([a-z]+)(?: [^<>]*)?>")
_MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def esc(text: object) -> str:
    """Return text that is safe inside HTML, without control characters."""
    clean = "".join(c for c in str(text) if c == "\n" or c.isprintable())
    return html.escape(clean, quote=False)


def bold(text: object) -> str:
    """Return escaped text in bold."""
    return f"<b>{esc(text)}</b>"


def plain(text: str) -> str:
    """Return HTML of ours as plain text, for when Telegram refuses the formatting."""
    return html.unescape(_TAG.sub("", text))


# --- numbers -------------------------------------------------------------------------------------


def decimals_of(value: Decimal) -> int:
    """Return the decimals of a price that lies on its tick grid."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def guess_decimals(price: float) -> int:
    """Return decimals that show five significant digits, for a price whose tick is unknown."""
    if price <= 0:
        return 2
    whole = len(str(int(price))) if price >= 1 else -_leading_zeros(price)
    return max(0, min(10, _SIGNIFICANT - whole))


def _leading_zeros(price: float) -> int:
    return len(f"{price:.12f}".split(".")[1]) - len(f"{price:.12f}".split(".")[1].lstrip("0"))


def price(value: float | Decimal, decimals: int) -> str:
    """Return a price with a fixed number of decimals and thousands separated."""
    return f"{value:,.{decimals}f}"


def qty(value: Decimal) -> str:
    """Return a quantity without trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: float | Decimal) -> str:
    """Return USDT with cents."""
    text = f"{value:,.2f}"
    return "0.00" if text == "-0.00" else text


def gain(value: float | Decimal) -> str:
    """Return USDT with cents and its sign."""
    text = f"{value:+,.2f}"
    return "+0.00" if text == "-0.00" else text


def pct(ratio: float, places: int = 1) -> str:
    """Return a ratio as percent."""
    return f"{100 * ratio:.{places}f} %"


def signed_pct(ratio: float) -> str:
    """Return a ratio as percent with its sign."""
    return f"{round(100 * ratio, 2) + 0.0:+.2f} %"


def in_r(value: float, places: int = 1) -> str:
    """Return a result in units of the risk."""
    return f"{round(value, places) + 0.0:+.{places}f} R"


def compact(value: float) -> str:
    """Return a large amount in three digits: 12.3 M."""
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.1f} {unit}"
    return f"{value:.0f}"


# --- words and times -----------------------------------------------------------------------------


def side(direction: Direction) -> str:
    """Return `LONG` or `SHORT`."""
    return direction.name


def at(time_ms: int, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Return the time of day in the operator's zone."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
    return moment.strftime("%H:%M:%S" if seconds else "%H:%M")


def on(time_ms: int, zone: ZoneInfo) -> str:
    """Return day and time in the operator's zone: `22 Nov 14:03`."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
    return f"{day(moment)} {moment:%H:%M}"


def day(moment: date) -> str:
    """Return day and month: `22 Nov`."""
    return _("{day} {month}", day=moment.day, month=_(_MONTHS[moment.month - 1]))


def weekday(moment: date) -> str:
    """Return the day of the week in short: `Sun`."""
    return _(_WEEKDAYS[moment.weekday()])


# --- blocks --------------------------------------------------------------------------------------


def table(rows: Sequence[Sequence[str]], align: str) -> str:
    """Return rows in columns that line up.

    Args:
        rows: cells as plain text; every row as long as `align`.
        align: one letter a column, `<` or `>`.
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(align))] if rows else []
    lines = (
        " ".join(f"{cell:{a}{w}}" for cell, a, w in zip(row, align, widths, strict=True)).rstrip()
        for row in rows
    )
    return "<pre>" + esc("\n".join(lines)) + "</pre>"


def fit(head: str, blocks: Iterable[str], *, limit: int = MAX_TEXT, hint: str = "") -> str:
    """Return head and as many whole blocks as fit, and say how many were left out."""
    parts, left_out = [head], 0
    reserve = 60 + len(hint)
    room = limit - len(head) - reserve
    for block in blocks:
        if left_out or len(block) + 1 > room:
            left_out += 1
            continue
        parts.append(block)
        room -= len(block) + 1
    if left_out:
        more = _("… and {count} more", count=left_out)
        parts.append(f"{more}. {hint}" if hint else more)
    return "\n".join(parts)


def clip(text: str, limit: int = MAX_TEXT) -> str:
    """Return HTML of ours cut to `limit` characters at a line end, with every tag closed."""
    if len(text) <= limit:
        return text
    note = "\n" + _("… cut")
    kept: list[str] = []
    room = limit - len(note) - 40
    for line in text.split("\n"):
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    body = "\n".join(kept) if kept else esc(plain(text))[: max(0, limit - len(note) - 40)]
    body = re.sub(r"&[a-z]*$", "", body)
    return body + "".join(f"</{tag}>" for tag in reversed(_unclosed(body))) + note


def _unclosed(text: str) -> list[str]:
    stack: list[str] = []
    for closing, tag in _OPENING.findall(text):
        if not closing:
            stack.append(tag)
        elif stack and stack[-1] == tag:
            stack.pop()
    return stack
