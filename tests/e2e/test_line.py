"""The line itself: what the bot says first, and that both sides hear each other."""

from tests.e2e.line import line
from tests.e2e.operator import labels
from tests.system.idle_loop import on_idle_loop


@on_idle_loop
async def test_status_when_asked_over_http_is_answered_with_buttons(tmp_path):
    async with line(tmp_path) as chat:
        told = await chat.operator.say("/status")

        assert "10,012.40" in told["text"]
        assert labels(told) == ["Refresh", "Positions", "⏸ Pause"]
