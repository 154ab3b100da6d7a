"""Pictures drawn in the bot's own process: for tests and simulation only, it blocks the loop."""

from bot.charts.renderer import ChartError, Curves
from bot.charts.wire import candles_request, equity_request
from bot.desk import ChartData


class InlineCharts:
    """Implements `bot.charts.renderer.ChartRenderer` without a child process."""

    def __init__(self, zone: str = "UTC") -> None:
        self._zone = zone

    async def render(self, data: ChartData) -> bytes:
        """Draw candles with findings and levels.

        Raises:
            ChartError: it could not be drawn.
        """
        return self._draw(candles_request(data, self._zone))

    async def render_equity(self, curves: Curves) -> bytes:
        """Draw equity curves.

        Raises:
            ChartError: it could not be drawn.
        """
        return self._draw(equity_request(curves, self._zone))

    def use_zone(self, zone: str) -> None:
        """Label times in this zone of the IANA database from now on."""
        self._zone = zone

    async def close(self) -> None:
        """Nothing to free."""

    @staticmethod
    def _draw(body: bytes) -> bytes:
        from bot.charts.drawing import draw  # noqa: PLC0415 - loads matplotlib

        try:
            return draw(body)
        except ValueError as error:
            raise ChartError(str(error)) from error
