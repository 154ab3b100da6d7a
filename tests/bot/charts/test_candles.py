from zoneinfo import ZoneInfo

import pytest

from bot.charts.candles import draw_candles
from tests.bot.charts.chart_kit import busy_chart, size_of
from tests.bot.fake_desk import chart_data, position
from tests.builders import START_MS, candle

UTC = ZoneInfo("UTC")


def test_chart_when_drawn_is_a_picture_for_a_phone():
    assert size_of(draw_candles(busy_chart(), UTC)) == (1000, 1080)


@pytest.mark.parametrize(
    "data",
    [
        chart_data(),
        chart_data(candles=(candle(),)),
        chart_data(
            candles=tuple(
                candle(1e-7, spread=0.0, open=1e-7, volume=0.0, quote_volume=0.0) for _ in range(3)
            )
        ),
        chart_data("币安人生USDT", position=position("币安人生USDT")),
        busy_chart(entry=None, stop=None, target=None, zone=None),
        busy_chart(entry=99.0, stop=99.0, target=99.0),
        busy_chart(decimals=8),
    ],
    ids=["quiet", "one", "flat", "chinese", "position", "degenerate", "decimals"],
)
def test_chart_when_the_data_is_odd_is_still_drawn(data):
    assert size_of(draw_candles(data, UTC)) == (1000, 1080)


def test_chart_when_there_is_no_candle_is_refused():
    with pytest.raises(ValueError, match="no candles"):
        draw_candles(chart_data(candles=()), UTC)


def test_chart_when_something_else_was_found_looks_different():
    plain = draw_candles(busy_chart(evidence=()), UTC)

    assert draw_candles(busy_chart(), UTC) != plain
    assert draw_candles(busy_chart(evidence=()), UTC) == plain


def test_chart_when_in_another_zone_has_other_times():
    data = chart_data(candles=(candle(), candle(open_time_ms=START_MS + 60_000)))

    assert draw_candles(data, UTC) != draw_candles(data, ZoneInfo("Asia/Kolkata"))
