"""What one symbol of the embedded exchange did since the last look at it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Tick:
    """Quote, last price and mark of one symbol, and the prices traded on the way there.

    Attributes:
        bid: Best bid, a multiple of the tick size.
        ask: Best ask, a multiple of the tick size, above ``bid``.
        last: Last traded price, a multiple of the tick size.
        mark: Mark price, at most eight decimals and not bound to the tick size.
        path: Prices traded in the last step, oldest first; empty when nothing traded.
        bid_qty: Quantity resting at the bid, in base units.
        ask_qty: Quantity resting at the ask, in base units.
    """

    bid: Decimal
    ask: Decimal
    last: Decimal
    mark: Decimal
    path: tuple[Decimal, ...] = ()
    bid_qty: Decimal = Decimal(0)
    ask_qty: Decimal = Decimal(0)
