"""Tests of bot/figures.py."""

from types import SimpleNamespace

import psutil
import pytest

from bot.desk_health import AccountLink, HeartbeatView
from bot.figures import health_view
from engine.exchange.binance.counters import CallCounters
from engine.ports import CallKind, calls_counted_as
from engine.runtime.health import Latencies
from engine.scanner.feeds import FeedCounts
from tests.fake_clock import FakeClock


class Writer(list[int]):
    is_failing = False


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
        writer=Writer([1]),
        tasks=SimpleNamespace(restarts={"shard-1": 2, "account": 1}),
        clock=FakeClock(started_ms + 3_600_000),
    )


def link(account: object = None) -> SimpleNamespace:
    budget = SimpleNamespace(used_ratio=0.254)
    rest = SimpleNamespace(counters=CallCounters(), budget=budget)
    return SimpleNamespace(rest=rest, account=account)


def test_figures_when_asked_count_feed_queues_and_tasks():
    view = health_view(machine(), link())

    assert (view.symbols, view.blind) == (2, 1)
    assert (view.candles, view.backfilled, view.flat, view.reconnects) == (12_345, 2, 3, 4)
    assert (view.waiting_events, view.waiting_records, view.restarts) == (3, 1, 3)
    assert 3_590 < view.running_s < 3_610
    assert view.memory_mb > 10
    assert view.account is None
    assert view.heartbeat is None
    assert not view.journal_fails


def test_figures_when_the_journal_refuses_tell_it():
    refused = machine()
    refused.writer.is_failing = True

    assert health_view(refused, link()).journal_fails


def test_figures_when_latency_was_measured_are_the_99th_percentile_and_its_count():
    measured = machine()
    for milliseconds in range(1, 101):
        measured.latencies.decision.add(milliseconds / 1000)

    view = health_view(measured, link())

    assert view.decision.p99_ms == pytest.approx(99, abs=0.1)
    assert (view.decision.count, view.loop_lag.count) == (100, 0)


def test_figures_when_requests_were_made_tell_the_kinds_apart():
    asked = link()
    with calls_counted_as(CallKind.SCHEDULED):
        asked.rest.counters.count("get v1/income")

    view = health_view(machine(), asked)

    assert dict(view.rest_calls) == {
        "startup": 0,
        "scheduled": 1,
        "position_guard": 0,
        "recovery": 0,
    }
    assert view.weight_ratio == 0.254


def test_figures_when_there_are_an_account_and_a_watch_tell_of_both():
    account = SimpleNamespace(is_hearing=True, is_connected=False)
    beat = HeartbeatView(told_s_ago=5.0)

    view = health_view(machine(), link(account), beat)

    assert view.account == AccountLink(hears=True, fast=False)
    assert view.heartbeat is beat
