import asyncio
from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.health import LatencyMeter, probe_loop_lag
from tests.virtual_loop import run_virtual


def test_meter_when_empty_reads_zero():
    figures = LatencyMeter().percentiles()

    assert (figures.p50_ms, figures.p99_ms, figures.max_ms, figures.count) == (0, 0, 0, 0)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50))
def test_meter_when_fed_reports_percentiles_in_milliseconds(seconds):
    meter = LatencyMeter()
    for value in seconds:
        meter.add(value)

    figures = meter.percentiles()

    assert figures.count == len(seconds)
    assert np.isclose(figures.max_ms, max(seconds) * 1000)
    assert np.isclose(figures.p50_ms, np.median(np.float32(seconds) * 1000), rtol=1e-4, atol=1e-4)


def test_meter_when_overfull_keeps_the_newest():
    meter = LatencyMeter()
    for _ in range(65_536):
        meter.add(9.0)
    for _ in range(65_536):
        meter.add(0.001)

    figures = meter.percentiles()

    assert round(figures.p99_ms, 3) == 1.0
    assert figures.max_ms == 9000


def test_meter_when_reset_knows_only_what_came_after():
    meter = LatencyMeter()
    for value in (9.0, 8.0):
        meter.add(value)

    meter.reset()
    meter.add(0.001)

    assert (round(meter.percentiles().max_ms, 3), meter.percentiles().count) == (1.0, 1)


def test_loop_lag_when_the_loop_is_late_is_measured():
    async def story():
        loop = asyncio.get_running_loop()
        meter = LatencyMeter()
        probe = loop.create_task(probe_loop_lag(SimpleNamespace(monotonic=loop.time), meter))
        await asyncio.sleep(0.5)
        loop.now += 0.8  # something blocks the loop past the probe's next wake-up
        await asyncio.sleep(0.1)
        probe.cancel()
        return meter.percentiles()

    assert run_virtual(story()).max_ms > 250
