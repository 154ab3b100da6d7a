"""The whole machine without its chat, against an embedded exchange over real loopback sockets.

Runs in a process of its own, so that memory and CPU are those of the machine alone and not of the
other measurements: `python -m bot.tools.bench.headless '{"symbols": 530, ...}'` prints JSON.
"""

import asyncio
import json
import random
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.engine_config import engine_config
from bot.guards import Guards
from bot.machine import Machine, Parts, running
from bot.memory import settle_memory
from bot.places import database_url
from bot.run_options import RunOptions
from bot.scorer_choice import choose_scorer, threshold_seed
from bot.settings import Settings
from bot.summary import ProcessMeter, latency_figures
from bot.venue_link import VenueLink, connect
from engine.domain.notices import Notice
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.exchange.paper.venue import PaperConfig, PaperVenue
from engine.runtime.health import Latencies
from engine.runtime.log import configure_logging
from engine.scanner.scanner import ScannerConfig
from engine.scanner.universe import UniverseRules
from storage.database import Database
from storage.journal import SqlJournal
from storage.migrate import migrate_open

_SAMPLES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlessOptions:
    """One run: `seconds` of wall time are measured once every symbol is loaded.

    `paper` enters positions in the paper book; otherwise signals are only told.
    """

    symbols: int = 530
    speed: float = 20.0
    seconds: float = 60.0
    seed: int = 1
    paper: bool = False


class CountingNotifier:
    """Implements `ports.Notifier`: counts what a chat would be told."""

    def __init__(self) -> None:
        self.told = 0

    def notify(self, _notice: Notice) -> None:
        """Count a notice."""
        self.told += 1


async def run_headless(options: HeadlessOptions, folder: Path) -> dict[str, Any]:
    """Start everything in an empty folder, measure, stop; return the figures, JSON-ready.

    Raises:
        EngineError: the exchange or the database did not start.
    """
    settings = Settings.load(
        _env_file=None, data_dir=folder, venue="sim", model_dir=None, database_url=""
    )
    rng = random.Random(options.seed)
    run = RunOptions(symbols=options.symbols, speed=options.speed, seed=options.seed)
    async with AsyncExitStack() as stack:
        link = await connect("sim", run, settings, rng, stack)
        database = Database(database_url(settings, "sim", ""))
        await database.open()
        stack.push_async_callback(database.close)
        await migrate_open(database)
        notifier = CountingNotifier()
        machine = _machine(settings, options, link, SqlJournal(database), notifier, rng)
        started = link.clock.monotonic()
        async with running(machine, None, lambda _done, _total: None):
            ready_s = link.clock.monotonic() - started
            figures = await _measure(machine, link, options.seconds)
        return {**asdict(options), "ready_s": round(ready_s, 2), "told": notifier.told, **figures}


def _machine(
    settings: Settings,
    options: HeadlessOptions,
    link: VenueLink,
    journal: SqlJournal,
    notifier: CountingNotifier,
    rng: random.Random,
) -> Machine:
    loaded = choose_scorer(settings)
    books = (Book.PAPER, Book.LIVE) if link.account else (Book.PAPER,)
    config = engine_config(
        settings,
        books=books,
        epoch=1,
        speed=options.speed,
        mode=Mode.PAPER if options.paper else Mode.SIGNALS,
        allow_negative_edge=options.paper,
        scorer=loaded.scorer.name,
        seed=threshold_seed(loaded, options.symbols),
    )
    return Machine(
        Parts(
            link=link,
            journal=journal,
            notifier=notifier,
            scorer=loaded.scorer,
            paper=PaperVenue(link.clock, rng, PaperConfig()),
            config=config,
            scanner=ScannerConfig(rules=UniverseRules(max_symbols=options.symbols)),
            rng=rng,
            may_enter=lambda: True,
        )
    )


async def _measure(machine: Machine, link: VenueLink, seconds: float) -> dict[str, Any]:
    """Let the machine work and return what it did in this time alone."""
    Guards(machine, link).start()
    settle_memory()  # as `run` does once it is ready
    _start_over(machine.latencies)
    before = machine.engine.snapshot(machine.clock.instant()).counters
    meter = ProcessMeter()
    frames_before = link.market.counts.frames
    cpu_before, began = meter.sample().cpu_s, machine.clock.monotonic()
    for _ in range(_SAMPLES):
        await asyncio.sleep(seconds / _SAMPLES)
        meter.sample()
    took_s = machine.clock.monotonic() - began
    after = machine.engine.snapshot(machine.clock.instant())
    return {
        "measured_s": round(took_s, 1),
        "frames": link.market.counts.frames - frames_before,
        "scanned": after.symbols,
        "blind": len(after.blind),
        "scorer": after.scorer,
        "candles": after.counters.candles - before.candles,
        "setups": after.counters.setups - before.setups,
        "latency": latency_figures(machine.latencies),
        "cpu_pct": round(100 * (meter.figures.cpu_s - cpu_before) / took_s, 1),
        "resident_mb": meter.figures.steady_mb,
        "peak_mb": meter.figures.peak_mb,
        "restarts": sum(machine.tasks.restarts.values()),
        "rest_calls": link.rest.counters.by_kind,
        "reconnects": machine.scanner.reconnects,
    }


def _start_over(latencies: Latencies) -> None:
    """Forget what start-up measured: preloading is no steady state."""
    for meter in (latencies.decision, latencies.outbox, latencies.burst, latencies.loop_lag):
        meter.reset()


def main() -> None:
    """Run as asked by the JSON on the command line and print the figures."""
    configure_logging(secrets=(), as_json=True, level="WARNING")
    options = HeadlessOptions(**json.loads(sys.argv[1]))
    with tempfile.TemporaryDirectory(prefix="smcbot-bench-") as folder:
        figures = asyncio.run(run_headless(options, Path(folder)))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
