"""The figures of /health, read off the running machine."""

import psutil

from bot.desk_health import AccountLink, HealthView, HeartbeatView, LatencyView
from bot.machine import Machine
from bot.venue_link import VenueLink
from engine.runtime.health import LatencyMeter


def health_view(
    machine: Machine, link: VenueLink, heartbeat: HeartbeatView | None = None
) -> HealthView:
    """Return every figure; cheap enough to be asked at any time."""
    feeds, latencies = machine.scanner.feeds, machine.latencies
    account, process = link.account, psutil.Process()
    return HealthView(
        symbols=len(feeds.symbols),
        blind=len(feeds.blind),
        candles=feeds.counts.received,
        backfilled=feeds.counts.backfilled,
        flat=feeds.counts.flat,
        reconnects=machine.scanner.reconnects,
        decision=_latency(latencies.decision),
        burst=_latency(latencies.burst),
        loop_lag=_latency(latencies.loop_lag),
        waiting_events=len(machine.mailbox),
        waiting_records=len(machine.writer),
        rest_calls=link.rest.counters.by_kind,
        weight_ratio=link.rest.budget.used_ratio,
        account=AccountLink(account.is_hearing, account.is_connected) if account else None,
        memory_mb=process.memory_info().rss / 1e6,
        running_s=max(0.0, machine.clock.wall_ms() / 1000 - process.create_time()),
        restarts=sum(machine.tasks.restarts.values()),
        heartbeat=heartbeat,
        journal_fails=machine.writer.is_failing,
    )


def _latency(meter: LatencyMeter) -> LatencyView:
    figures = meter.percentiles()
    return LatencyView(figures.p99_ms, figures.count)
