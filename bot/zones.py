"""Time zones as people say them: `Europe/Berlin`, `berlin`, `new york`, `utc`."""

import re
from difflib import get_close_matches
from zoneinfo import ZoneInfo

COMMON = (
    "UTC",
    "America/Los_Angeles",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Australia/Sydney",
)
"""Zones offered as buttons, from west to east."""
_NAME = re.compile(r"[A-Za-z0-9_+\-/]{1,40}")


def find_zone(text: str) -> str | None:
    """Return the IANA name of a zone, whatever its case; a city of `COMMON` may stand alone."""
    name = text.strip().replace(" ", "_")
    if not _NAME.fullmatch(name):
        return None
    titled = "/".join(_titled(part) for part in name.split("/"))
    for candidate in (_common(name), name, titled, name.upper()):
        if candidate is not None and _exists(candidate):
            return candidate
    return None


def near_zones(text: str) -> list[str]:
    """Return names that a person may have meant."""
    cities = {_city(zone): zone for zone in COMMON}
    wanted = text.strip().replace(" ", "_").lower()
    near = get_close_matches(_city(wanted), cities, n=2, cutoff=0.6)
    return [cities[city] for city in near]


def city(zone: str) -> str:
    """Return a zone's name short enough for a button: `New York`."""
    return zone.rpartition("/")[2].replace("_", " ")


def _common(name: str) -> str | None:
    return next((zone for zone in COMMON if name.lower() in {zone.lower(), _city(zone)}), None)


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].lower()


def _titled(part: str) -> str:
    words = "_".join(word.capitalize() for word in part.split("_"))
    # Port-au-Prince, Dar_es_Salaam: little words of a name stay little.
    return re.sub(r"([_-])(Of|Es|Au|In)(?=[_-])", lambda m: m[1] + m[2].lower(), _dashed(words))


def _dashed(word: str) -> str:
    return "-".join(piece[:1].upper() + piece[1:] for piece in word.split("-"))


def _exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
