import pytest

from bot.tools.bench import detection
from bot.tools.bench.detection import measure_detection
from bot.tools.bench.measure import Size
from engine.runtime.clock import SystemClock

TINY = Size(plain_candles=1_500, compiled_candles=3_000, repeats=1)


@pytest.mark.prove
def test_detection_when_measured_has_a_row_each_way_with_its_load():
    """Compiles everything once: half a minute on a quiet machine."""
    said: list[str] = []

    plain, compiled = measure_detection(TINY, SystemClock(), said.append)

    assert plain.load.startswith("1 symbol × 1,500 candles")
    assert compiled.load.startswith("1 symbol × 3,000 candles")
    assert plain.value > 0
    assert compiled.value > 0
    assert compiled.reach == 2.0
    assert compiled.more_is_better
    assert plain.reach is None
    assert "compile" in said[0]


def test_detection_when_numba_is_missing_is_measured_in_plain_python_only(monkeypatch):
    monkeypatch.setattr(detection, "can_compile", lambda: False)

    (plain,) = measure_detection(TINY, SystemClock(), print)

    assert "plain Python" in plain.what
