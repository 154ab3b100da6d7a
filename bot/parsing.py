"""What people type after a command, read strictly; a refusal is one line with an example."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from bot.desk import Period
from bot.durations import parse_duration_ms
from bot.language import _
from engine.domain.signal import Mode

MAX_ROWS = 50
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,32}))?(?:\s+(.*))?", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,6})?")
_QUOTE = "USDT"
_SHOWN_CHARS = 40


class BadInput(Exception):  # noqa: N818 - it is the person's, not the program's
    """A wrong argument; the text is one plain line: what was given, what is expected."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as typed. `addressee` is the bot's name after `@`, "" if none."""

    name: str
    addressee: str
    args: tuple[str, ...]


def read_command(text: str) -> Typed | None:
    """Return the command in a message, None when it is none."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    name, addressee, rest = match.groups()
    return Typed(name.lower(), addressee or "", tuple((rest or "").split()))


def shown(text: str) -> str:
    """Return what was given, shortened for a refusal."""
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def read_symbol(text: str, known: Iterable[str]) -> str:
    """Return the venue's spelling: case does not matter, `BTC` means BTCUSDT.

    Raises:
        BadInput: no such symbol; names near ones.
    """
    symbols = list(known)
    wanted = text.strip().upper().removeprefix("$").replace("/", "")
    for candidate in (wanted, wanted + _QUOTE, f"1000{wanted}{_QUOTE}", f"1000{wanted}"):
        if candidate in symbols:
            return candidate
    near = get_close_matches(wanted, symbols, n=3, cutoff=0.5)
    near = near or get_close_matches(wanted + _QUOTE, symbols, n=3, cutoff=0.6)
    refusal = _("I do not know {given!r}.", given=shown(text))
    raise BadInput(f"{refusal} {did_you_mean(near)}".strip())


def did_you_mean(near: Sequence[str]) -> str:
    """Return the question for names like the given one, empty for none."""
    return _("Did you mean {names}?", names=_(" or ").join(near)) if near else ""


def read_share(text: str) -> int:
    """Return a share in percent: 25, 50 or 100."""
    value = text.removesuffix("%").strip()
    if value not in {"25", "50", "100"}:
        raise BadInput(
            _("Share was {given!r}: 25, 50 or 100 percent, e.g. /close BTC 50", given=shown(text))
        )
    return int(value)


def read_mode(text: str) -> Mode:
    """Return a mode."""
    try:
        return Mode(text.lower())
    except ValueError:
        raise BadInput(
            _("Mode was {given!r}: signals, paper or live, e.g. /mode paper", given=shown(text))
        ) from None


def read_on_off(text: str, command: str) -> bool:
    """Return True for on, False for off."""
    value = text.lower()
    if value not in {"on", "off"}:
        raise BadInput(
            _(
                "{command} was given {given!r}: on or off, e.g. {command} off",
                command=command,
                given=shown(text),
            )
        )
    return value == "on"


def read_number(text: str, low: str, high: str, *, what: str, example: str) -> Decimal:
    """Return a number within `low` and `high`; a comma may be the decimal sign."""
    value = text.removesuffix("%").strip()
    if _NUMBER.fullmatch(value):
        number = Decimal(value.replace(",", "."))
        if Decimal(low) <= number <= Decimal(high):
            return number
    raise BadInput(_out_of_range(text, low, high, what, example))


def read_count(args: tuple[str, ...], default: int, *, high: int = MAX_ROWS, example: str) -> int:
    """Return how many rows are wanted, `default` when nothing was said."""
    if not args:
        return default
    return int(read_whole(args[0], 1, high, what=_("Number"), example=example))


def read_whole(text: str, low: int, high: int, *, what: str, example: str) -> int:
    """Return a whole number within `low` and `high`."""
    if re.fullmatch(r"[0-9]{1,6}", text) and low <= int(text) <= high:
        return int(text)
    raise BadInput(_out_of_range(text, low, high, what, example))


def _out_of_range(text: str, low: object, high: object, what: str, example: str) -> str:
    return _(
        "{what} was {given!r}: a number from {low} to {high}, e.g. {example}",
        what=what,
        given=shown(text),
        low=low,
        high=high,
        example=example,
    )


def read_period(text: str) -> Period:
    """Return a reporting period."""
    try:
        return Period(text.lower())
    except ValueError:
        raise BadInput(
            _("Period was {given!r}: day, week, month or all, e.g. /pnl week", given=shown(text))
        ) from None


def read_duration_ms(text: str, *, example: str) -> int:
    """Return a duration of at most 30 days in milliseconds."""
    try:
        duration = parse_duration_ms(text)
    except ValueError:
        duration = 0
    if not 0 < duration <= 30 * 86_400_000:
        raise BadInput(
            _(
                "Duration was {given!r}: up to 30d, e.g. {example}",
                given=shown(text),
                example=example,
            )
        )
    return duration


def no_more(args: tuple[str, ...], allowed: int, example: str) -> None:
    """Refuse arguments beyond those a command takes."""
    if len(args) > allowed:
        given = shown(" ".join(args[allowed:]))
        raise BadInput(
            _("I do not understand {given!r}, e.g. {example}", given=given, example=example)
        )
