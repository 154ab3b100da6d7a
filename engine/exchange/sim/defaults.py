"""Plausible rules for contracts nobody described: generated symbols get them from their price."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import floor, log10
from typing import Final

from engine.exchange.sim.money import digits_of
from engine.exchange.sim.rules import SymbolRules

_MIN_NOTIONALS: Final = {"BTC": Decimal(50), "ETH": Decimal(20)}
_PRICE_DIGITS: Final = 5
"""Significant digits of a price; most real ticks are 1 to 10 parts in 10^5 of the price."""


def default_rules(symbol: str, price: float, **overrides: Decimal | int | str) -> SymbolRules:
    """Build rules for a USDT contract that trades near `price`.

    The tick is a power of ten giving five significant digits of the price, at most 0.1; the step
    keeps one step near or below one USDT; the smallest notional is 50 for BTC, 20 for ETH and 5 for
    the rest.

    Args:
        symbol: contract name ending in USDT, such as `1000PEPEUSDT`.
        price: reference price in USDT, greater than zero.
        overrides: fields of SymbolRules that replace the derived ones.

    Raises:
        ValueError: the price is not a positive number.
    """
    if not price > 0:
        message = f"default_rules needs a price greater than 0, got {price!r} for {symbol}"
        raise ValueError(message)
    magnitude = floor(log10(price))
    tick = _power_of_ten(min(magnitude - _PRICE_DIGITS + 1, -1))
    step = _power_of_ten(min(0, max(-3, -magnitude)))
    base = symbol.split("_", maxsplit=1)[0].removesuffix("USDT")
    # Quantities that buy 20 M (limit) and 2 M USDT (market), in whole hundreds of steps.
    largest = _round_up(Decimal(repr(20_000_000 / price)), step * 100)
    rules = SymbolRules(
        symbol=symbol,
        base=base,
        tick_size=tick,
        step_size=step,
        market_step=step,
        min_qty=step,
        max_qty=largest,
        market_max_qty=_round_up(largest / 10, step * 100),
        min_notional=_MIN_NOTIONALS.get(base, Decimal(5)),
        min_price=tick,
        max_price=tick * 10**8,
        price_precision=digits_of(tick),
        qty_precision=digits_of(step),
    )
    return replace(rules, **overrides)  # type: ignore[arg-type]


def _power_of_ten(exponent: int) -> Decimal:
    if exponent >= 0:
        return Decimal(10**exponent)
    return Decimal(1).scaleb(exponent)


def _round_up(value: Decimal, step: Decimal) -> Decimal:
    return (value // step + 1) * step
