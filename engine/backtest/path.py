"""How a price is taken to move within a minute: to the bad extreme first, then to the good one.

A candle does not tell the order of its extremes. The pessimistic one is assumed, so that a stop is
always reached before a target that lies in the same minute. The price moves in three straight
lines of 20 s; an order that arrives meets the price of that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.backtest.series import MINUTE_MS, Bar

_LEG_MS = MINUTE_MS // 3
_LAST_MS = MINUTE_MS - 1


@dataclass(frozen=True, slots=True)
class Point:
    """A price and the exchange time at which it is reached."""

    at_ms: int
    price: float


@dataclass(slots=True)
class MinutePath:
    """The way of one symbol through one minute.

    Attributes:
        corners: where the straight lines meet, oldest first, the close last.
        version: grows when the plan is made anew; events of older plans are void.
    """

    corners: tuple[Point, ...]
    version: int = 0

    def price_at(self, now_ms: int) -> float:
        """Return the price at a moment of the minute."""
        for start, end in pairwise(self.corners):
            if now_ms < end.at_ms:
                return _between(start, end, max(now_ms, start.at_ms))
        return self.corners[-1].price

    def next_point(
        self, now_ms: int, here: float, triggers: Sequence[float], *, every: bool
    ) -> Point | None:
        """Return where the price must be shown to the exchange next, None if nowhere any more.

        Args:
            now_ms: the moment of the plan.
            here: the price then.
            triggers: trigger prices that wait in the symbol.
            every: stop at every corner; False stops at triggers only.
        """
        at = max(i for i, corner in enumerate(self.corners) if i == 0 or corner.at_ms <= now_ms)
        for start, end in pairwise(self.corners[at:]):
            ahead = [price for price in triggers if _lies_between(here, price, end.price)]
            if ahead:
                nearest = min(ahead) if end.price > here else max(ahead)
                return Point(max(_time_of(start, end, nearest), now_ms), nearest)
            if every:
                return end
            here = end.price
        return None


def pessimistic(open_ms: int, bar: Bar, sign: int, begin_ms: int | None = None) -> MinutePath:
    """Return the path of a minute that is worst for a position of that sign (+1 long, -1 short).

    Args:
        open_ms: when the minute begins.
        bar: its prices.
        sign: direction of the position.
        begin_ms: when the path begins, at the open price; None = with the minute.
    """
    bad, good = (bar.low, bar.high) if sign > 0 else (bar.high, bar.low)
    begin = open_ms if begin_ms is None else begin_ms
    corners = [Point(begin, bar.open)]
    for at_ms, price in (
        (open_ms + _LEG_MS, bad),
        (open_ms + 2 * _LEG_MS, good),
        (open_ms + _LAST_MS, bar.close),
    ):
        corners.append(Point(max(at_ms, begin), price))
    return MinutePath(tuple(corners))


def _between(start: Point, end: Point, now_ms: int) -> float:
    if now_ms >= end.at_ms or end.at_ms == start.at_ms:
        return end.price
    share = (now_ms - start.at_ms) / (end.at_ms - start.at_ms)
    return start.price + (end.price - start.price) * share


def _lies_between(here: float, price: float, end: float) -> bool:
    return here < price <= end if here < end else end <= price < here


def _time_of(start: Point, end: Point, price: float) -> int:
    share = (price - start.price) / (end.price - start.price)
    return start.at_ms + int((end.at_ms - start.at_ms) * share)
