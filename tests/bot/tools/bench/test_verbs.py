import os

import psutil
import pytest

from bot.tools.bench import verbs
from bot.tools.bench.measure import MachineFailed, Size
from bot.tools.bench.verbs import VerbFigures, measure_verbs, run_verb
from engine.runtime.clock import SystemClock

FIGURES = VerbFigures(wall_s=2.0, cpu_s=3.0, peak_mb=400.0)


async def test_verb_when_run_tells_time_and_memory(tmp_path):
    told = await run_verb(["backtest", "--help"], tmp_path, SystemClock())

    assert told.wall_s > 0
    assert told.cpu_s > 0
    assert told.peak_mb > 1


async def test_verb_when_it_fails_says_its_last_line(tmp_path):
    with pytest.raises(MachineFailed, match=r"backtest failed: .*none.parquet does not exist"):
        await run_verb(["backtest", "none.parquet"], tmp_path, SystemClock())


async def test_verb_when_it_does_not_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(verbs, "PATIENCE_S", 0.05)
    before = {child.pid for child in psutil.Process(os.getpid()).children()}

    with pytest.raises(MachineFailed, match="did not end"):
        await run_verb(["run", "--venue", "sim"], tmp_path, SystemClock())

    assert {child.pid for child in psutil.Process(os.getpid()).children()} <= before


def test_verbs_when_measured_have_rate_time_and_memory_each(monkeypatch):
    ran: list[list[str]] = []

    async def run(words, _folder, _clock):
        ran.append(list(words))
        return FIGURES

    monkeypatch.setattr(verbs, "run_verb", run)
    size = Size(training_candles=200, memory_candles=400, research_symbols=2)

    rows = measure_verbs(size, SystemClock(), print)

    assert [words[0] for words in ran] == ["train", "backtest"]
    assert rows[0].value == pytest.approx(100.0)
    assert rows[0].load.startswith("2 symbols × 200 candles in all, synthetic")
    assert rows[7].value == 400.0
    assert rows[7].unit == "MB"


def test_verbs_when_nothing_is_asked_for_are_left_out():
    size = Size(training_candles=0, memory_candles=0)

    assert measure_verbs(size, SystemClock(), print) == []
