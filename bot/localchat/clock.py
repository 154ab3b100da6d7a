"""The slice of the engine's Clock port that the local chat needs."""

from __future__ import annotations

from typing import Protocol


class ChatClock(Protocol):
    """Wall time for dates on messages, monotonic time for limits and expiry."""

    def wall_ms(self) -> int:
        """Wall time, milliseconds since the Unix epoch, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...
