from bot.desk_health import HeartbeatView, LatencyView
from tests.bot.fake_desk import health_figures


def test_health_figures_when_no_watch_is_set_have_none():
    assert health_figures(heartbeat=None).heartbeat is None
    assert HeartbeatView(None).trouble == ""
    assert LatencyView(1.0, 2) == LatencyView(1.0, 2)
