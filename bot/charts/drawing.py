"""From a request to a picture; importing this module loads matplotlib."""

from zoneinfo import ZoneInfo

from bot.charts.candles import draw_candles
from bot.charts.equity import draw_equity
from bot.charts.wire import read_request
from bot.desk import ChartData


def draw(body: bytes) -> bytes:
    """Return the PNG a request asks for.

    Raises:
        ValueError: the request is none, or has nothing to draw.
    """
    zone, subject = read_request(body)
    if isinstance(subject, ChartData):
        return draw_candles(subject, ZoneInfo(zone))
    return draw_equity(subject, ZoneInfo(zone))
