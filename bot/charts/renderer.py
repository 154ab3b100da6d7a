"""The port of the picture makers."""

from collections.abc import Mapping
from typing import Protocol

from bot.desk import ChartData

Curves = Mapping[str, tuple[tuple[int, float], ...]]
"""Equity of each book: (exchange ms, equity) in order of time."""


class ChartError(Exception):
    """A picture could not be drawn; the chat goes on without it."""


class ChartRenderer(Protocol):
    """Draws PNG pictures."""

    async def render(self, data: ChartData) -> bytes:
        """Draw candles with findings and levels.

        Raises:
            ChartError: it could not be drawn.
        """
        ...

    async def render_equity(self, curves: Curves) -> bytes:
        """Draw equity curves.

        Raises:
            ChartError: it could not be drawn.
        """
        ...

    def use_zone(self, zone: str) -> None:
        """Label times in this zone of the IANA database from now on."""
        ...

    async def close(self) -> None:
        """Free everything."""
        ...


class NoCharts:
    """A renderer that draws nothing: the chat falls back to text."""

    async def render(self, data: ChartData) -> bytes:
        """Refuse."""
        raise ChartError("pictures are switched off")

    async def render_equity(self, curves: Curves) -> bytes:
        """Refuse."""
        raise ChartError("pictures are switched off")

    def use_zone(self, zone: str) -> None:
        """Nothing to label."""

    async def close(self) -> None:
        """Nothing to free."""
