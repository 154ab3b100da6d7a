import pytest

from bot.charts.inline import InlineCharts
from bot.charts.renderer import ChartError
from tests.bot.charts.chart_kit import busy_chart, size_of
from tests.bot.fake_desk import chart_data


async def test_inline_charts_when_asked_draw():
    charts = InlineCharts("Europe/Berlin")

    assert size_of(await charts.render(busy_chart())) == (1000, 1080)
    assert size_of(await charts.render_equity({"paper": ((1, 1.0), (2, 2.0))})) == (1000, 620)
    await charts.close()


async def test_inline_charts_when_there_is_nothing_to_draw_say_so():
    with pytest.raises(ChartError, match="no candles"):
        await InlineCharts().render(chart_data(candles=()))
    with pytest.raises(ChartError, match="two points"):
        await InlineCharts().render_equity({})
