from bot.charts.drawing import draw
from bot.charts.wire import candles_request, equity_request
from bot.language import speaking, spoken
from tests.bot.charts.chart_kit import busy_chart, size_of

CURVES = {"paper": ((1, 1.0), (2, 2.0))}


def test_requests_when_drawn_are_pictures():
    assert size_of(draw(candles_request(busy_chart(), "UTC"))) == (1000, 1080)
    assert size_of(draw(equity_request(CURVES, "UTC"))) == (1000, 620)


def test_requests_when_made_in_german_are_labelled_in_german():
    english = [candles_request(busy_chart(), "UTC"), equity_request(CURVES, "UTC")]
    with speaking("de"):
        german = [candles_request(busy_chart(), "UTC"), equity_request(CURVES, "UTC")]

    for first, second in zip(english, german, strict=True):
        assert draw(first) == draw(first)
        assert draw(first) != draw(second)
    assert spoken() == "en"
