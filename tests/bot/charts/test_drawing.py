from bot.charts.drawing import draw
from bot.charts.wire import candles_request, equity_request
from tests.bot.charts.chart_kit import busy_chart, size_of


def test_requests_when_drawn_are_pictures():
    assert size_of(draw(candles_request(busy_chart(), "UTC"))) == (1000, 1080)
    assert size_of(draw(equity_request({"paper": ((1, 1.0), (2, 2.0))}, "UTC"))) == (1000, 620)
