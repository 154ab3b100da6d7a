"""Where a market's minutes come from: a model or a recording."""

from __future__ import annotations

from typing import Any, Protocol

from engine.exchange.sim.scales import FloatArray
from engine.exchange.sim.tick_path import MinuteTrades


class MinuteSource(Protocol):
    """Makes minutes in order; arrays are in the order of the market's rules."""

    @property
    def day_quote_volume(self) -> FloatArray:
        """Typical quote volume of a day, for the depth of the book."""
        ...

    @property
    def end_minute(self) -> int | None:
        """First minute (of the epoch) without recorded data; None for a source without end."""
        ...

    def next_minute(self) -> MinuteTrades:
        """Make the next minute."""
        ...

    def dump(self) -> dict[str, Any]:
        """JSON-ready state."""
        ...

    def load(self, state: dict[str, Any]) -> None:
        """Continue from a state of `dump`."""
        ...
