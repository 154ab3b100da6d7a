"""Conditional orders of the Algo Service: what one is, when it fires, how a request becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.errors import refusal
from engine.exchange.sim.money import ZERO
from engine.exchange.sim.orders import (
    CONDITIONAL_TYPES,
    STP_MODES,
    WORKING_TYPES,
    parse_good_till,
    parse_position_side,
    parse_side,
)
from engine.exchange.sim.rules import TIMES_IN_FORCE

if TYPE_CHECKING:
    from engine.exchange.sim.params import Params

TRAILING: Final = "TRAILING_STOP_MARKET"
MARKET_TYPES: Final = frozenset({"STOP_MARKET", "TAKE_PROFIT_MARKET", TRAILING})
CLOSE_POSITION_TYPES: Final = frozenset({"STOP_MARKET", "TAKE_PROFIT_MARKET"})
MIN_CALLBACK: Final = Decimal("0.1")
MAX_CALLBACK: Final = Decimal(20)


@dataclass(slots=True)
class AlgoOrder:
    """One conditional order. Prices in quote units, `qty` in base units (zero with closePosition).

    Life: NEW, then TRIGGERING, TRIGGERED (a child order exists), FINISHED; or CANCELED, EXPIRED,
    REJECTED with `reject_reason`. A trailing stop keeps the best price seen since activation in
    `extreme`.
    """

    algo_id: int
    client_id: str
    symbol: str
    side: str
    order_type: str
    time_in_force: str
    qty: Decimal
    price: Decimal
    trigger_price: Decimal
    created_ms: int
    updated_ms: int
    position_side: str = "BOTH"
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False
    close_position: bool = False
    reduce_only: bool = False
    stp_mode: str = "EXPIRE_MAKER"
    activate_price: Decimal = ZERO
    callback_rate: Decimal = ZERO
    activated: bool = False
    extreme: Decimal = ZERO
    good_till_ms: int = 0
    status: str = "NEW"
    trigger_ms: int = 0
    fire_ms: int = 0
    child_order_id: int = 0
    actual_price: Decimal = ZERO
    actual_qty: Decimal = ZERO
    reject_reason: str = ""

    @property
    def is_buy(self) -> bool:
        """Whether its child order buys."""
        return self.side == "BUY"

    @property
    def is_take_profit(self) -> bool:
        """Whether it waits for a better price than now."""
        return self.order_type.startswith("TAKE_PROFIT")

    @property
    def actual_type(self) -> str:
        """Type of the child order."""
        return "MARKET" if self.order_type in MARKET_TYPES else "LIMIT"

    @property
    def has_ended(self) -> bool:
        """Whether nothing about it can change any more."""
        return self.status not in {"NEW", "TRIGGERING", "TRIGGERED"}

    @property
    def is_protective(self) -> bool:
        """Whether it stands for certain against a loss: a market stop that only reduces."""
        is_stop = self.order_type == "STOP_MARKET" or (
            self.order_type == TRAILING and self.activated
        )
        against_side = self.position_side == ("SHORT" if self.is_buy else "LONG")
        return is_stop and (self.reduce_only or self.close_position or against_side)

    def has_crossed(self, price: Decimal) -> bool:
        """Tell whether `price` fires it. Trailing stops are followed by `follow` instead."""
        waits_above = self.is_buy != self.is_take_profit
        return price >= self.trigger_price if waits_above else price <= self.trigger_price

    def follow(self, price: Decimal) -> bool:
        """Move a trailing stop with the market and tell whether it fires at `price`.

        It activates when the price reaches `activate_price`; from then on it fires when the price
        has come back from its best by `callback_rate` percent.
        """
        if not self.activated:
            reached = price <= self.activate_price if self.is_buy else price >= self.activate_price
            if not reached:
                return False
            self.activated, self.extreme = True, price
        if self.is_buy:
            self.extreme = min(self.extreme, price)
            return price >= self.extreme * (1 + self.callback_rate / 100)
        self.extreme = max(self.extreme, price)
        return price <= self.extreme * (1 - self.callback_rate / 100)


def parse_algo(params: Params, now_ms: int, *, dual_side: bool) -> AlgoOrder:
    """Turn the parameters of a new conditional order into one without an id.

    Only what the request alone shows is judged here; filters and position follow later.

    Raises:
        ApiError: -1100, -1102, -1106, -1115, -1116, -1117, -1130, -4015, -4031, -4060, -4061,
            -4136, -4137, -4138, -5037 or -5040.
    """
    params.text("algoType")
    params.choice("algoType", ("CONDITIONAL",), "")
    side = parse_side(params)
    params.text("type")
    order_type = params.choice("type", CONDITIONAL_TYPES, "", code=-1116)
    params.choice("priceMatch", ("NONE",), "NONE", code=-5037)
    time_in_force = params.choice("timeInForce", TIMES_IN_FORCE, "GTC", code=-1115)
    close_position = _parse_close_position(params, order_type)
    trigger, activate, callback = _parse_trigger(params, order_type)
    return AlgoOrder(
        algo_id=0,
        client_id=params.client_id("clientAlgoId") or "",
        symbol=params.text("symbol"),
        side=side,
        order_type=order_type,
        time_in_force="GTE_GTC" if close_position else time_in_force,
        qty=ZERO if close_position else params.decimal("quantity"),
        price=_parse_price(params, order_type),
        trigger_price=trigger,
        position_side=parse_position_side(params, dual_side=dual_side),
        working_type=params.choice("workingType", WORKING_TYPES, "CONTRACT_PRICE", code=-4031),
        price_protect=params.flag("priceProtect"),
        close_position=close_position,
        reduce_only=_parse_reduce_only(params, dual_side=dual_side, close_position=close_position),
        stp_mode=params.choice("selfTradePreventionMode", STP_MODES, "EXPIRE_MAKER"),
        activate_price=activate,
        callback_rate=callback,
        good_till_ms=parse_good_till(params, time_in_force, now_ms),
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def _parse_close_position(params: Params, order_type: str) -> bool:
    if not params.flag("closePosition"):
        return False
    if order_type not in CLOSE_POSITION_TYPES:
        raise refusal(-4136, order_type, "true")
    if params.has("quantity"):
        raise refusal(-4137)
    return True


def _parse_reduce_only(params: Params, *, dual_side: bool, close_position: bool) -> bool:
    if dual_side:
        params.forbid("reduceOnly")
    reduce_only = params.flag("reduceOnly")
    if close_position and params.has("reduceOnly"):
        raise refusal(-1106, "reduceOnly") if reduce_only else refusal(-4138)
    # The venue shows closePosition orders as reduce-only; hedge mode has no such flag.
    return reduce_only or (close_position and not dual_side)


def _parse_price(params: Params, order_type: str) -> Decimal:
    if order_type in MARKET_TYPES:
        params.forbid("price")
        return ZERO
    return params.decimal("price")


def _parse_trigger(params: Params, order_type: str) -> tuple[Decimal, Decimal, Decimal]:
    if order_type != TRAILING:
        params.forbid("callbackRate")
        params.forbid("activatePrice")
        return params.decimal("triggerPrice"), ZERO, ZERO
    params.forbid("triggerPrice")
    callback = params.decimal("callbackRate")
    if not MIN_CALLBACK <= callback <= MAX_CALLBACK:
        raise refusal(-1130, "callbackRate")
    return ZERO, params.optional_decimal("activatePrice") or ZERO, callback
