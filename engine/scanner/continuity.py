"""Judges each closed candle of one symbol against the one before it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from engine.domain.candle import Candle, Timeframe, flat_candle
from engine.domain.events import Origin

_MINUTE_MS = Timeframe.M1.ms
_MAX_HELD = 600  # longer outages are preloaded anew instead


class Judgement(Enum):
    """What a closed candle is to the series."""

    IN_ORDER = auto()
    DUPLICATE = auto()
    LATE = auto()
    FLAT = auto()
    GAP = auto()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A candle that may go to the core now, and where it came from."""

    candle: Candle
    origin: Origin


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgement and the candles it releases, in order."""

    judgement: Judgement
    deliveries: tuple[Delivery, ...] = ()


class Continuity:
    """Keeps one symbol's series contiguous: nothing is delivered out of order or twice.

    While a gap is open, newer candles are held and delivered after the missing ones.
    """

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.last: Candle | None = None
        self._last_trade_id = -1
        self._held: list[Candle] = []

    @property
    def is_waiting(self) -> bool:
        """True while a gap is open."""
        return bool(self._held)

    def start(self, last: Candle) -> None:
        """Continue after a preloaded series that ends with `last`."""
        self._advance(Delivery(last, Origin.PRELOAD))
        self._held.clear()

    def accept(self, candle: Candle) -> Judged:
        """Judge a live closed candle."""
        if self.last is None:
            return self._in_order(candle)
        newest = self._held[-1] if self._held else self.last
        if candle.open_time_ms == newest.open_time_ms:
            return Judged(Judgement.DUPLICATE)
        if candle.open_time_ms < newest.open_time_ms:
            return Judged(Judgement.LATE)
        if self._held:
            self._held = [*self._held, candle][-_MAX_HELD:]
            return Judged(Judgement.GAP)
        return self._extend(candle)

    def _extend(self, candle: Candle) -> Judged:
        assert self.last is not None
        expected = self.last.open_time_ms + _MINUTE_MS
        if candle.open_time_ms == expected:
            return self._in_order(candle)
        if self._nothing_traded_between(candle):
            flats = self._flats(expected, candle.open_time_ms)
            return Judged(Judgement.FLAT, (*flats, *self._in_order(candle).deliveries))
        self._held = [candle]
        return Judged(Judgement.GAP)

    def _in_order(self, candle: Candle) -> Judged:
        delivery = Delivery(candle, Origin.LIVE)
        self._advance(delivery)
        return Judged(Judgement.IN_ORDER, (delivery,))

    def _nothing_traded_between(self, candle: Candle) -> bool:
        # Consecutive trade ids prove that the missing minutes had no trade: no REST call needed.
        known = self._last_trade_id >= 0 and candle.first_trade_id >= 0
        return known and candle.first_trade_id == self._last_trade_id + 1

    def _flats(self, start_ms: int, end_ms: int) -> tuple[Delivery, ...]:
        assert self.last is not None
        price = self.last.close
        return tuple(
            Delivery(flat_candle(self.symbol, open_ms, price), Origin.FLAT)
            for open_ms in range(start_ms, end_ms, _MINUTE_MS)
        )

    @property
    def missing(self) -> tuple[int, int]:
        """Open times [from, to) to ask REST for, so that every held candle can follow."""
        assert self.last is not None
        return self.last.open_time_ms + _MINUTE_MS, self._held[-1].open_time_ms

    def fill(self, candles: Sequence[Candle], until_ms: int) -> tuple[Delivery, ...]:
        """Continue the series with what REST returned for open times before `until_ms`.

        Minutes for which the venue has no candle had no trade and are written flat. Held candles
        follow as BACKFILL, the newest as LIVE: whether it is too old to act on is the core's to
        say. Where a held candle does not follow on, the gap stays open.
        """
        if self.last is None:
            return ()
        rest = {candle.open_time_ms: candle for candle in candles}
        held = {candle.open_time_ms: candle for candle in self._held}
        newest = max(held, default=-1)
        deliveries: list[Delivery] = []
        while (open_ms := self.last.open_time_ms + _MINUTE_MS) < until_ms or open_ms in held:
            if open_ms in held:
                origin = Origin.LIVE if open_ms == newest else Origin.BACKFILL
                delivery = Delivery(held[open_ms], origin)
            elif open_ms in rest:
                delivery = Delivery(rest[open_ms], Origin.BACKFILL)
            else:
                delivery = self._flats(open_ms, open_ms + _MINUTE_MS)[0]
            self._advance(delivery)
            deliveries.append(delivery)
        self._held = [c for c in self._held if c.open_time_ms > self.last.open_time_ms]
        return tuple(deliveries)

    def _advance(self, delivery: Delivery) -> None:
        self.last = delivery.candle
        if delivery.origin is not Origin.FLAT:
            self._last_trade_id = delivery.candle.last_trade_id
