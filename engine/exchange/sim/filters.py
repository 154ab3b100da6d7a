"""The seven symbol filters and their neighbours; each refuses with the venue's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.exchange.sim.errors import refusal
from engine.exchange.sim.money import digits_of, is_multiple, plain

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.exchange.sim.rules import SymbolRules

MAX_OPEN_ALGOS: Final = 200
"""Open conditional orders of one account over all symbols (since 2025-12-29)."""


def check_status(rules: SymbolRules) -> None:
    """Refuse a contract that does not trade (-1122, -4140, -4141) and TradFi contracts (-4411)."""
    if rules.status == "PENDING_TRADING":
        raise refusal(-1122)
    if rules.status in {"CLOSE", "DELIVERED"}:
        raise refusal(-4141)
    if rules.status != "TRADING":
        raise refusal(-4140)
    if rules.contract_type == "TRADIFI_PERPETUAL":
        # Nobody can sign the agreement here, so these contracts stay closed for orders.
        raise refusal(-4411)


def check_price(rules: SymbolRules, price: Decimal) -> None:
    """PRICE_FILTER: -4001 not positive, -1111 digits, -4013 and -4002 bounds, -4014 tick."""
    if price <= 0:
        raise refusal(-4001)
    _check_grid(rules, price)
    if price < rules.min_price:
        raise refusal(-4013)
    if price > rules.max_price:
        raise refusal(-4002)


def check_trigger_price(rules: SymbolRules, price: Decimal) -> None:
    """PRICE_FILTER of a trigger: -4006 not positive, -1111 digits, -4007 too high, -4014 tick."""
    if price <= 0:
        raise refusal(-4006)
    _check_grid(rules, price)
    if price > rules.max_price:
        raise refusal(-4007)


def _check_grid(rules: SymbolRules, price: Decimal) -> None:
    if digits_of(price) > rules.price_precision:
        raise refusal(-1111)
    if not is_multiple(price, rules.tick_size):
        raise refusal(-4014)


def check_quantity(rules: SymbolRules, qty: Decimal, *, market: bool) -> None:
    """LOT_SIZE and MARKET_LOT_SIZE: -4003 not positive, -1111 digits, -4004, -4005, -4023 step."""
    if qty <= 0:
        raise refusal(-4003)
    if digits_of(qty) > rules.qty_precision:
        raise refusal(-1111)
    if qty < rules.min_qty:
        raise refusal(-4004)
    if qty > (rules.market_max_qty if market else rules.max_qty):
        raise refusal(-4005)
    if not is_multiple(qty, rules.market_step if market else rules.step_size):
        raise refusal(-4023)


def check_percent_price(rules: SymbolRules, price: Decimal, mark: Decimal, *, buy: bool) -> None:
    """PERCENT_PRICE of a limit: -4016 above the cap buying, -4024 below the floor selling."""
    cap, floor = mark * rules.multiplier_up, mark * rules.multiplier_down
    if buy and price > cap:
        raise refusal(-4016, plain(cap // rules.tick_size * rules.tick_size))
    if not buy and price < floor:
        raise refusal(-4024, plain((floor // rules.tick_size + 1) * rules.tick_size))


def check_counterparty(rules: SymbolRules, best: Decimal, mark: Decimal, *, buy: bool) -> None:
    """PERCENT_PRICE of a market order: -4131 when the best opposite price is out of the band."""
    out = best > mark * rules.multiplier_up if buy else best < mark * rules.multiplier_down
    if out:
        raise refusal(-4131)


def check_notional(rules: SymbolRules, qty: Decimal, price: Decimal) -> None:
    """MIN_NOTIONAL: -4164 below it. Callers exempt what only reduces a position."""
    if qty * price < rules.min_notional:
        raise refusal(-4164, plain(rules.min_notional))


def check_order_count(rules: SymbolRules, open_orders: int) -> None:
    """MAX_NUM_ORDERS of the symbol: -2025 when the new order would be one too many."""
    if open_orders >= rules.max_num_orders:
        raise refusal(-2025)


def check_algo_count(open_algos: int) -> None:
    """Cap of open conditional orders per account: -4045 when the new one would be one too many."""
    if open_algos >= MAX_OPEN_ALGOS:
        raise refusal(-4045)
