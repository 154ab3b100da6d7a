"""Durations as people write them: 90s, 30m, 4h, 2d."""

import re

_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PATTERN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd])")


def parse_duration_ms(text: str) -> int:
    """Return the duration in milliseconds.

    Raises:
        ValueError: the text is not a number above 0 followed by s, m, h or d.
    """
    match = _PATTERN.fullmatch(text.strip().lower())
    if match is None or float(match.group(1)) <= 0:
        raise ValueError(f"duration was {text!r}: write a number and s, m, h or d, e.g. 30m or 4h")
    return round(float(match.group(1)) * _UNIT_MS[match.group(2)])


def words(seconds: float) -> str:
    """Return seconds in the two largest units that matter, e.g. `1 h 20 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    shown = [f"{value} {unit}" for value, unit in parts if value][:2]
    return " ".join(shown) or "0 s"
