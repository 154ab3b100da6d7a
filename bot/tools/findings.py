"""What an examination found: one line each, with what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a finding is marked."""

    GOOD = "✓"
    WARNING = "!"
    FAULT = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: about what, one clear sentence, and what to do about it (may be empty)."""

    level: Level
    about: str
    text: str
    advice: str = ""


def good(about: str, text: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(Level.GOOD, about, text)


def warning(about: str, text: str, advice: str = "") -> Finding:
    """Return a finding the bot can run with; also for what could not be examined."""
    return Finding(Level.WARNING, about, text, advice)


def fault(about: str, text: str, advice: str) -> Finding:
    """Return a finding that must be mended first."""
    return Finding(Level.FAULT, about, text, advice)
