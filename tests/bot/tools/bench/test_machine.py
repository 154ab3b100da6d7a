"""Tests of bot/tools/bench/machine.py; the machine itself is tested in test_headless.py."""

import pytest

from bot.tools.bench import machine
from bot.tools.bench.headless import HeadlessOptions
from bot.tools.bench.machine import (
    burst_rows,
    load_words,
    measure_machine,
    run_apart,
)
from bot.tools.bench.measure import MachineFailed, Size
from engine.runtime.clock import SystemClock


def meter(p50: float, p99: float, count: int) -> dict[str, float]:
    return {"p50_ms": p50, "p99_ms": p99, "max_ms": p99, "count": count}


FIGURES = {
    "scanned": 529,
    "speed": 20.0,
    "frames": 4_000,
    "measured_s": 2.0,
    "candles": 1_058,
    "ready_s": 14.2,
    "cpu_pct": 8.5,
    "resident_mb": 201.0,
    "latency": {
        "burst_from_last_frame": meter(20.0, 60.0, 2),
        "frame_to_decision": meter(30.0, 50.0, 1_058),
        "loop_lag": meter(1.0, 9.0, 2),
    },
}


def test_load_when_told_names_symbols_candles_speed_and_rate():
    assert load_words(FIGURES) == "529 symbols × 1,058 candles, speed 20, 2,000 frames/s, 2 s"


def test_burst_rows_when_made_compare_with_what_is_wanted():
    rows = {row.what: row for row in burst_rows(FIGURES)}

    assert rows["CPU of one core, bursts and updates, without the chat"].value == 8.5
    p99 = rows["burst, last frame → all decided, p99"]
    assert (p99.value, p99.count, p99.reached) == (60.0, 2, False)
    assert rows["each frame → decision in the burst, median"].count == 1_058


@pytest.mark.parametrize(("burst_s", "runs"), [(3.0, [(20.0, 3.0)]), (0.0, [])])
def test_machine_when_its_run_is_left_out_does_not_start(monkeypatch, burst_s, runs):
    asked: list[HeadlessOptions] = []

    async def fake(options: HeadlessOptions) -> dict[str, object]:
        asked.append(options)
        return FIGURES

    monkeypatch.setattr(machine, "run_apart", fake)

    rows = measure_machine(Size(symbols=7, burst_s=burst_s), SystemClock(), print)

    assert [(one.speed, one.seconds) for one in asked] == runs
    assert all(one.symbols == 7 for one in asked)
    assert len(rows) == 6 * len(runs)


async def test_process_when_it_fails_gives_its_last_line():
    with pytest.raises(MachineFailed, match=r"the measured machine failed: .*did not start"):
        await run_apart(HeadlessOptions(symbols=1, speed=-1.0, seconds=1.0))


@pytest.mark.slow
async def test_process_when_it_works_delivers_figures():
    figures = await run_apart(HeadlessOptions(symbols=3, speed=60.0, seconds=1.0))

    assert 1 <= figures["scanned"] <= 3  # contracts may come and go
    assert figures["ready_s"] > 0


async def test_process_when_it_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(machine, "_START_PATIENCE_S", 0.05)

    with pytest.raises(MachineFailed, match="did not end in time"):
        await run_apart(HeadlessOptions(symbols=3, seconds=0.0))
