from zoneinfo import ZoneInfo

from bot.charts.canvas import drawable, empty_figure, png, quiet, time_ticks
from tests.bot.charts.chart_kit import size_of
from tests.builders import MINUTE, START_MS


def test_figure_when_saved_is_a_png_of_the_phones_width():
    figure = empty_figure(300)
    quiet(figure.add_axes((0, 0, 1, 1)))

    assert size_of(png(figure)) == (1000, 300)


def test_ticks_when_placed_are_round_times_of_the_zone():
    times = [START_MS + i * MINUTE for i in range(90)]

    places, labels = time_ticks(times, ZoneInfo("Europe/Berlin"), 7)

    assert labels[:2] == ["23:15", "23:30"]
    assert places[:2] == [1, 16]
    assert len(labels) <= 7
    assert time_ticks([], ZoneInfo("UTC"), 7) == ([], [])


def test_ticks_when_the_span_is_days_stay_few():
    times = [START_MS + i * MINUTE for i in range(6000)]

    assert 1 <= len(time_ticks(times, ZoneInfo("UTC"), 7)[0]) <= 7


def test_symbol_when_not_in_the_font_is_replaced():
    assert drawable("币安USDT") == "□□USDT"
