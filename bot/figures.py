"""The figures of /health, in words, grouped."""

from collections.abc import Mapping

import psutil

from bot.durations import words
from bot.machine import Machine
from bot.venue_link import VenueLink
from engine.runtime.health import LatencyMeter

Section = tuple[tuple[str, str], ...]


def health_sections(machine: Machine, link: VenueLink) -> Mapping[str, Section]:
    """Return every group of figures; cheap enough to be asked at any time."""
    return {
        "Feed": _feed(machine),
        "Speed": _speed(machine),
        "Venue": _venue(link),
        "Process": _process(machine),
    }


def _feed(machine: Machine) -> Section:
    feeds, counts = machine.scanner.feeds, machine.scanner.feeds.counts
    return (
        ("symbols", str(len(feeds.symbols))),
        ("blind", str(len(feeds.blind))),
        ("candles", f"{counts.received:,}"),
        ("backfilled", f"{counts.backfilled:,}"),
        ("flat", f"{counts.flat:,}"),
        ("reconnects", str(machine.scanner.reconnects)),
    )


def _speed(machine: Machine) -> Section:
    latencies = machine.latencies
    return (
        ("candle to decision", _p99(latencies.decision)),
        ("whole minute decided", _p99(latencies.burst)),
        ("loop lag", _p99(latencies.loop_lag)),
        ("waiting events", str(len(machine.mailbox))),
        ("waiting records", str(len(machine.writer))),
    )


def _p99(meter: LatencyMeter) -> str:
    figures = meter.percentiles()
    return f"{figures.p99_ms:.0f} ms (p99 of {figures.count:,})"


def _venue(link: VenueLink) -> Section:
    calls = link.rest.counters.by_kind
    budget = link.rest.budget
    account = link.account
    rows = [(f"REST {kind.replace('_', ' ')}", str(count)) for kind, count in calls.items()]
    rows.append(("weight used", f"{budget.used_ratio:.0%} of the minute"))
    if account is not None:
        rows.append(("user stream", "hearing" if account.is_hearing else "deaf"))
        rows.append(("order channel", "WebSocket" if account.is_connected else "REST"))
    return tuple(rows)


def _process(machine: Machine) -> Section:
    process = psutil.Process()
    memory = process.memory_info().rss / 1e6
    restarts = sum(machine.tasks.restarts.values())
    running_s = machine.clock.wall_ms() / 1000 - process.create_time()
    return (
        ("memory", f"{memory:.0f} MB"),
        ("running for", words(max(0.0, running_s))),
        ("task restarts", str(restarts)),
    )
