"""The child process, mostly a small stand-in that starts at once; the real one is started once."""

import asyncio
import os
import sys

import pytest

from bot.charts import child as module
from bot.charts.child import ChildCharts
from bot.charts.renderer import ChartError
from tests.bot.charts.chart_kit import busy_chart, size_of
from tests.bot.fake_desk import chart_data

STAND_IN = """
import sys
seen = 0
while True:
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    if not size:
        break
    body = sys.stdin.buffer.read(size)
    seen += 1
    symbol = body.split(b'"symbol":"')[1].split(b'"')[0] if b'"symbol"' in body else b""
    if symbol == b"DIE":
        sys.exit(3)
    if symbol == b"HANG":
        import time; time.sleep(60)
    answer = b"-KeyError: bad" if symbol == b"BAD" else b"+" + symbol + b"%d" % seen
    sys.stdout.buffer.write(len(answer).to_bytes(4, "big") + answer)
    sys.stdout.buffer.flush()
"""


@pytest.fixture
async def charts():
    opened = ChildCharts(command=(sys.executable, "-S", "-E", "-c", STAND_IN))
    yield opened
    await opened.close()


async def test_worker_when_asked_is_started_lazily_and_kept(charts: ChildCharts):
    assert charts.started == 0

    assert await charts.render(chart_data("AAA")) == b"AAA1"
    assert await charts.render(chart_data("BBB")) == b"BBB2"
    assert await charts.render_equity({"paper": ()}) == b"3"

    assert charts.started == 1


async def test_worker_when_started_is_out_of_reach_of_the_terminals_ctrl_c(charts: ChildCharts):
    await charts.render(chart_data("AAA"))

    worker = charts._worker
    assert worker is not None
    assert os.getpgid(worker.pid) != os.getpgid(0)


async def test_requests_when_made_at_once_get_their_own_answers(charts: ChildCharts):
    answers = await asyncio.gather(*(charts.render(chart_data(f"S{i}")) for i in range(5)))

    assert [a[:2] for a in answers] == [b"S0", b"S1", b"S2", b"S3", b"S4"]


async def test_requests_when_too_many_wait_are_refused(charts: ChildCharts):
    answers = await asyncio.gather(
        *(charts.render(chart_data(f"S{i}")) for i in range(12)), return_exceptions=True
    )

    assert sum(isinstance(a, bytes) for a in answers) == 8
    assert sum(isinstance(a, ChartError) for a in answers) == 4


async def test_worker_when_it_reports_an_error_lives_on(charts: ChildCharts):
    with pytest.raises(ChartError, match="KeyError: bad"):
        await charts.render(chart_data("BAD"))

    assert await charts.render(chart_data("AAA")) == b"AAA2"


async def test_worker_when_it_dies_is_replaced_for_the_next_picture(charts: ChildCharts):
    with pytest.raises(ChartError, match="died"):
        await charts.render(chart_data("DIE"))

    assert await charts.render(chart_data("AAA")) == b"AAA1"


async def test_worker_when_it_was_killed_meanwhile_is_replaced_unnoticed(charts: ChildCharts):
    await charts.render(chart_data("AAA"))
    worker = charts._worker
    assert worker is not None
    worker.kill()
    await worker.wait()

    assert await charts.render(chart_data("AAA")) == b"AAA1"
    assert charts.started == 2


async def test_worker_when_it_hangs_is_ended(charts: ChildCharts, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.3)
    monkeypatch.setattr(module, "_END_WITHIN_S", 0.1)

    with pytest.raises(ChartError, match="no picture within"):
        await charts.render(chart_data("HANG"))

    assert await charts.render(chart_data("AAA")) == b"AAA1"


async def test_worker_when_idle_ends_and_comes_back(
    charts: ChildCharts, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "IDLE_S", 0.01)
    await charts.render(chart_data("AAA"))
    worker = charts._worker
    assert worker is not None

    await asyncio.wait_for(worker.wait(), 5)

    assert worker.returncode == 0
    assert await charts.render(chart_data("AAA")) == b"AAA1"


async def test_worker_when_it_cannot_be_started_is_an_error():
    charts = ChildCharts(command=("/nonexistent/python",))

    with pytest.raises(ChartError):
        await charts.render(chart_data())


@pytest.mark.slow
async def test_real_worker_when_asked_draws_and_leaves_the_bot_without_matplotlib():
    charts = ChildCharts("Europe/Berlin")
    script = "import bot.charts.child, bot.telegram_app, sys; sys.exit('matplotlib' in sys.modules)"
    bare = await asyncio.create_subprocess_exec(sys.executable, "-c", script)

    assert size_of(await charts.render(busy_chart())) == (1000, 1080)
    await charts.close()

    assert await bare.wait() == 0
