"""What the journal's settings keep of a former run: the mode, and the paper exchange."""

from dataclasses import replace
from typing import Any

import orjson
import structlog

from engine.domain.events import StateRestored
from engine.domain.signal import Mode
from engine.exchange.paper.venue import PaperVenue

log = structlog.get_logger(__name__)

PAPER_STATE = "paper_exchange"
MODE = "mode"


def with_mode(restored: StateRestored, highest: Mode | None, first: Mode) -> StateRestored:
    """Return the memory with the mode this run starts in.

    Args:
        restored: what the journal keeps.
        highest: a stored mode above it is lowered; None leaves it.
        first: mode where none is stored.
    """
    stored = restored.settings.get(MODE, first.value)
    if stored not in set(Mode):
        return restored  # the core tells that it is unreadable, and starts in signals mode
    mode = Mode(stored)
    if highest is not None and mode.rank > highest.rank:
        mode = highest
    return replace(restored, settings={**restored.settings, MODE: mode.value})


def paper_text(paper: PaperVenue) -> str:
    """Return the paper exchange's state as the text that is journalled."""
    return orjson.dumps(paper.dump()).decode()


def paper_state(text: str | None) -> dict[str, Any] | None:
    """Return what `paper_text` wrote; None where there is nothing, or nothing readable."""
    if not text:
        return None
    try:
        state: dict[str, Any] = orjson.loads(text)
    except orjson.JSONDecodeError:
        log.error("paper.state_unreadable")
        return None
    return state
