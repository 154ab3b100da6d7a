"""The cross-section of every minute of recorded candles; equal to what the live core computes."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.setup import MarketContext
from engine.smc.cross_section import (
    BTC,
    LEAST_SYMBOLS,
    LONG_MINUTES,
    LOOK_BACK_MS,
    MINUTE_MS,
    MOST_MOVE,
    MOVE_SCALE,
    SHORT_MINUTES,
)

Times = NDArray[np.int64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
NONE = np.iinfo(np.int32).min
"""Stands for a move that is not known."""
MARKET_COLUMNS: tuple[str, ...] = tuple(MarketContext.__dataclass_fields__)


class Pulse(NamedTuple):
    """What one symbol adds to the market: by open time of a minute its moves up to its close."""

    open_ms: Times
    short: Ints
    long: Ints


def pulse_of(open_ms: Times, close: Floats) -> Pulse:
    """Return the pulse of a symbol's minutes; open times rise strictly, holes are allowed."""
    return Pulse(
        open_ms, _moves(open_ms, close, SHORT_MINUTES), _moves(open_ms, close, LONG_MINUTES)
    )


def _moves(open_ms: Times, close: Floats, minutes: int) -> Ints:
    moves = np.full(len(close), NONE, dtype=np.int32)
    if len(close) > minutes:
        ratio = np.clip(close[minutes:] / close[:-minutes] - 1.0, -MOST_MOVE, MOST_MOVE)
        # Rows rise by whole minutes, so this many of them last this long only without a hole.
        whole = open_ms[minutes:] - open_ms[:-minutes] == minutes * MINUTE_MS
        moves[minutes:] = np.where(whole, np.rint(ratio * MOVE_SCALE), NONE)
    return moves


class MarketTable:
    """Adds up pulses of any number of symbols, in any order; memory is that of the minutes."""

    def __init__(self) -> None:
        self._first_ms = 0
        self._known = np.zeros(0, np.int32)
        self._long_known = np.zeros(0, np.int32)
        self._balance = np.zeros(0, np.int32)
        self._total = np.zeros(0, np.int64)
        self._long_total = np.zeros(0, np.int64)
        self._btc = np.zeros(0, np.int32)

    @classmethod
    def of(cls, pulses: Iterable[tuple[str, Pulse]]) -> "MarketTable":
        """Return the table of symbols with their pulses."""
        table = cls()
        for symbol, pulse in pulses:
            table.add(symbol, pulse)
        return table

    def add(self, symbol: str, pulse: Pulse) -> None:
        """Add a symbol."""
        if not len(pulse.open_ms):
            return
        self._cover(int(pulse.open_ms[0]), int(pulse.open_ms[-1]))
        # A symbol has each minute once, so plain fancy indexing adds every row.
        at = (pulse.open_ms - self._first_ms) // MINUTE_MS
        known, long_known = pulse.short != NONE, pulse.long != NONE
        self._known[at] += known
        self._long_known[at] += long_known
        self._balance[at] += np.where(known, np.sign(pulse.short), 0)
        self._total[at] += np.where(known, pulse.short, 0)
        self._long_total[at] += np.where(long_known, pulse.long, 0)
        if symbol == BTC:
            self._btc[at] = pulse.short

    def _cover(self, first_ms: int, last_ms: int) -> None:
        """Make room for minutes from one open time to another."""
        if not len(self._known):
            self._first_ms = first_ms
        before = max(0, (self._first_ms - first_ms) // MINUTE_MS)
        end_ms = self._first_ms + len(self._known) * MINUTE_MS
        after = max(0, (last_ms + MINUTE_MS - end_ms) // MINUTE_MS)
        if not before and not after:
            return
        self._first_ms -= before * MINUTE_MS
        for name in ("_known", "_long_known", "_balance", "_total", "_long_total"):
            setattr(self, name, np.pad(getattr(self, name), (before, after)))
        self._btc = np.pad(self._btc, (before, after), constant_values=NONE)

    def columns(self, pulse: Pulse, proved_at_ms: Times) -> dict[str, Floats]:
        """Return the fields of `MarketContext` of Setups as columns, NaN where unknown.

        Args:
            pulse: of the Setups' symbol.
            proved_at_ms: when they were proved.
        """
        at_ms = proved_at_ms - LOOK_BACK_MS
        market = self._market(at_ms)
        row = np.searchsorted(pulse.open_ms, at_ms)
        found = row < len(pulse.open_ms)
        found[found] = pulse.open_ms[row[found]] == at_ms[found]
        row = np.where(found, row, 0)
        return {
            "symbol_return_15m": _own(pulse.short, row, found),
            "symbol_return_60m": _own(pulse.long, row, found),
            **market,
        }

    def _market(self, at_ms: Times) -> Mapping[str, Floats]:
        at = (at_ms - self._first_ms) // MINUTE_MS
        inside = (at >= 0) & (at < len(self._known))
        at = np.where(inside, at, 0)

        def taken(column: NDArray[np.int32] | NDArray[np.int64], absent: int = 0) -> Floats:
            if not len(column):
                return np.full(len(at), float(absent))
            return np.where(inside, column[at], absent).astype(np.float64)

        known, long_known = taken(self._known), taken(self._long_known)
        btc = taken(self._btc, NONE)
        with np.errstate(divide="ignore", invalid="ignore"):
            short = taken(self._total) / known / MOVE_SCALE
            long = taken(self._long_total) / long_known / MOVE_SCALE
            breadth = 0.5 + taken(self._balance) / (2 * known)
        return {
            "market_return_15m": np.where(known >= LEAST_SYMBOLS, short, np.nan),
            "market_return_60m": np.where(long_known >= LEAST_SYMBOLS, long, np.nan),
            "btc_return_15m": np.where(btc == NONE, np.nan, btc / MOVE_SCALE),
            "breadth_15m": np.where(known >= LEAST_SYMBOLS, breadth, np.nan),
        }

    def contexts(self, pulse: Pulse, proved_at_ms: Times) -> list[MarketContext]:
        """Return the contexts of Setups as values, one each."""
        columns = self.columns(pulse, proved_at_ms)
        rows = zip(*(columns[name].tolist() for name in MARKET_COLUMNS), strict=True)
        return [
            MarketContext(
                **{
                    name: None if value != value else value  # noqa: PLR0124 - only NaN differs
                    for name, value in zip(MARKET_COLUMNS, row, strict=True)
                }
            )
            for row in rows
        ]


def _own(moves: Ints, row: NDArray[np.intp], found: NDArray[np.bool_]) -> Floats:
    if not len(moves):
        return np.full(len(row), np.nan)
    known = found & (moves[row] != NONE)
    return np.where(known, moves[row] / MOVE_SCALE, np.nan)
