from pathlib import Path

import pytest

from bot.tools.bench import research
from bot.tools.bench.measure import Size
from bot.tools.bench.research import candle_files, measure_research, origin, rate_row, seconds
from bot.tools.peers.market import candles_in
from engine.runtime.clock import SystemClock
from models.workers import Serial
from tests.bot.backtest_kit import market_file

TINY = Size(repeats=1, research_symbols=2, research_candles=3_000)


def test_files_when_none_are_given_are_synthetic_and_gone_afterwards():
    with candle_files(TINY, 1_000) as paths:
        assert candles_in(paths) == (2, 1_000)

    assert not paths[0].exists()
    assert origin(TINY) == "synthetic"


def test_files_when_given_are_the_users(tmp_path: Path):
    size = Size(data=(market_file(tmp_path),))

    with candle_files(size, 5) as paths:
        assert paths == size.data

    assert paths[0].exists()
    assert origin(size) == "market.parquet"


def test_research_when_measured_builds_anew_each_time_and_backtests(monkeypatch):
    """Processes are left out: starting them takes longer than the work."""
    monkeypatch.setattr(research, "open_workers", lambda _jobs, _cluster: _Here())

    built, backtest = measure_research(TINY, SystemClock(), print)

    assert built.load.startswith("2 symbols × 3,000 candles in all, synthetic, this process")
    assert "labelled rows of 1m, 5m, 15m" in built.remark
    assert not built.remark.startswith("0 ")
    assert backtest.load.startswith("2 symbols × 3,000 candles in all")
    assert "trades with" in backtest.remark
    assert "simulate" in backtest.remark
    assert built.value > 0
    assert backtest.value > 0
    assert backtest.reach == 500_000


def test_rate_when_runs_differ_is_the_median_with_its_spread():
    row = rate_row("what", "load", "", 100, [1.0, 4.0, 2.0])

    assert row.value == pytest.approx(50.0)
    assert row.spread == (25.0, 100.0)
    assert row.count == 3


def test_seconds_when_repeated_has_one_for_each():
    assert len(seconds(SystemClock(), 4, lambda: None)) == 4


class _Here:
    def __enter__(self) -> Serial:
        return Serial()

    def __exit__(self, *_: object) -> None:
        pass
