from bot.tools.bench import core
from bot.tools.bench.core import measure_core
from bot.tools.bench.measure import Size
from engine.domain.snapshot import Snapshot
from engine.runtime.clock import SystemClock


def test_core_when_measured_has_a_row_a_candle_and_a_row_a_minute():
    candle, minute = measure_core(Size(symbols=2, minutes=3), SystemClock(), print)

    assert (candle.unit, candle.count) == ("µs", 6)
    assert (minute.unit, minute.count) == ("ms", 3)
    assert candle.load == minute.load == "2 symbols × 3 minutes"
    assert minute.value * 1000 >= candle.value > 0


def test_core_when_measured_works_through_every_candle_and_judges_setups(monkeypatch):
    engines = []
    warm = core._warm_engine

    def remembered(*arguments):
        engines.append(warm(*arguments))
        return engines[-1]

    monkeypatch.setattr(core, "_warm_engine", remembered)
    measure_core(Size(symbols=6, minutes=60), SystemClock(), print)

    snapshot: Snapshot = engines[0].snapshot(core.Instant(0, 0.0))
    assert snapshot.symbols == 6
    assert snapshot.counters.candles == 6 * (core.HISTORY + 60)
    assert snapshot.counters.setups > 0
    assert snapshot.counters.stale == 0
    assert engines[0]._state.awaiting == {}, "every setup was scored and judged"
