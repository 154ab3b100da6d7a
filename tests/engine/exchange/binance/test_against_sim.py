"""The real adapter against the embedded exchange over real loopback sockets."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from engine.domain.candle import Timeframe
from engine.domain.errors import (
    OutcomeUnknown,
    VenueBusy,
    VenueError,
    VenueRejected,
    VenueUnreachable,
)
from engine.domain.events import (
    AccountDeaf,
    AccountEvent,
    AccountHeard,
    CandleClosed,
    MarkMoved,
    OrderChanged,
    OrderFilled,
    PriceMoved,
    QuoteMoved,
)
from engine.domain.instrument import Instrument, Rounding
from engine.domain.order import (
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.limits import RateBudget
from engine.exchange.binance.market_data import BinanceMarketData
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.venue import BinanceVenue
from engine.exchange.sim import fault_actions as faults
from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.faults import FaultRule
from engine.exchange.sim.server import SimServer
from engine.exchange.sim.synthetic import SyntheticMarket
from engine.exchange.sim.tick import Tick
from engine.exchange.sim.wire.security import ApiKey
from engine.runtime.clock import LoopClock
from tests.engine.exchange.binance.scripted import until

START_MS = 1_790_000_040_000
SPEED = 20.0
BTC = "BTCUSDT"


@dataclass
class World:
    """Sim, adapter and what the adapter told."""

    server: SimServer
    exchange: Exchange
    sim_clock: SimClock
    rest: BinanceRest
    market: BinanceMarketData
    venue: BinanceVenue
    instrument: Instrument
    price: Decimal
    events: list[AccountEvent]
    _number: int = 0

    def entry(self, **changes: Any) -> OrderRequest:
        """A buy that fills at once."""
        self._number += 1
        limit = self.instrument.quantize_price(self.price * Decimal("1.01"), Rounding.UP)
        request = OrderRequest(
            client_id=f"smc1-E-aaaaaaaaaaaaaa-{self._number}",
            symbol=BTC,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=self.instrument.smallest_qty(self.price) * 2,
            purpose=Purpose.ENTRY,
            price=limit,
            time_in_force=TimeInForce.IOC,
        )
        return replace(request, **changes)

    def stop(self, below: str = "0.97", **changes: Any) -> OrderRequest:
        """A protective stop of the same size."""
        self._number += 1
        trigger = self.instrument.quantize_price(self.price * Decimal(below), Rounding.DOWN)
        request = OrderRequest(
            client_id=f"smc1-S-aaaaaaaaaaaaaa-{self._number}",
            symbol=BTC,
            side=Side.SELL,
            order_type=OrderType.STOP_MARKET,
            qty=self.instrument.smallest_qty(self.price) * 2,
            purpose=Purpose.STOP,
            trigger_price=trigger,
            reduce_only=True,
        )
        return replace(request, **changes)

    def arm(self, action: faults.Action, operation: str, **rule: Any) -> None:
        """Inject a fault."""
        self.server.faults.arm(FaultRule(action, operation, **rule))

    def fall_to(self, price: Decimal) -> None:
        """Let the market trade at a price now."""
        tick = self.instrument.tick_size
        last = self.instrument.quantize_price(price, Rounding.DOWN)
        crash = Tick(bid=last - tick, ask=last + tick, last=last, mark=last, path=(last,))
        self.exchange.on_tick(BTC, crash, self.sim_clock.now_ms())

    def last(self, client_id: str, *, conditional: bool) -> Order | None:
        """The newest state the stream told of an order."""
        for event in reversed(self.events):
            match event:
                case OrderChanged(order=order) if order.client_id == client_id:
                    if order.conditional is conditional:
                        return order
        return None

    def filled(self, client_id: str) -> Decimal:
        """Quantity the stream told as executed for an order."""
        fills = {e.fill.trade_id: e.fill for e in self.events if isinstance(e, OrderFilled)}
        mine = [fill.qty for fill in fills.values() if fill.client_id == client_id]
        return sum(mine, Decimal(0))


@asynccontextmanager
async def world(
    *, connected: bool = True, our_lead_ms: int = 0, speed: float = SPEED
) -> AsyncIterator[World]:
    """Start the sim and the adapter; without `connected` orders go over REST."""
    loop = asyncio.get_running_loop()
    sim_market = SyntheticMarket(3, seed=1, start_ms=START_MS, warm_minutes=120)
    sim_clock = SimClock(loop.time, epoch_ms=START_MS, speed=speed)
    exchange = Exchange(sim_market.rules)
    keys = {"key": ApiKey("account", "secret")}
    server = SimServer(exchange, sim_market, sim_clock, keys=keys, rng=random.Random(1))
    urls = await server.start()
    clock = LoopClock(
        loop.time, exchange_ms=sim_clock.now_ms() + our_lead_ms, wall_ms=START_MS, speed=speed
    )
    config = BinanceConfig.custom(urls.rest, api_key="key", api_secret="secret")
    config = replace(config, order_timeout_s=0.5, seen_within_s=0.5)
    rest = BinanceRest(config, clock, budget=RateBudget(clock), server=ServerClock(clock))
    market = BinanceMarketData(config, clock, rest)
    venue = BinanceVenue(config, clock, rest, rng=random.Random(2))
    events: list[AccountEvent] = []

    async def hear() -> None:
        async for event in venue.events():
            events.append(event)  # noqa: PERF401 - the list grows while others read it

    tasks = [asyncio.create_task(hear())]
    if connected:
        tasks.append(asyncio.create_task(venue.run()))
    try:
        instrument = next(i for i in await market.instruments() if i.symbol == BTC)
        candles = await market.candles(BTC, Timeframe.M1, limit=5)
        price = Decimal(repr(candles[-1].close))
        if connected:
            await until(lambda: venue.is_connected and venue.is_hearing)
        yield World(server, exchange, sim_clock, rest, market, venue, instrument, price, events)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await rest.close()
        await server.stop()


async def test_market_data_when_read_agrees_with_the_stream() -> None:
    async with world(connected=False, speed=120.0) as it:
        names = [f"{BTC.lower()}@kline_1m", f"{BTC.lower()}@markPrice@1s"]
        closed: list[CandleClosed] = []
        kinds: set[type] = set()
        async with asyncio.timeout(15):
            async for frame in it.market.stream(names):
                kinds.add(type(frame.event))
                if isinstance(frame.event, CandleClosed):
                    closed.append(frame.event)
                if len(closed) >= 2 and MarkMoved in kinds:  # marks come by the wall second
                    break
        first, second = (event.candle for event in closed[:2])
        assert {PriceMoved, MarkMoved, CandleClosed} <= kinds
        assert second.open_time_ms == first.open_time_ms + 60_000
        assert second.first_trade_id == first.last_trade_id + 1
        history = await it.market.candles(BTC, Timeframe.M1, limit=10)
        by_time = {candle.open_time_ms: candle for candle in history}
        known = by_time[first.open_time_ms]
        assert (known.open, known.high, known.low, known.close) == (
            first.open,
            first.high,
            first.low,
            first.close,
        )
        assert all(
            candle.close_time_ms <= it.sim_clock.now_ms() for candle in history
        )  # no open row


async def test_public_route_when_asked_delivers_quotes() -> None:
    async with world(connected=False) as it:
        async with asyncio.timeout(5):
            async for frame in it.market.stream([f"{BTC.lower()}@bookTicker"]):
                assert isinstance(frame.event, QuoteMoved)
                break
        tickers = {ticker.symbol: ticker for ticker in await it.market.tickers()}
        assert tickers[BTC].quote_volume > 0


async def test_checks_before_live_when_asked_are_all_answered() -> None:
    async with world() as it:
        may = await it.venue.key_permissions()
        assert (may.trade_futures, may.withdraw, may.transfer) == (True, False, False)
        await it.venue.prepare(BTC, 10)
        config = (await it.venue.margin_configs())[BTC]
        assert (config.isolated, config.leverage) == (True, 10)
        reading = await it.rest.read_clock()
        assert abs(reading.ahead_ms) <= reading.trip_ms


@pytest.mark.parametrize("connected", [True, False])
async def test_round_trip_when_traded_ends_flat(connected: bool) -> None:
    async with world(connected=connected) as it:
        setup = await it.venue.prepare(BTC, 10)
        assert (setup.leverage, setup.isolated) == (10, True)
        entry = await it.venue.place(it.entry())
        assert entry.status is OrderStatus.FILLED
        stop = await it.venue.place(it.stop())
        assert (stop.status, stop.conditional) == (OrderStatus.NEW, True)
        snapshot = await it.venue.snapshot()
        assert [position.qty for position in snapshot.positions] == [entry.qty]
        assert snapshot.positions[0].isolated
        assert [order.client_id for order in snapshot.conditionals] == [stop.client_id]
        cancelled = await it.venue.cancel(BTC, stop.client_id, conditional=True)
        assert cancelled.status is OrderStatus.CANCELED
        leaving = it.entry(
            side=Side.SELL,
            order_type=OrderType.MARKET,
            price=None,
            time_in_force=None,
            reduce_only=True,
        )
        assert (await it.venue.place(leaving)).status is OrderStatus.FILLED
        fills = await it.venue.fills(BTC, START_MS)
        assert [fill.client_id for fill in fills] == [entry.client_id, leaving.client_id]
        assert (await it.venue.snapshot()).positions == ()
        if connected:
            await until(lambda: it.filled(leaving.client_id) == entry.qty)


async def test_stop_when_triggered_is_told_with_our_id_throughout() -> None:
    async with world() as it:
        await it.venue.place(it.entry())
        stop = await it.venue.place(it.stop())
        it.fall_to(stop.trigger_price)
        await until(lambda: it.filled(stop.client_id) == stop.qty)

        def finished() -> bool:
            order = it.last(stop.client_id, conditional=True)
            return order is not None and order.status is OrderStatus.FILLED

        await until(finished)
        child = it.last(stop.client_id, conditional=False)
        assert child is not None
        assert child.venue_id != stop.venue_id
        assert await it.venue.conditionals() == ()


async def test_stop_when_price_has_passed_is_refused() -> None:
    async with world() as it:
        await it.venue.place(it.entry())
        with pytest.raises(VenueRejected, match="-2021"):
            await it.venue.place(it.stop(below="1.03"))


async def test_cancel_and_query_when_nothing_is_there_say_so() -> None:
    async with world() as it:
        for conditional in (False, True):
            assert await it.venue.query(BTC, "smc1-E-none", conditional=conditional) is None
            with pytest.raises(VenueRejected):
                await it.venue.cancel(BTC, "smc1-E-none", conditional=conditional)


async def test_place_when_sent_twice_lands_once() -> None:
    async with world() as it:
        await it.venue.place(it.entry())
        stop = it.stop()
        first = await it.venue.place(stop)
        second = await it.venue.place(stop)
        assert first.venue_id == second.venue_id
        assert len(await it.venue.conditionals()) == 1


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize(
    ("action", "error", "landed"),
    [
        (faults.AnswerWith(faults.UNKNOWN_503), OutcomeUnknown, True),
        (faults.AnswerWith(faults.TIMEOUT_408), OutcomeUnknown, True),
        (faults.DropReply(), OutcomeUnknown, True),
        (faults.DelayReply(0.8), OutcomeUnknown, True),
        (faults.TruncateReply(), OutcomeUnknown, True),
        (faults.RefuseWith(faults.UNKNOWN_503), OutcomeUnknown, False),
        (faults.DropRequest(), OutcomeUnknown, False),
        (faults.RefuseWith(faults.UNAVAILABLE_503), VenueBusy, False),
        (faults.RefuseWith(faults.INTERNAL_503), VenueBusy, False),
        (faults.RefuseWith(faults.THROTTLED_503), VenueBusy, False),
    ],
)
async def test_place_when_the_wire_fails_never_mistakes_unknown_for_failed(
    action: faults.Action, error: type[VenueError], landed: bool, connected: bool
) -> None:
    async with world(connected=connected) as it:
        request = it.entry()
        it.arm(action, "place_order")
        with pytest.raises(error):
            await it.venue.place(request)
        await until(lambda: it.venue.is_connected or not connected)
        found = await it.venue.query(BTC, request.client_id, conditional=False)
        assert (found is not None) is landed
        traded = {row["orderId"] for row in await _trades(it)}
        assert len(traded) == int(landed)


async def _trades(it: World) -> list[dict[str, Any]]:
    rows = it.exchange.user_trades("account", {"symbol": BTC}, it.sim_clock.now_ms())
    assert isinstance(rows, list)
    return rows


async def test_query_when_it_lies_is_not_taken_as_an_error() -> None:
    async with world() as it:
        entry = await it.venue.place(it.entry())
        it.arm(faults.AnswerWith(faults.ORDER_UNKNOWN), "query_order")
        assert await it.venue.query(BTC, entry.client_id, conditional=False) is None
        assert await it.venue.query(BTC, entry.client_id, conditional=False) is not None


async def test_place_when_stops_are_not_supported_is_refused() -> None:
    async with world() as it:
        await it.venue.place(it.entry())
        it.arm(faults.RefuseWith(faults.STOP_NOT_SUPPORTED), "place_algo")
        with pytest.raises(VenueRejected, match="-4120"):
            await it.venue.place(it.stop())


async def test_reads_when_a_gateway_answers_html_are_unreachable() -> None:
    async with world() as it:
        for reply in (faults.BAD_GATEWAY_502, faults.GATEWAY_TIMEOUT_504):
            it.arm(faults.RefuseWith(reply), "open_algos")
            with pytest.raises(VenueUnreachable):
                await it.venue.conditionals()
        assert await it.venue.conditionals() == ()


@pytest.mark.parametrize("lead_ms", [-3_600_000, 3_600_000])
async def test_orders_when_our_clock_is_an_hour_off_resync_and_succeed(lead_ms: int) -> None:
    async with world(our_lead_ms=lead_ms) as it:
        assert (await it.venue.place(it.entry())).status is OrderStatus.FILLED
        assert abs(it.rest.server.now_ms() - it.sim_clock.now_ms()) < 1000 * SPEED
        snapshot = await it.venue.snapshot()
        assert len(snapshot.positions) == 1


async def test_user_stream_when_lost_in_any_way_comes_back_with_a_working_key() -> None:
    async with world() as it:
        losses: list[Callable[[], None]] = [
            lambda: it.server.close_sockets("private", 1000),
            lambda: it.server.close_sockets("private", 0),
            lambda: it.server.expire_listen_key("account"),
        ]
        for number, lose in enumerate(losses, start=1):
            lose()
            await until(lambda number=number: _count(it, AccountHeard) == number + 1)
            entry = it.entry()
            await it.venue.place(entry)
            await until(lambda entry=entry: it.filled(entry.client_id) == entry.qty)
        assert _count(it, AccountDeaf) == 3


async def test_user_stream_when_an_event_is_swallowed_is_found_deaf() -> None:
    async with world() as it:
        it.arm(faults.DropEvent(), "ORDER_TRADE_UPDATE", count=None)
        await it.venue.place(it.entry())
        await until(lambda: _count(it, AccountDeaf) == 1)
        deaf = next(event for event in it.events if isinstance(event, AccountDeaf))
        assert "not seen" in deaf.reason


async def test_user_stream_when_events_are_doubled_tells_each_once() -> None:
    async with world() as it:
        it.arm(faults.DuplicateEvent(), "ORDER_TRADE_UPDATE", count=None)
        entry = await it.venue.place(it.entry())
        await until(lambda: it.filled(entry.client_id) == entry.qty)
        trade_ids = [e.fill.trade_id for e in it.events if isinstance(e, OrderFilled)]
        assert len(trade_ids) == len(set(trade_ids))


async def test_orders_when_the_socket_is_cut_fall_back_to_rest_and_return() -> None:
    async with world() as it:
        it.arm(faults.RefuseConnection(503), "connect:ws_api", count=2)
        it.server.close_sockets("ws_api", 0)
        await until(lambda: not it.venue.is_connected)
        assert (await it.venue.place(it.entry())).status is OrderStatus.FILLED
        assert it.rest.counters.by_endpoint["post v1/order"] == 1
        await until(lambda: it.venue.is_connected)


async def test_stream_when_closed_by_the_venue_ends_normally() -> None:
    async with world(connected=False) as it:
        frames = 0
        async with asyncio.timeout(5):
            async for _ in it.market.stream([f"{BTC.lower()}@kline_1m"]):
                frames += 1
                it.server.close_sockets("market", 1001)
        assert frames >= 1


def _count(it: World, kind: type) -> int:
    return sum(isinstance(event, kind) for event in it.events)
