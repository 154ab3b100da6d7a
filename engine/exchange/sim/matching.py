"""The book an order meets: levels of equal notional behind the quote, the same for everyone.

There is no queue of other participants. A taker walks the levels; a resting order fills only when a
trade prints *through* its price, never on a touch, so makers are treated pessimistically.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.exchange.sim.rules import SymbolRules
    from engine.exchange.sim.tick import Tick

MAX_LEVELS: Final = 200


@dataclass(frozen=True, slots=True)
class BookDepth:
    """The shape of the book behind the quote.

    Attributes:
        level_notional: quote units offered at each level, the best one included.
        level_gap: distance between levels as a ratio of the best price (0.0002 is 2 bps).
    """

    level_notional: Decimal = Decimal(5_000)
    level_gap: Decimal = Decimal("0.0002")

    @classmethod
    def from_ten_bps(cls, notional: Decimal) -> BookDepth:
        """Build the shape of a book in which a taker of `notional` moves the price by 10 bps."""
        levels = int(Decimal("0.0010") / cls().level_gap)
        return cls(level_notional=notional / levels)


@dataclass(frozen=True, slots=True)
class Match:
    """One execution: price in quote units, quantity in base units."""

    price: Decimal
    qty: Decimal


def best_opposite(tick: Tick, *, buy: bool) -> Decimal:
    """Return the price a taker meets first."""
    return tick.ask if buy else tick.bid


def crosses(tick: Tick, price: Decimal, *, buy: bool) -> bool:
    """Tell whether a limit at `price` would take at once."""
    return price >= tick.ask if buy else price <= tick.bid


def trades_through(last: Decimal, price: Decimal, *, buy: bool) -> bool:
    """Tell whether a print at `last` has gone through a resting limit at `price`."""
    return last < price if buy else last > price


def market_bound(rules: SymbolRules, mark: Decimal, *, buy: bool) -> Decimal:
    """Return the worst price a market order may take: marketTakeBound away from the mark."""
    return mark * (1 + rules.market_take_bound if buy else 1 - rules.market_take_bound)


def sweep(
    rules: SymbolRules, depth: BookDepth, tick: Tick, qty: Decimal, *, buy: bool, worst: Decimal
) -> list[Match]:
    """Match a taker of `qty` level by level at worsening prices, not beyond `worst`.

    Returns fewer units than asked for when the bound or the end of the book is reached; the sum
    never exceeds `qty`. Depends on nothing but its arguments.
    """
    matches: list[Match] = []
    left = qty
    for price, offered in _levels(rules, depth, tick, buy=buy):
        if left <= 0 or (price > worst if buy else price < worst):
            break
        taken = min(left, offered)
        if matches and matches[-1].price == price:
            matches[-1] = Match(price, matches[-1].qty + taken)
        else:
            matches.append(Match(price, taken))
        left -= taken
    return matches


def _levels(
    rules: SymbolRules, depth: BookDepth, tick: Tick, *, buy: bool
) -> Iterator[tuple[Decimal, Decimal]]:
    best = best_opposite(tick, buy=buy)
    direction = 1 if buy else -1
    for level in range(MAX_LEVELS):
        offset = best * depth.level_gap * level
        ticks = (offset / rules.tick_size).to_integral_value(ROUND_CEILING)
        price = best + direction * ticks * rules.tick_size
        if price <= ZERO:
            return
        steps = (depth.level_notional / price / rules.market_step).to_integral_value(ROUND_FLOOR)
        yield price, max(steps, Decimal(1)) * rules.market_step
