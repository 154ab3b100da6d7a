"""The figures of a run, as JSON: what the bot saw and did, and what the exchange says of it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bot.machine import Machine
from bot.venue_link import VenueLink
from engine.domain.order import Book
from engine.domain.position import ClosedTrade
from engine.runtime.health import Latencies
from storage.queries import Queries

_PATIENCE = aiohttp.ClientTimeout(total=5)
"""A stop must not hang on an exchange that answers no more."""


@dataclass(slots=True)
class ProcessFigures:
    """Memory (MB) and CPU seconds of this process alone, children apart."""

    peak_mb: float = 0.0
    steady_mb: float = 0.0
    cpu_s: float = 0.0


class ProcessMeter:
    """Samples this process; `steady_mb` is the latest sample."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.figures = ProcessFigures()

    def sample(self) -> ProcessFigures:
        """Take a sample and return the figures so far."""
        with self._process.oneshot():
            resident = self._process.memory_info().rss / 1e6
            times = self._process.cpu_times()
        self.figures.steady_mb = round(resident, 1)
        self.figures.peak_mb = max(self.figures.peak_mb, self.figures.steady_mb)
        self.figures.cpu_s = round(times.user + times.system, 2)
        return self.figures


async def summarise(
    machine: Machine,
    link: VenueLink,
    queries: Queries,
    meter: ProcessMeter,
    *,
    started_ms: int,
    wall_s: float,
    ready_s: float,
) -> dict[str, Any]:
    """Return the run's figures, JSON-ready. Times are exchange ms unless they end in `_s`."""
    now_ms = machine.clock.exchange_ms()
    snapshot = machine.engine.snapshot(machine.clock.instant())
    feeds = machine.scanner.feeds.counts
    exchange = await exchange_figures(link)
    return {
        "venue": link.name,
        "speed": machine.clock.speed,
        "exchange_hours": round((now_ms - started_ms) / 3_600_000, 3),
        "wall_s": round(wall_s, 1),
        "cold_start_s": round(ready_s, 2),
        "symbols": snapshot.symbols,
        "candles": {
            "received": feeds.received,
            "backfilled": feeds.backfilled,
            "flat": feeds.flat,
            "duplicate": feeds.duplicate,
            "late": feeds.late,
            "blind_at_end": len(snapshot.blind),
        },
        "events": asdict(snapshot.counters),
        "latency": latency_figures(machine.latencies),
        "rest_calls": link.rest.counters.by_kind,
        "reconnects": machine.scanner.reconnects,
        "restarts": machine.tasks.restarts,
        "indigestible": machine.loop.indigestible,
        "process": asdict(meter.sample()),
        "books": [await _book(book, queries, started_ms, now_ms) for book in machine.venues],
        "account": _account(snapshot.books, exchange),
        "exchange": exchange,
    }


def latency_figures(latencies: Latencies) -> dict[str, Any]:
    """Return the percentiles of every meter, in milliseconds."""
    return {
        "frame_to_decision": asdict(latencies.decision.percentiles()),
        "frame_to_outbox": asdict(latencies.outbox.percentiles()),
        "burst_from_last_frame": asdict(latencies.burst.percentiles()),
        "loop_lag": asdict(latencies.loop_lag.percentiles()),
    }


async def _book(book: Book, queries: Queries, since_ms: int, until_ms: int) -> dict[str, Any]:
    trades = await queries.closed_trades(book, since_ms, until_ms + 1)
    return {"book": book.value, **trade_figures(trades)}


def trade_figures(trades: tuple[ClosedTrade, ...]) -> dict[str, Any]:
    """Return counts by exit reason and the sums of closed trades, money as text."""
    return {
        "closed": len(trades),
        "by_reason": dict(Counter(trade.reason.value for trade in trades)),
        "net": str(sum((trade.net for trade in trades), Decimal(0))),
        "fees": str(sum((trade.fees for trade in trades), Decimal(0))),
        "funding": str(sum((trade.funding for trade in trades), Decimal(0))),
        "mean_net_r": round(sum(t.net_r for t in trades) / len(trades), 4) if trades else None,
    }


def _account(books: tuple[Any, ...], exchange: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Compare the live wallet the bot believes in with the exchange's own ledger."""
    live = next((view for view in books if view.book is Book.LIVE), None)
    if live is None or exchange is None:
        return None
    theirs = Decimal(exchange["wallets"]["demo"])
    return {
        "bot_wallet": str(live.wallet),
        "exchange_wallet": str(theirs),
        "difference": str(live.wallet - theirs),
    }


async def exchange_figures(link: VenueLink) -> dict[str, Any] | None:
    """Return what the embedded exchange's own ledger says, None on other venues."""
    if link.control_url is None:
        return None
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{link.control_url}/sim/summary") as reply,
        ):
            told = await reply.json()
        return {**told["exchange"], "wallets": told["wallets"], "wire": told["wire"]}
    except (aiohttp.ClientError, OSError, ValueError, LookupError, TypeError):
        return None


def write_summary(path: Path, figures: Mapping[str, Any]) -> None:
    """Write the figures; the file appears whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
