"""Candles a second of research: the data set and the backtest, each from files to the end."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bot.backtesting import Backtested, BacktestOrder, run_backtests
from bot.settings import Settings
from bot.tools.bench.measure import Row, Say, Size
from bot.tools.peers.market import PeerMarket, walk, write_for_us
from bot.workers import cores, open_workers
from engine.ports import Clock
from models.dataset import Dataset, build
from models.dataset_rules import DatasetRules
from models.workers import Workers
from storage.candle_sources import open_sources

PART = "research"


def measure_research(size: Size, clock: Clock, say: Say) -> list[Row]:
    """Build the data set and run the backtest, each several times, over the same files.

    Raises:
        InvalidCandles: the user's candles are unusable.
        WorkerLost: a process that helped ended.
    """
    say("research: candles")
    with candle_files(size, size.research_candles) as paths:
        return [*_build_rows(paths, size, clock, say), _backtest_row(paths, size, clock, say)]


@contextmanager
def candle_files(size: Size, candles: int) -> Iterator[tuple[Path, ...]]:
    """Give the user's files, or `candles` synthetic ones for as long as the block lasts."""
    if size.data:
        yield size.data
        return
    with tempfile.TemporaryDirectory(prefix="smcbot-bench-") as folder:
        each = max(1, candles // size.research_symbols)
        # One by one: ten million candles at once would be the largest thing in this process.
        for number in range(1, size.research_symbols + 1):
            write_for_us(PeerMarket((walk(number, each),), "synthetic"), Path(folder))
        yield (Path(folder),)


def origin(size: Size) -> str:
    """Return where the candles come from, in words."""
    return ", ".join(path.name for path in size.data) if size.data else "synthetic"


def _build_rows(paths: tuple[Path, ...], size: Size, clock: Clock, say: Say) -> list[Row]:
    sources = open_sources(paths)
    rules = DatasetRules()
    symbols = sum(len(source.symbols()) for source in sources)

    def once(workers: Workers) -> Dataset:
        # Finished parts are kept by their content: only an empty folder makes them anew.
        with tempfile.TemporaryDirectory(prefix="smcbot-bench-parts-") as folder:
            return build(sources, Path(folder), rules, workers=workers)

    with open_workers(None, None) as workers:
        say(f"research: data set with {workers.name}, the first run starts and compiles")
        made = once(workers)
        say(f"research: data set with {workers.name}")
        took = seconds(clock, size.repeats, lambda: once(workers))
        load = (
            f"{symbols} symbols × {made.counts.candles:,} candles in all, {origin(size)}, "
            f"{workers.name}, {cores()} cores"
        )
    timeframes = ", ".join(one.value for one in rules.timeframes)
    remark = f"{made.counts.rows:,} labelled rows of {timeframes}"
    return [
        rate_row(
            "data set (detection, features, labels), median",
            load,
            remark,
            made.counts.candles,
            took,
        )
    ]


def _backtest_row(paths: tuple[Path, ...], size: Size, clock: Clock, say: Say) -> Row:
    settings = Settings.load(_env_file=None)
    made: list[Backtested] = []

    def once() -> None:
        order = BacktestOrder(data=paths)
        made[:] = [run_backtests(order, settings, lambda _text, _share: None, clock)]

    say("research: backtest, the first run may compile")
    once()
    say("research: backtest")
    took = seconds(clock, size.repeats, once)
    last = made[0]
    candles = last.results[0].candles
    load = (
        f"{len(last.series)} symbols × {candles:,} candles in all, {origin(size)}, {cores()} cores"
    )
    stages = ", ".join(f"{stage} {spent:.2f} s" for stage, spent in last.seconds.items())
    trades = last.statistics[0].total.trades
    remark = f"{trades} trades with {last.results[0].scorer}; last run: {stages}"
    return rate_row(
        "backtest, file to statistics, median", load, remark, candles, took, reach=500_000.0
    )


def seconds(clock: Clock, repeats: int, work: Callable[[], object]) -> list[float]:
    """Return the wall seconds of each run."""
    took = []
    for _ in range(repeats):
        began = clock.monotonic()
        work()
        took.append(clock.monotonic() - began)
    return took


def rate_row(
    what: str,
    load: str,
    remark: str,
    candles: int,
    took: list[float],
    *,
    reach: float | None = None,
) -> Row:
    """Return candles a second with its spread."""
    rates = sorted(candles / max(one, 1e-9) for one in took)
    return Row(
        part=PART,
        what=what,
        load=load,
        value=median(rates),
        unit="candles/s",
        count=len(rates),
        reach=reach,
        more_is_better=True,
        spread=(rates[0], rates[-1]),
        remark=remark,
    )
