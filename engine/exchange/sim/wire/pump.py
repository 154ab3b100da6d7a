"""The heart beat: moves market and exchange with the clock and pushes what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.market import Market, MarketStep
from engine.exchange.sim.wire.hub import StreamHub
from engine.exchange.sim.wire.interval_frames import IntervalFrames
from engine.exchange.sim.wire.kline_frames import KlineFrames
from engine.exchange.sim.wire.ticker_frames import TickerFrames
from engine.exchange.sim.wire.user_stream import UserStreams

EVERY_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Beat:
    """Something published every so many wall seconds."""

    every_s: float
    publish: Callable[[int], None]


class Pump:
    """Runs every quarter second of wall time and exactly at each minute of exchange time.

    Order within a beat: the market moves, the exchange matches and triggers, closing candles go
    out, user events go out, then open candles and tickers. All of it is synchronous on the loop;
    there is no task that could die: an error stops the pump and is handed to `on_error`.
    """

    def __init__(
        self,
        exchange: Exchange,
        market: Market,
        clock: SimClock,
        hub: StreamHub,
        users: UserStreams,
        *,
        loop: asyncio.AbstractEventLoop,
        on_error: Callable[[Exception], None],
        each_second: Callable[[int], None] = lambda _: None,
        every_s: float = EVERY_S,
    ) -> None:
        """Schedule on `loop`, whose time must be the clock's.

        Args:
            exchange: matches and triggers on every step.
            market: moves by at most one minute a step.
            clock: exchange time.
            hub: where frames are queued.
            users: where user events are queued.
            loop: runs the timers.
            on_error: told about the error that stopped the pump.
            each_second: housekeeping once a wall second, given exchange time.
            every_s: wall seconds between beats.
        """
        self._exchange = exchange
        self._market = market
        self._clock = clock
        self._hub = hub
        self._users = users
        self._loop = loop
        self._on_error = on_error
        self._every_s = every_s
        self._klines = KlineFrames(market.rules)
        self._intervals = IntervalFrames(market)
        self._tickers = TickerFrames(market)
        self._timer: asyncio.TimerHandle | None = None
        self._next_grid = 0.0
        self._step: MarketStep | None = None
        self._beats = [
            _Beat(1.0, each_second),
            _Beat(1.0, self._each_second),
            _Beat(2.0, self._each_two_seconds),
            _Beat(3.0, self._each_three_seconds),
            _Beat(5.0, self._each_five_seconds),
        ]
        self._due = [0.0] * len(self._beats)

    def start(self) -> None:
        """Begin beating now."""
        self._next_grid = self._loop.time()
        self._schedule()

    def stop(self) -> None:
        """Stop beating."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def advance(self, to_ms: int) -> None:
        """Move market and exchange to `to_ms`, minute by minute, pushing closes and user events."""
        while self._market.now_ms < to_ms:
            step = self._step = self._market.advance(to_ms)
            self._match(step)
            self._publish_step(step)

    def _schedule(self) -> None:
        boundary_ms = (self._market.now_ms // MINUTE_MS + 1) * MINUTE_MS
        boundary = self._clock.wall_at(boundary_ms)
        if boundary < self._next_grid:
            self._timer = self._loop.call_at(boundary, self._beat, boundary_ms)
        else:
            self._timer = self._loop.call_at(self._next_grid, self._beat, None)

    def _beat(self, boundary_ms: int | None) -> None:
        try:
            # A timer may fire a hair early; a boundary beat must still reach the boundary.
            self.advance(max(self._clock.now_ms(), boundary_ms or 0))
            wall = self._loop.time()
            self._publish_due(wall)
            self._hub.flush()
        except Exception as error:  # noqa: BLE001 - handed on; a dead pump must not go unnoticed
            self._on_error(error)
            return
        if boundary_ms is None:
            late = max(0.0, wall - self._next_grid)
            self._next_grid += self._every_s * (1 + late // self._every_s)
        self._schedule()

    def _match(self, step: MarketStep) -> None:
        now_ms = step.time_ms
        for rule in step.contract_changes:
            # A listing opens for orders; an ending contract is settled by the exchange itself.
            if rule.status == "TRADING":
                self._exchange.world.rules[rule.symbol] = rule
        for symbol in sorted(self._exchange.symbols_of_interest()):
            self._exchange.on_tick(symbol, self._market.tick(symbol), now_ms)
        for charge in self._market.funding_due(now_ms):
            self._exchange.apply_funding(charge.symbol, charge.rate, charge.mark, charge.time_ms)
        self._exchange.advance(now_ms)

    def _publish_step(self, step: MarketStep) -> None:
        hub, now_ms = self._hub, step.time_ms
        if step.closed is not None:
            closed = step.closed
            self._klines.publish(hub, closed, closed.traded, now_ms, closed=True)
            self._intervals.publish(hub, step)
        self._users.publish(self._exchange.drain_events())
        for rule in step.contract_changes:
            self._tickers.contract_change(hub, rule, now_ms)
        if step.closed is None:
            self._klines.publish(
                hub, self._market.open_candles(), step.traded, now_ms, closed=False
            )
            self._intervals.publish(hub, step)

    def _publish_due(self, wall: float) -> None:
        now_ms = self._market.now_ms
        if self._step is not None:
            self._tickers.changed_books(self._hub, self._step)
        for number, beat in enumerate(self._beats):
            if wall >= self._due[number]:
                self._due[number] = wall + beat.every_s
                beat.publish(now_ms)

    def _each_second(self, now_ms: int) -> None:
        self._tickers.mark_prices(self._hub, now_ms, "@markPrice@1s")
        self._tickers.all_day_tickers(self._hub, now_ms)

    def _each_two_seconds(self, now_ms: int) -> None:
        self._tickers.day_tickers(self._hub, now_ms)

    def _each_three_seconds(self, now_ms: int) -> None:
        self._tickers.mark_prices(self._hub, now_ms, "@markPrice")

    def _each_five_seconds(self, _now_ms: int) -> None:
        if self._step is not None:
            self._tickers.all_books(self._hub, self._step)
