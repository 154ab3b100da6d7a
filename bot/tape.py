"""What decides about signals, heard beside the core and turned into rows and marks. No I/O."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.effects import Effect, ScoreSetups
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    Event,
    FeedBlind,
    FeedSeeing,
    Instant,
    Origin,
    PriceMoved,
    QuoteMoved,
    ScorerChanged,
    SetupsScored,
    SymbolPrepared,
    Ticked,
    UniverseChanged,
)
from engine.domain.instrument import Instrument
from engine.runtime.loop import Processor
from storage.codec import encoder
from storage.tape_rows import HOUR_MS, CandleRow, Mark

MOST_ROWS = 60_000
"""Rows kept while the disk refuses them; the oldest beyond are dropped and counted.

530 symbols make 530 rows a minute: 60,000 are 113 minutes, time to make room on a disk. A row takes
about 450 bytes (a tuple of 13, six floats, five integers of its own), so all of them 27 MB. The
history of a first start, 530 x 499 = 264,470 rows, is more: it is whole only if its first writing
succeeds.
"""


class Tape:
    """Turns the core's events into rows and marks; no I/O, no clock.

    Args:
        run: number of this start.
        newest: open time of the newest minute on disk by symbol: those are not recorded again.
    """

    def __init__(self, run: int, newest: Mapping[str, int]) -> None:
        self._run = run
        self._newest = dict(newest)
        self._seq = 0
        self._hour = -1
        self._last: dict[str, float] = {}
        self._quotes: dict[str, QuoteMoved] = {}
        self._instruments: dict[str, Instrument] = {}
        self._loading: dict[str, list[int]] = {}
        self._asked: set[str] = set()
        self.rows: deque[CandleRow] = deque()
        self.marks: deque[Mark] = deque()
        self.dropped = 0
        self._listeners: dict[type, Callable[[Any, Instant], None]] = {
            CandleClosed: self._candle,
            PriceMoved: self._price,
            QuoteMoved: self._quote,
            Ticked: self._tick,
            SetupsScored: self._scored,
            FeedBlind: self._blind,
            FeedSeeing: self._seeing,
            UniverseChanged: self._universe,
            SymbolPrepared: self._prepared,
            ContractChanged: self._contract,
            ScorerChanged: self._scorer,
        }

    def hear(self, event: Event, now: Instant, effects: list[Effect]) -> None:
        """Take in an event that the core has processed, and what came of it."""
        listener = self._listeners.get(type(event))
        if listener is not None:
            listener(event, now)
        for effect in effects:
            if isinstance(effect, ScoreSetups):
                self._asked.update(setup.symbol for setup in effect.setups)

    def take(self, now: Instant) -> tuple[list[CandleRow], list[Mark]]:
        """Return everything not taken yet, and forget it."""
        self._loaded(now)
        taken = list(self.rows), list(self.marks)
        self.rows.clear()
        self.marks.clear()
        return taken

    def put_back(self, rows: list[CandleRow], marks: list[Mark]) -> None:
        """Keep what could not be written for the next attempt, within the bound."""
        self.rows.extendleft(reversed(rows))
        self.marks.extendleft(reversed(marks))
        for waiting in (self.rows, self.marks):
            while len(waiting) > MOST_ROWS:
                waiting.popleft()
                self.dropped += 1

    def _candle(self, event: CandleClosed, now: Instant) -> None:
        candle = event.candle
        symbol, open_ms = candle.symbol, candle.open_time_ms
        self._last[symbol] = candle.close
        if event.origin is Origin.PRELOAD:
            self._loading.setdefault(symbol, [open_ms, open_ms])[1] = open_ms
        elif symbol in self._loading:
            self._loaded(now)
        if open_ms <= self._newest.get(symbol, -1):
            return
        self._newest[symbol] = open_ms
        self.rows.append(
            CandleRow(
                symbol,
                open_ms,
                candle.open,
                candle.high,
                candle.low,
                candle.close,
                candle.volume,
                candle.quote_volume,
                candle.trades,
                self._run,
                self._next(),
                now.exchange_ms,
                event.origin.value,
            )
        )

    def _loaded(self, now: Instant) -> None:
        """Say which minutes came as history: those on disk already have no row of this run."""
        for symbol, (first, last) in self._loading.items():
            self._mark("preload", {"symbol": symbol, "first": first, "last": last}, now)
        self._loading.clear()

    def _price(self, event: PriceMoved, _now: Instant) -> None:
        self._last[event.symbol] = event.price

    def _quote(self, event: QuoteMoved, _now: Instant) -> None:
        self._quotes[event.symbol] = event

    def _tick(self, _event: Ticked, now: Instant) -> None:
        """Only the first of an hour decides anything: the threshold is reckoned anew."""
        hour = now.exchange_ms // HOUR_MS
        if hour != self._hour:
            self._hour = hour
            self._mark("tick", {}, now)

    def _blind(self, event: FeedBlind, now: Instant) -> None:
        data = {"symbols": sorted(event.symbols), "reason": event.reason}
        self._mark("blind", data, now)

    def _seeing(self, event: FeedSeeing, now: Instant) -> None:
        self._loaded(now)
        self._mark("seeing", {"symbols": sorted(event.symbols)}, now)

    def _prepared(self, event: SymbolPrepared, now: Instant) -> None:
        self._mark("prepared", encoder(SymbolPrepared)(event), now)

    def _contract(self, event: ContractChanged, now: Instant) -> None:
        self._mark("contract", encoder(ContractChanged)(event), now)

    def _scorer(self, event: ScorerChanged, now: Instant) -> None:
        self._mark("scorer", encoder(ScorerChanged)(event), now)

    def _scored(self, _event: SetupsScored, now: Instant) -> None:
        """Keep the prices the gate saw; quotes exist for symbols with trades only."""
        known = sorted(self._asked)
        quotes = {
            symbol: [quote.bid, quote.ask, quote.event_time_ms]
            for symbol in known
            if (quote := self._quotes.get(symbol)) is not None
        }
        last = {symbol: self._last[symbol] for symbol in known if symbol in self._last}
        self._asked.clear()
        self._mark("scored", {"quotes": quotes, "last": last}, now)

    def _universe(self, event: UniverseChanged, now: Instant) -> None:
        listed = {one.symbol: one for one in event.instruments}
        fresh = [one for one in event.instruments if self._instruments.get(one.symbol) != one]
        gone = sorted(self._instruments.keys() - listed.keys())
        self._instruments = listed
        data: dict[str, Any] = {
            "fresh": [encoder(Instrument)(one) for one in fresh],
            "gone": gone,
            "volumes": {s: round(v) for s, v in event.quote_volume_24h.items() if s in listed},
        }
        self._mark("universe", data, now)

    def _mark(self, kind: str, data: dict[str, Any], now: Instant) -> None:
        self.marks.append(
            Mark(run=self._run, seq=self._next(), at_ms=now.exchange_ms, kind=kind, data=data)
        )

    def _next(self) -> int:
        self._seq += 1
        return self._seq


class Watched:
    """The core, with a tape listening."""

    def __init__(self, core: Processor, tape: Tape) -> None:
        self._core = core
        self._tape = tape

    def process(self, event: Event, now: Instant) -> list[Effect]:
        """Return the core's effects."""
        effects = self._core.process(event, now)
        self._tape.hear(event, now, effects)
        return effects
