"""Tests of bot/figures.py."""

from types import SimpleNamespace

import psutil
import pytest

from bot.figures import health_sections
from engine.exchange.binance.counters import CallCounters
from engine.ports import CallKind, calls_counted_as
from engine.runtime.health import Latencies
from engine.scanner.feeds import FeedCounts
from tests.fake_clock import FakeClock


def machine() -> SimpleNamespace:
    feeds = SimpleNamespace(
        symbols=("AUSDT", "BUSDT"),
        blind=frozenset({"BUSDT"}),
        counts=FeedCounts(received=12_345, backfilled=2, flat=3),
    )
    started_ms = int(psutil.Process().create_time() * 1000)
    return SimpleNamespace(
        scanner=SimpleNamespace(feeds=feeds, reconnects=4),
        latencies=Latencies.fresh(),
        mailbox=[1, 2, 3],
        writer=[1],
        tasks=SimpleNamespace(restarts={"shard-1": 2, "account": 1}),
        clock=FakeClock(started_ms + 3_600_000),
    )


def link(account: object = None) -> SimpleNamespace:
    budget = SimpleNamespace(used_ratio=0.254)
    rest = SimpleNamespace(counters=CallCounters(), budget=budget)
    return SimpleNamespace(rest=rest, account=account)


def test_health_when_asked_counts_feed_and_tasks():
    sections = health_sections(machine(), link())

    assert dict(sections["Feed"]) == {
        "symbols": "2",
        "blind": "1",
        "candles": "12,345",
        "backfilled": "2",
        "flat": "3",
        "reconnects": "4",
    }
    assert dict(sections["Process"])["task restarts"] == "3"
    assert dict(sections["Process"])["running for"].startswith("1 h")
    assert dict(sections["Speed"])["waiting events"] == "3"
    assert dict(sections["Speed"])["waiting records"] == "1"


def test_health_when_latency_was_measured_gives_the_99th_percentile_and_its_count():
    measured = machine()
    for milliseconds in range(1, 101):
        measured.latencies.decision.add(milliseconds / 1000)

    speed = dict(health_sections(measured, link())["Speed"])

    assert speed["candle to decision"] == "99 ms (p99 of 100)"
    assert speed["loop lag"] == "0 ms (p99 of 0)"


def test_health_when_requests_were_made_tells_the_kinds_apart():
    asked = link()
    with calls_counted_as(CallKind.SCHEDULED):
        asked.rest.counters.count("get v1/income")

    venue = dict(health_sections(machine(), asked)["Venue"])

    assert venue == {
        "REST startup": "0",
        "REST scheduled": "1",
        "REST position guard": "0",
        "REST recovery": "0",
        "weight used": "25% of the minute",
    }


@pytest.mark.parametrize(
    ("hearing", "connected", "words"),
    [(True, True, ("hearing", "WebSocket")), (False, False, ("deaf", "REST"))],
)
def test_health_when_there_is_an_account_says_how_it_is_reached(hearing, connected, words):
    account = SimpleNamespace(is_hearing=hearing, is_connected=connected)

    venue = dict(health_sections(machine(), link(account))["Venue"])

    assert (venue["user stream"], venue["order channel"]) == words
