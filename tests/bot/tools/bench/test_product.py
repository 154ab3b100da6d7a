"""Tests of bot/tools/bench/product.py: the real `run`, small and short."""

from dataclasses import replace

import psutil
import pytest

from bot.settings import PREFIX, Settings
from bot.tools.bench import product
from bot.tools.bench.measure import MachineFailed, Size
from bot.tools.bench.product import RunFigures, environment, measure_run, rows_of, run_product
from engine.runtime.clock import SystemClock

FIGURES = RunFigures(
    ready_s=12.5,
    symbols=529,
    candles=529,
    frames_a_second=1_910.4,
    measured_s=60.2,
    cpu_pct=21.0,
    resident_mb=190.0,
)


def test_rows_when_made_compare_with_what_is_wanted():
    rows = {row.what: row for row in rows_of(FIGURES)}

    assert rows["run, cold start to ready"].reached is True
    assert rows["run, resident memory"].reached is True
    assert rows["run, CPU of one core"].reached is False
    load = rows["run, resident memory"].load
    assert load == "529 symbols × 529 candles, speed 1, 1,910 frames/s, 60 s"


def test_rows_when_the_market_was_quiet_do_not_claim_to_reach_the_mark():
    quiet = replace(FIGURES, frames_a_second=200.0, cpu_pct=2.0)

    rows = {row.what: row for row in rows_of(quiet)}

    assert rows["run, CPU of one core"].reached is None
    assert rows["run, resident memory"].reached is True


def test_environment_when_made_has_known_settings_and_nothing_else(tmp_path):
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {"PYTHONPATH"}

    made = environment(tmp_path)

    assert set(made) <= known
    assert made["SMCBOT_DATA_DIR"].startswith(str(tmp_path))


@pytest.mark.slow
async def test_run_when_measured_delivers_figures_and_is_gone_after(tmp_path):
    told = await run_product(3, 1.0, tmp_path, SystemClock())

    assert 1 <= told.symbols <= 3
    assert told.ready_s > 0
    assert told.resident_mb > 20
    assert told.measured_s >= 1.0
    assert not [p for p in psutil.Process().children() if "bot" in p.cmdline()]


async def test_run_when_it_does_not_start_gives_its_last_line(tmp_path):
    with pytest.raises(MachineFailed, match="run did not start"):
        await run_product(0, 1.0, tmp_path, SystemClock())


async def test_run_when_it_is_never_ready_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(product, "_START_PATIENCE_S", 0.05)

    with pytest.raises(MachineFailed, match="run failed: TimeoutError; its last line: "):
        await run_product(3, 1.0, tmp_path, SystemClock())


def test_measure_when_the_run_is_left_out_does_nothing():
    assert measure_run(Size(steady_s=0.0), SystemClock(), print) == []


def test_measure_when_asked_says_what_takes_long(monkeypatch):
    async def fake(symbols: int, seconds: float, folder, _clock) -> RunFigures:
        assert (symbols, seconds, folder.is_dir()) == (530, 60.0, True)
        return FIGURES

    monkeypatch.setattr(product, "run_product", fake)
    said: list[str] = []

    assert len(measure_run(Size(), SystemClock(), said.append)) == 3
    assert said == ["run: cold start, then 60 s in real time"]
