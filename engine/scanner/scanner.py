"""Keeps watch over the whole universe: shards, holes, silence, listings."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from engine.domain.errors import VenueError, VenueRejected
from engine.domain.events import CandleClosed, ContractChanged, UniverseChanged
from engine.domain.instrument import Instrument
from engine.ports import Clock, FeedSink, MarketData, MarketFrame
from engine.runtime.backoff import Backoff
from engine.runtime.tasks import Supervisor
from engine.scanner.feeds import Feeds
from engine.scanner.history import History
from engine.scanner.plan import ShardPlan, plan_shards
from engine.scanner.shard import Shard, ShardTimes
from engine.scanner.silence import SilenceWatch
from engine.scanner.universe import Universe, UniverseRules, choose_universe

log = structlog.get_logger(__name__)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerConfig:
    """How the universe is watched; seconds are wall seconds."""

    rules: UniverseRules = field(default_factory=UniverseRules)
    symbols_per_shard: int = 50
    times: ShardTimes = field(default_factory=ShardTimes)


class Scanner:
    """Owns the shards of the universe and delivers complete series to the sink."""

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        tasks: Supervisor,
        sink: FeedSink,
        rng: random.Random,
        config: ScannerConfig,
    ) -> None:
        self._market = market
        self._clock = clock
        self._tasks = tasks
        self._sink = sink
        self._rng = rng
        self._config = config
        self.feeds = Feeds(clock, sink)
        self._history = History(market, self.feeds, rng)
        self._silence = SilenceWatch(clock, self.feeds, self._history, self._drop_shard_of)
        self._instruments: tuple[Instrument, ...] = ()
        self._volumes: dict[str, float] = {}
        self.universe = Universe((), {}, {})
        self.shards: list[Shard] = []
        self._shard_of: dict[str, Shard] = {}
        self._runs: dict[Shard, asyncio.Task[None]] = {}
        self._closed_reconnects = 0
        self._later_shards = 0
        self._refreshing = False
        self._refresh_again = False

    async def start(self, progress: Callable[[int, int], None]) -> None:
        """Choose the universe, connect, load history; returns when every symbol is loaded.

        A venue out of reach is asked until it answers: meanwhile the account is looked after.

        Raises:
            VenueRejected: the venue refuses us, e.g. in this region.
        """
        self._instruments = await self._patiently(self._market.instruments)
        self._volumes = await self._patiently(self._read_volumes)
        universe = self._choose()
        self._adopt(universe)
        self._open(plan_shards(universe.symbols, self._config.symbols_per_shard))
        self._open_announcements()
        await self._history.preload(universe.symbols, progress)
        self._mend_and_lighten(universe.symbols)
        self._tasks.restarting("silence-watch", self._silence.run)

    async def _patiently(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        backoff = Backoff(self._rng, base_s=0.5)
        while True:
            try:
                return await ask()
            except VenueRejected:
                raise
            except VenueError as error:
                log.warning("universe.retry", reason=str(error))
                await asyncio.sleep(backoff.next_delay())

    @property
    def reconnects(self) -> int:
        """Connections made beyond the first of each shard."""
        return self._closed_reconnects + sum(shard.reconnects for shard in self.shards)

    async def refresh_listings(self) -> None:
        """Read the contracts again: one request. New symbols get shards, delisted ones leave.

        Raises:
            VenueError: the list could not be read; the old one stays.
        """
        self._instruments = await self._market.instruments()
        await self._change(self._choose())

    async def refresh_volumes(self) -> None:
        """Read the 24 h volumes again: one request.

        Raises:
            VenueError: they could not be read; the old ones stay.
        """
        self._volumes = await self._read_volumes()
        await self._change(self._choose())

    async def _change(self, universe: Universe) -> None:
        known = self.feeds.symbols
        fresh = tuple(s for s in universe.symbols if s not in known)
        self._adopt(universe)
        self.feeds.remove(known - set(universe.symbols))
        self._close_idle_shards()
        if fresh:
            # In the background: loading asks until it is answered, and whoever refreshes has
            # more to do, such as comparing stops.
            self._tasks.once("new symbols", self._add(fresh))

    def _close_idle_shards(self) -> None:
        """End connections of which no symbol is scanned any more, or they would pile up."""
        wanted = self.feeds.symbols
        carrying = {shard for symbol, shard in self._shard_of.items() if symbol in wanted}
        for shard in [shard for shard in self.shards if shard not in carrying]:
            self._runs.pop(shard).cancel()
            self.shards.remove(shard)
            self._closed_reconnects += shard.reconnects
        self._shard_of = {s: shard for s, shard in self._shard_of.items() if s in wanted}

    async def _add(self, symbols: Sequence[str]) -> None:
        plans = plan_shards(symbols, self._config.symbols_per_shard)
        self._later_shards += 1
        self._open([ShardPlan(f"{p.name}-of-{self._later_shards}", p.symbols) for p in plans])
        await self._history.preload(symbols, lambda _done, _total: None)
        self._mend_and_lighten(symbols)

    async def _read_volumes(self) -> dict[str, float]:
        return {t.symbol: t.quote_volume for t in await self._market.tickers()}

    def _choose(self) -> Universe:
        now_ms = self._clock.exchange_ms()
        return choose_universe(self._instruments, self._volumes, self._config.rules, now_ms)

    def _adopt(self, universe: Universe) -> None:
        self.universe = universe
        self.feeds.add(universe.symbols)
        self._sink(
            UniverseChanged(universe.instruments, universe.quote_volume_24h, universe.excluded)
        )

    def _open(self, plans: Sequence[ShardPlan]) -> None:
        for plan in plans:
            shard = self._shard(plan)
            self.shards.append(shard)
            self._shard_of.update(dict.fromkeys(plan.symbols, shard))
            self._runs[shard] = self._tasks.restarting(plan.name, shard.run)

    def _shard(self, plan: ShardPlan) -> Shard:
        return Shard(
            plan.name,
            plan.streams,
            self._market,
            self._clock,
            self._rng,
            on_frame=self._on_frame,
            on_up=lambda: self._mend_and_lighten(plan.symbols),
            on_down=lambda reason: self.feeds.darken(plan.symbols, reason),
            times=self._config.times,
        )

    def _open_announcements(self) -> None:
        # Silence is normal on this stream: listings are rare, so it never counts as stalled.
        patient = ShardTimes(stalled_after_s=self._config.times.renew_after_s * 2)
        announcements = Shard(
            "announcements",
            ("!contractInfo",),
            self._market,
            self._clock,
            self._rng,
            on_frame=self._on_announcement,
            on_up=lambda: None,
            on_down=lambda _reason: None,
            times=patient,
        )
        self._tasks.restarting("announcements", announcements.run)

    def _on_frame(self, frame: MarketFrame) -> None:
        event = frame.event
        if isinstance(event, CandleClosed):
            if self.feeds.receive(event.candle, frame.received_at):
                self._tasks.once("mend", self._mend(event.candle.symbol))
        elif event is not None:
            self._sink(event)

    def _on_announcement(self, frame: MarketFrame) -> None:
        if isinstance(frame.event, ContractChanged):
            self._sink(frame.event)
            self._tasks.once("refresh-listings", self._refresh_quietly())

    async def _refresh_quietly(self) -> None:
        """Read the contracts once for all that is announced meanwhile, and once more at its end."""
        self._refresh_again = True
        if self._refreshing:
            return
        self._refreshing = True
        try:
            while self._refresh_again:
                self._refresh_again = False
                await self.refresh_listings()
        except VenueError as error:
            log.warning("universe.refresh_failed", reason=str(error))
        finally:
            self._refreshing = False

    def _mend_and_lighten(self, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            if self.feeds.missing(symbol) is None:
                self.feeds.lighten((symbol,))
            else:
                self._tasks.once("mend", self._mend(symbol))

    async def _mend(self, symbol: str) -> None:
        await self._history.mend(symbol)
        self.feeds.lighten((symbol,))

    def _drop_shard_of(self, symbol: str) -> None:
        shard = self._shard_of.get(symbol)
        if shard is not None:
            shard.drop()
