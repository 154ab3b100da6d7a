"""Where the core meets the simulated market: effects out, account events back, prices between."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import assert_never

from engine.backtest.clockwork import Clockwork, Rank
from engine.backtest.path import MinutePath, pessimistic
from engine.backtest.recorder import Recorder
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.backtest.venue import BacktestVenue
from engine.core.engine import Engine
from engine.domain.effects import (
    Acknowledge,
    CancelOrder,
    Effect,
    Notify,
    Record,
    ScoreSetups,
    SubmitOrder,
    TakeSnapshot,
    WatchPrices,
)
from engine.domain.events import (
    AccountEvent,
    Event,
    Instant,
    SetupsScored,
    SnapshotTaken,
    Ticked,
)
from engine.domain.setup import Setup
from engine.ports import Scorer

_DOUBT_MS = 10 * MINUTE_MS
"""A core that asked for the venue's truth may ask again for some minutes."""


class TradingFloor:
    """Carries effects to the venue and its news back, each `latency_ms` later.

    Attributes:
        watched: symbols in which the core has a trade.
        every_corner: show the exchange every corner of a minute, not only reached triggers.
    """

    def __init__(
        self,
        engine: Engine,
        venue: BacktestVenue,
        series: Mapping[str, SymbolSeries],
        scorer: Scorer,
        recorder: Recorder,
        *,
        latency_ms: int,
        every_corner: bool,
    ) -> None:
        self._engine = engine
        self._venue = venue
        self._series = series
        self._scorer = scorer
        self._recorder = recorder
        self._latency_ms = latency_ms
        self._every_corner = every_corner
        self._clock = Clockwork()
        self._paths: dict[str, MinutePath] = {}
        self._seen: dict[str, tuple[object, ...]] = {}
        self._busy_at_open: frozenset[str] = frozenset()
        self._setups: list[Setup] = []
        self._minute_ms = 0
        self.watched: frozenset[str] = frozenset()
        self._doubted_ms = -_DOUBT_MS

    def is_at_rest(self, now_ms: int) -> bool:
        """Whether nothing is on its way and the core has not doubted lately."""
        return not self._clock and now_ms - self._doubted_ms >= _DOUBT_MS

    @property
    def active(self) -> bool:
        """Whether anything is open, waiting or on its way."""
        return bool(self.watched or self._clock or self._venue.busy)

    # --- the core --------------------------------------------------------------------------------

    def tell(self, event: Event, now_ms: int) -> None:
        """Let the core process an event and carry out what it wants."""
        instant = Instant(now_ms, now_ms / 1000.0)
        for effect in self._engine.process(event, instant):
            self._dispatch(effect, now_ms)

    def score(self, now_ms: int) -> None:
        """Score all setups asked for since the last call, at once, and tell the core."""
        if self._setups:
            setups, self._setups = self._setups, []
            self.tell(SetupsScored(self._scorer.score(setups)), now_ms)

    def _dispatch(self, effect: Effect, now_ms: int) -> None:
        match effect:
            case Record(entry):
                self._recorder.record(entry, self._venue.slippage)
            case ScoreSetups(setups):
                self._setups.extend(setups)
            case SubmitOrder(intent):
                symbol = intent.request.symbol
                self._order(symbol, lambda now: self._venue.place(intent.request, now), now_ms)
            case CancelOrder():
                self._order(effect.symbol, lambda now: self._venue.cancel(effect, now), now_ms)
            case TakeSnapshot(book, _):
                self._doubted_ms = now_ms
                self._order(
                    "", lambda now: [SnapshotTaken(book, self._venue.snapshot(now))], now_ms
                )
            case WatchPrices(symbols):
                self.watched = symbols
            case Notify(notice):
                self._recorder.notice(notice)
            case Acknowledge():
                pass
            case _:
                assert_never(effect)

    # --- the venue -------------------------------------------------------------------------------

    def _order(
        self, symbol: str, act: Callable[[int], Sequence[AccountEvent]], now_ms: int
    ) -> None:
        self._clock.at(
            now_ms + self._latency_ms, Rank.ORDER, symbol, partial(self._arrive, symbol, act)
        )

    def _arrive(
        self, symbol: str, act: Callable[[int], Sequence[AccountEvent]], now_ms: int
    ) -> None:
        if symbol:
            price = self._price(symbol, now_ms)
            if price is not None:
                self._venue.quote(symbol, price)
        self._report(symbol, act(now_ms), now_ms)

    def _report(self, symbol: str, events: Sequence[AccountEvent], now_ms: int) -> None:
        """Send news on its way to the core and look where the price must stop next."""
        if events:
            news = tuple(events)
            self._clock.at(
                now_ms + self._latency_ms, Rank.NEWS, symbol, partial(self._deliver, news)
            )
        if symbol:
            self._replan(symbol, now_ms)

    def _deliver(self, events: Sequence[AccountEvent], now_ms: int) -> None:
        for event in events:
            self.tell(event, now_ms)

    # --- the price -------------------------------------------------------------------------------

    def begin_minute(self, open_ms: int) -> None:
        """Open the minute: prices of busy symbols start to move."""
        self._minute_ms = open_ms
        self._clock.now_ms = open_ms
        self._paths.clear()
        self._seen.clear()
        self._busy_at_open = frozenset(self._venue.busy)
        for symbol in self._venue.busy:
            if self._every_corner or not self._is_quiet(symbol):
                self._begin_path(symbol, open_ms)

    def tick_at(self, at_ms: int) -> None:
        """Let the core look at its deadlines once in the running minute."""
        self._clock.at(at_ms, Rank.NEWS, "", lambda now_ms: self.tell(Ticked(), now_ms))

    def end_minute(self) -> None:
        """Let everything happen that is due before the minute ends."""
        self._clock.run_until(self._minute_ms + MINUTE_MS)

    def fund(self, symbol: str, rate: float, at_ms: int) -> None:
        """Charge funding at a moment of the running minute if the symbol is busy then."""

        def charge(now_ms: int) -> None:
            price = self._price(symbol, now_ms)
            if price is not None and symbol in self._venue.busy:
                self._report(symbol, self._venue.fund(symbol, rate, price, now_ms), now_ms)

        self._clock.at(at_ms, Rank.FUNDING, symbol, charge)

    def _is_quiet(self, symbol: str) -> bool:
        """Whether the minute reaches no trigger; its path is then made only when asked for."""
        bounds = self._venue.bounds(symbol)
        series = self._series[symbol]
        row = series.row_of(self._minute_ms)
        if bounds is None or row < 0:
            return False
        low, high = bounds
        return bool(series.candles.low[row] > low and series.candles.high[row] < high)

    def _begin_path(self, symbol: str, now_ms: int) -> None:
        """Let the price move from the open; an entry that just filled starts its minute there."""
        path = self._make_path(symbol, now_ms)
        if path is None:
            return
        price = path.corners[0].price
        if now_ms == self._minute_ms and self._must_stop_at_open(symbol, price):
            move = partial(self._move, symbol, 0, price)
            self._clock.at(now_ms, Rank.MARKET, symbol, move)
        else:
            self._plan(symbol, path, price, now_ms)

    def _make_path(self, symbol: str, begin_ms: int) -> MinutePath | None:
        series = self._series[symbol]
        row = series.row_of(self._minute_ms)
        if row < 0:
            return None
        side = self._venue.side_of(symbol)
        path = pessimistic(self._minute_ms, series.bar(row), side, begin_ms)
        self._paths[symbol] = path
        self._seen[symbol] = self._venue.busy.get(symbol, ())
        return path

    def _must_stop_at_open(self, symbol: str, price: float) -> bool:
        """Whether the open must be shown: always, or when it gaps through a trigger."""
        return self._walks_all(symbol) or self._venue.fires_at(symbol, price)

    def _walks_all(self, symbol: str) -> bool:
        # Without a stop nothing but the margin guards the position: it must be checked throughout.
        return self._every_corner or not self._venue.is_guarded(symbol)

    def _plan(self, symbol: str, path: MinutePath, here: float, now_ms: int) -> None:
        if symbol not in self._venue.busy:
            return
        triggers = [float(one) for one in self._venue.busy[symbol]]
        point = path.next_point(now_ms, here, triggers, every=self._walks_all(symbol))
        if point is not None:
            move = partial(self._move, symbol, path.version, point.price)
            self._clock.at(point.at_ms, Rank.MARKET, symbol, move)

    def _move(self, symbol: str, version: int, price: float, now_ms: int) -> None:
        path = self._paths.get(symbol)
        if path is None or path.version != version or symbol not in self._venue.busy:
            return
        events = self._venue.move(symbol, price, now_ms)
        self._seen[symbol] = self._venue.busy.get(symbol, ())
        path.version += 1
        self._report(symbol, events, now_ms)
        self._plan(symbol, path, price, now_ms)

    def _replan(self, symbol: str, now_ms: int) -> None:
        """Plan anew when the triggers that wait have changed; start a path for a new position."""
        if symbol not in self._venue.busy:
            return
        path = self._path(symbol)
        if path is None:
            self._begin_path(symbol, now_ms)
        elif self._venue.busy[symbol] != self._seen.get(symbol):
            self._seen[symbol] = self._venue.busy[symbol]
            path.version += 1
            self._plan(symbol, path, path.price_at(now_ms), now_ms)

    def _path(self, symbol: str) -> MinutePath | None:
        """Return the symbol's path; one that reached no trigger is made when first asked for."""
        path = self._paths.get(symbol)
        if path is None and symbol in self._busy_at_open:
            return self._make_path(symbol, self._minute_ms)
        return path

    def _price(self, symbol: str, now_ms: int) -> float | None:
        """Return the price an order meets now: on its path, else the open, else the last close."""
        path = self._path(symbol)
        if path is not None:
            return path.price_at(now_ms)
        series = self._series[symbol]
        row = series.row_of(self._minute_ms)
        if row >= 0:
            return series.bar(row).open
        return series.close_before(self._minute_ms)
