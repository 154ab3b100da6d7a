"""Tests of bot/summary.py."""

import json
from decimal import Decimal
from types import SimpleNamespace

from aiohttp import web

from bot.summary import (
    ProcessMeter,
    exchange_figures,
    latency_figures,
    summarise,
    trade_figures,
    write_summary,
)
from bot.venue_link import VenueLink
from engine.domain.order import Book
from engine.domain.position import ExitReason
from engine.domain.snapshot import Counters
from engine.exchange.binance.counters import CallCounters
from engine.runtime.health import Latencies
from engine.scanner.feeds import FeedCounts
from tests.fake_clock import START_MS, FakeClock
from tests.storage.samples import closed

LEDGER = {
    "exchange": {"trades": 3},
    "wallets": {"demo": "9990.25"},
    "wire": {"frames_sent": 5},
}


class Ledger:
    """An embedded exchange's `/sim/summary` on a free port."""

    def __init__(self, body: object = LEDGER, status: int = 200) -> None:
        self._body, self._status = body, status

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_get("/sim/summary", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, _request: web.Request) -> web.Response:
        return web.json_response(self._body, status=self._status)


def link(control_url: str | None) -> VenueLink:
    rest = SimpleNamespace(counters=CallCounters())
    return VenueLink("sim", FakeClock(), rest, None, None, None, control_url)


def machine(clock: FakeClock) -> SimpleNamespace:
    books = (
        SimpleNamespace(book=Book.PAPER, wallet=Decimal(1)),
        SimpleNamespace(book=Book.LIVE, wallet=Decimal("9990.20")),
    )
    snapshot = SimpleNamespace(
        symbols=2, blind=frozenset({"AUSDT"}), counters=Counters(candles=4), books=books
    )
    counts = FeedCounts(received=10, backfilled=1, flat=2, duplicate=3, late=4)
    return SimpleNamespace(
        clock=clock,
        engine=SimpleNamespace(snapshot=lambda _now: snapshot),
        scanner=SimpleNamespace(feeds=SimpleNamespace(counts=counts), reconnects=7),
        latencies=Latencies.fresh(),
        tasks=SimpleNamespace(restarts={"shard-1": 2}),
        loop=SimpleNamespace(indigestible=1),
        venues={Book.PAPER: None, Book.LIVE: None},
    )


class Trades:
    """Implements the one query a summary asks."""

    def __init__(self) -> None:
        self.asked: list[tuple[Book, int, int]] = []

    async def closed_trades(self, book: Book, since_ms: int, until_ms: int):
        self.asked.append((book, since_ms, until_ms))
        return (closed(),) if book is Book.PAPER else ()


async def told(control_url: str | None) -> tuple[dict, Trades]:
    clock, trades = FakeClock(speed=20.0), Trades()
    clock.advance(90.0)
    figures = await summarise(
        machine(clock),
        link(control_url),
        trades,
        ProcessMeter(),
        started_ms=START_MS,
        wall_s=90.04,
        ready_s=1.234,
    )
    return figures, trades


async def test_summary_when_made_tells_what_was_seen_and_done_and_is_json():
    figures, trades = await told(None)

    assert json.loads(json.dumps(figures)) == figures
    assert figures["exchange_hours"] == 0.5
    assert (figures["wall_s"], figures["cold_start_s"]) == (90.0, 1.23)
    assert figures["candles"] == {
        "received": 10,
        "backfilled": 1,
        "flat": 2,
        "duplicate": 3,
        "late": 4,
        "blind_at_end": 1,
    }
    assert figures["events"]["candles"] == 4
    assert (figures["reconnects"], figures["restarts"]) == (7, {"shard-1": 2})
    assert set(figures["rest_calls"]) == {"startup", "scheduled", "position_guard", "recovery"}
    assert [book["closed"] for book in figures["books"]] == [1, 0]
    assert trades.asked[0] == (Book.PAPER, START_MS, START_MS + 1_800_001)


async def test_summary_when_the_venue_is_embedded_compares_both_ledgers():
    async with Ledger() as url:
        figures, _ = await told(url)

    assert figures["account"] == {
        "bot_wallet": "9990.20",
        "exchange_wallet": "9990.25",
        "difference": "-0.05",
    }
    assert figures["exchange"]["wire"] == {"frames_sent": 5}


async def test_summary_when_the_venue_is_real_has_nothing_to_compare():
    figures, _ = await told(None)

    assert figures["account"] is None
    assert figures["exchange"] is None


async def test_exchange_figures_when_the_exchange_is_gone_or_strange_are_none():
    assert await exchange_figures(link("http://127.0.0.1:9")) is None
    for body, status in ((["x"], 200), ({"wire": {}}, 200), ("broken", 500)):
        async with Ledger(body, status) as url:
            assert await exchange_figures(link(url)) is None


def test_trade_figures_when_there_are_none_have_no_mean():
    assert trade_figures(()) == {
        "closed": 0,
        "by_reason": {},
        "net": "0",
        "fees": "0",
        "funding": "0",
        "mean_net_r": None,
    }


def test_trade_figures_when_there_are_some_sum_money_exactly():
    loss = closed("k2", gross=Decimal("-50.00"), reason=ExitReason.STOP)

    figures = trade_figures((closed(), loss))

    assert figures["by_reason"] == {"target": 1, "stop": 1}
    assert figures["fees"] == "10.10"
    assert Decimal(figures["net"]) == closed().net + loss.net
    assert figures["mean_net_r"] == round((closed().net_r + loss.net_r) / 2, 4)


def test_latency_figures_when_something_was_measured_are_milliseconds():
    latencies = Latencies.fresh()
    latencies.burst.add(0.25)

    figures = latency_figures(latencies)

    assert figures["burst_from_last_frame"] == {
        "p50_ms": 250.0,
        "p99_ms": 250.0,
        "max_ms": 250.0,
        "count": 1,
    }
    assert figures["frame_to_decision"]["count"] == 0


def test_meter_when_sampled_keeps_the_peak_and_never_loses_cpu_time():
    meter = ProcessMeter()
    first = meter.sample()
    assert first.peak_mb == first.steady_mb > 1
    meter.figures.peak_mb = 1e6
    cpu_s = first.cpu_s

    second = meter.sample()

    assert second.peak_mb == 1e6
    assert second.steady_mb < 1e6
    assert second.cpu_s >= cpu_s


def test_summary_when_written_appears_whole(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("former run")

    write_summary(path, {"a": 1, "symbol": "Ⓢ"})

    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1, "symbol": "Ⓢ"}
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
