"""From a request to a picture; importing this module loads matplotlib."""

from zoneinfo import ZoneInfo

from bot.charts.candles import draw_candles
from bot.charts.equity import draw_equity
from bot.charts.wire import read_request
from bot.desk import ChartData
from bot.language import speaking


def draw(body: bytes) -> bytes:
    """Return the PNG a request asks for.

    Raises:
        ValueError: the request is none, or has nothing to draw.
    """
    request = read_request(body)
    zone, subject = ZoneInfo(request.zone), request.subject
    with speaking(request.language):
        if isinstance(subject, ChartData):
            return draw_candles(subject, zone)
        return draw_equity(subject, zone)
