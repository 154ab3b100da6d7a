"""What the core was told, in order: from a recording exactly, from plain candles as assumed."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.backtest.series import SymbolSeries
from engine.domain.candle import Candle, Timeframe
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    Event,
    FeedBlind,
    FeedSeeing,
    Origin,
    PriceMoved,
    QuoteMoved,
    ScorerChanged,
    SymbolPrepared,
    Ticked,
    UniverseChanged,
)
from engine.domain.instrument import Instrument
from engine.smc.frame import CandleArrays
from storage.codec import decoder
from storage.recording import Recording
from storage.tape_rows import CandleRow

MINUTE_MS = Timeframe.M1.ms
HOUR_MS = 60 * MINUTE_MS
UNIVERSE_MS = 2 * HOUR_MS
PRELOAD_MINUTES = 498
"""Closed minutes the scanner loads at a start."""
_TOLD_AFTER_MS = 300
"""How long after a minute its candle is assumed to be told: the journal's times lie there."""


NO_QUOTES: Mapping[int, Sequence[QuoteMoved]] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """Events of one exchange moment; `score` ends a drain: what was asked for is scored now."""

    at_ms: int
    events: tuple[Event, ...]
    score: bool = False


class History:
    """All candles there are, by symbol; where the core's history and the market's prices come from.

    Rows are sorted by open time, each minute once.
    """

    def __init__(self, candles: Mapping[str, Sequence[Candle]]) -> None:
        self._candles = {symbol: tuple(found) for symbol, found in candles.items() if found}
        self._times = {
            symbol: [one.open_time_ms for one in found] for symbol, found in self._candles.items()
        }

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol, sorted."""
        return tuple(sorted(self._candles))

    @property
    def first_ms(self) -> int:
        """Open time of the oldest minute."""
        return min(times[0] for times in self._times.values())

    @property
    def end_ms(self) -> int:
        """Close of the newest minute."""
        return max(times[-1] for times in self._times.values()) + MINUTE_MS

    def between(self, symbol: str, first_ms: int, last_ms: int) -> tuple[Candle, ...]:
        """Return the minutes that open in [first_ms, last_ms]."""
        times = self._times.get(symbol, [])
        start, end = bisect_left(times, first_ms), bisect_right(times, last_ms)
        return self._candles[symbol][start:end] if start < end else ()

    def at(self, symbol: str, open_ms: int) -> Candle | None:
        """Return one minute, None where it is not known."""
        found = self.between(symbol, open_ms, open_ms)
        return found[0] if found else None

    def series(self) -> dict[str, SymbolSeries]:
        """Return the same as arrays, for the matching engine."""
        return {symbol: _series(symbol, found) for symbol, found in self._candles.items()}


def history_of(recording: Recording) -> History:
    """Return the recorded candles."""
    by_symbol: dict[str, list[Candle]] = {}
    for row in recorded_rows(recording):
        by_symbol.setdefault(row.symbol, []).append(_candle(row))
    for found in by_symbol.values():
        found.sort(key=lambda candle: candle.open_time_ms)
    return History(by_symbol)


def recorded_rows(recording: Recording) -> Iterator[CandleRow]:
    """Yield the candle rows as they are stored, times in milliseconds."""
    columns = [
        recording.candles["open_time"].dt.epoch("ms")
        if name == "open_time"
        else recording.candles[name]
        for name in CandleRow._fields
    ]
    for values in zip(*(column.to_list() for column in columns), strict=True):
        yield CandleRow(*values)


def recorded_steps(recording: Recording, history: History, run: int) -> Iterator[Step]:
    """Yield what one run was told, in the order in which it was."""
    rows = sorted(
        (
            row
            for row in recorded_rows(recording)
            if row.run == run and row.origin != Origin.PRELOAD.value
        ),
        key=lambda row: row.seq,
    )
    told: list[tuple[int, Step]] = [
        (row.seq, Step(row.arrived_ms, (CandleClosed(_candle(row), Origin(row.origin), 0.0),)))
        for row in rows
    ]
    listed: dict[str, Instrument] = {}
    told += [
        (mark.seq, _marked(mark.kind, mark.data, mark.at_ms, history, listed))
        for mark in recording.marks
        if mark.run == run
    ]
    for _seq, step in sorted(told, key=lambda pair: pair[0]):
        yield step


def recorded_instruments(recording: Recording) -> dict[str, Instrument]:
    """Return every contract the recording names, as it was last."""
    decode = decoder(Instrument)
    found: dict[str, Instrument] = {}
    for mark in recording.marks:
        if mark.kind == "universe":
            fresh = [decode(one) for one in mark.data["fresh"]]
            found.update({one.symbol: one for one in fresh})
    return found


def assumed_steps(
    history: History,
    series: Mapping[str, SymbolSeries],
    instruments: Mapping[str, Instrument],
    begin_ms: int,
    end_ms: int,
    quotes: Mapping[int, Sequence[QuoteMoved]] = NO_QUOTES,
) -> Iterator[Step]:
    """Yield what a run would have been told of these candles if nothing had gone wrong.

    Args:
        history: the candles.
        series: the same as arrays.
        instruments: the contracts.
        begin_ms: the run's start.
        end_ms: its end.
        quotes: quotes that are known, by the minute at whose beginning they are told.
    """
    symbols = history.symbols
    yield Step(begin_ms, (_universe(series, instruments, begin_ms),))
    newest = begin_ms - begin_ms % MINUTE_MS - MINUTE_MS
    oldest = newest - (PRELOAD_MINUTES - 1) * MINUTE_MS
    for symbol in symbols:
        for candle in history.between(symbol, oldest, newest):
            yield Step(begin_ms, (CandleClosed(candle, Origin.PRELOAD, 0.0),))
    for minute_ms in range(newest + 2 * MINUTE_MS, end_ms + 1, MINUTE_MS):
        at_ms = minute_ms + _TOLD_AFTER_MS
        if minute_ms % HOUR_MS == 0:
            yield Step(at_ms, (Ticked(),))
        if minute_ms % UNIVERSE_MS == 0:
            yield Step(at_ms, (_universe(series, instruments, minute_ms),))
        closed = [history.at(symbol, minute_ms - MINUTE_MS) for symbol in symbols]
        events = tuple(CandleClosed(one, Origin.LIVE, 0.0) for one in closed if one is not None)
        yield Step(at_ms, (*quotes.get(minute_ms, ()), *events), score=True)


def _universe(
    series: Mapping[str, SymbolSeries], instruments: Mapping[str, Instrument], at_ms: int
) -> UniverseChanged:
    whole_ms = at_ms - at_ms % MINUTE_MS
    volumes = {symbol: one.day_volume(whole_ms) for symbol, one in series.items()}
    return UniverseChanged(tuple(instruments[symbol] for symbol in sorted(series)), volumes, {})


def _marked(
    kind: str, data: dict[str, Any], at_ms: int, history: History, listed: dict[str, Instrument]
) -> Step:
    match kind:
        case "preload":
            found = history.between(data["symbol"], data["first"], data["last"])
            return Step(at_ms, tuple(CandleClosed(one, Origin.PRELOAD, 0.0) for one in found))
        case "scored":
            return Step(at_ms, tuple(_prices(data, at_ms)), score=True)
        case "universe":
            listed.update({one["symbol"]: decoder(Instrument)(one) for one in data["fresh"]})
            for symbol in data["gone"]:
                listed.pop(symbol, None)
            volumes = {symbol: float(volume) for symbol, volume in data["volumes"].items()}
            return Step(at_ms, (UniverseChanged(tuple(listed.values()), volumes, {}),))
        case "blind":
            return Step(at_ms, (FeedBlind(frozenset(data["symbols"]), data["reason"]),))
        case "seeing":
            return Step(at_ms, (FeedSeeing(frozenset(data["symbols"])),))
        case "prepared":
            return Step(at_ms, (decoder(SymbolPrepared)(data),))
        case "contract":
            return Step(at_ms, (decoder(ContractChanged)(data),))
        case "scorer":
            return Step(at_ms, (decoder(ScorerChanged)(data),))
        case _:
            return Step(at_ms, (Ticked(),))


def _prices(data: dict[str, Any], at_ms: int) -> Iterator[Event]:
    """What the gate saw at that moment: quotes where there were any, last prices."""
    for symbol, (bid, ask, quoted_ms) in data["quotes"].items():
        yield QuoteMoved(symbol, bid, ask, quoted_ms)
    for symbol, last in data["last"].items():
        yield PriceMoved(symbol, last, at_ms)


def _candle(row: CandleRow) -> Candle:
    return Candle(
        symbol=row.symbol,
        open_time_ms=row.open_time,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=row.volume,
        quote_volume=row.quote_volume,
        trades=row.trades,
    )


def _series(symbol: str, candles: Sequence[Candle]) -> SymbolSeries:
    names = ("open", "high", "low", "close", "quote_volume")
    columns = {name: np.array([getattr(one, name) for one in candles]) for name in names}
    times = np.array([one.open_time_ms for one in candles], dtype=np.int64)
    return SymbolSeries(symbol=symbol, open_ms=times, candles=CandleArrays(**columns))
