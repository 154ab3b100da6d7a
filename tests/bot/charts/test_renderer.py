import pytest

from bot.charts.renderer import ChartError, NoCharts
from tests.bot.fake_desk import chart_data


async def test_no_charts_when_asked_refuse():
    charts = NoCharts()

    with pytest.raises(ChartError, match="switched off"):
        await charts.render(chart_data())
    with pytest.raises(ChartError, match="switched off"):
        await charts.render_equity({})
    await charts.close()
