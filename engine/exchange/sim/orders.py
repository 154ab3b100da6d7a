"""Orders of the regular book: what one is, and how a request becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.errors import refusal
from engine.exchange.sim.money import ZERO
from engine.exchange.sim.rules import ORDER_TYPES, TIMES_IN_FORCE

if TYPE_CHECKING:
    from engine.exchange.sim.params import Params

SIDES: Final = ("BUY", "SELL")
CONDITIONAL_TYPES: Final = frozenset(ORDER_TYPES) - {"LIMIT", "MARKET"}
OPEN_STATUSES: Final = frozenset({"NEW", "PARTIALLY_FILLED"})
RESPONSE_TYPES: Final = ("ACK", "RESULT")
WORKING_TYPES: Final = ("MARK_PRICE", "CONTRACT_PRICE")
STP_MODES: Final = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")
GOOD_TILL_LEAD_MS: Final = 600_000
GOOD_TILL_END_MS: Final = 253_402_300_799_000

EXPIRED_IOC: Final = "2"
EXPIRED_REDUCE_ONLY: Final = "4"
EXPIRED_LIQUIDATION: Final = "5"
EXPIRED_DELISTED: Final = "7"
EXPIRED_MARKET_REST: Final = "9"
"""Values of `er` in ORDER_TRADE_UPDATE; "0" means the order did not expire."""


@dataclass(slots=True)
class Order:
    """One order. Quantities in base units, prices and `cum_quote` in quote units, times in ms.

    `algo_id` names the conditional order it came from, 0 for none. `reduce_only` is what was asked
    for; in hedge mode an order against its position side reduces without saying so
    (`Account.reduces`).
    """

    order_id: int
    client_id: str
    symbol: str
    side: str
    order_type: str
    time_in_force: str
    qty: Decimal
    price: Decimal
    created_ms: int
    updated_ms: int
    position_side: str = "BOTH"
    reduce_only: bool = False
    close_position: bool = False
    stop_price: Decimal = ZERO
    orig_type: str = ""
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False
    stp_mode: str = "EXPIRE_MAKER"
    good_till_ms: int = 0
    algo_id: int = 0
    status: str = "NEW"
    executed_qty: Decimal = ZERO
    cum_quote: Decimal = ZERO
    expire_reason: str = "0"

    @property
    def is_open(self) -> bool:
        """Whether it can still be filled or cancelled."""
        return self.status in OPEN_STATUSES

    @property
    def is_buy(self) -> bool:
        """Whether it buys the base asset."""
        return self.side == "BUY"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self.side == "BUY" else -1

    @property
    def remaining_qty(self) -> Decimal:
        """Quantity not executed yet."""
        return self.qty - self.executed_qty

    @property
    def average_price(self) -> Decimal:
        """Quantity-weighted price of its fills, zero before the first."""
        return self.cum_quote / self.executed_qty if self.executed_qty else ZERO


def parse_side(params: Params) -> str:
    """Return BUY or SELL; missing refuses with -1102, anything else with -1117."""
    params.text("side")
    return params.choice("side", SIDES, "", code=-1117)


def parse_position_side(params: Params, *, dual_side: bool) -> str:
    """Return BOTH, LONG or SHORT; -4061 when it does not fit the account's position mode."""
    side = params.choice("positionSide", ("BOTH", "LONG", "SHORT"), "BOTH", code=-4060)
    if dual_side == (side == "BOTH"):
        raise refusal(-4061)
    return side


def parse_reduce_only(params: Params, *, dual_side: bool) -> bool:
    """Return the flag; hedge mode takes none (-1106)."""
    if dual_side:
        params.forbid("reduceOnly")
    return params.flag("reduceOnly")


def parse_good_till(params: Params, time_in_force: str, now_ms: int) -> int:
    """Return goodTillDate in ms, 0 unless GTD; one too near or too far refuses with -5040."""
    if time_in_force != "GTD":
        return 0
    good_till = params.integer("goodTillDate") // 1000 * 1000
    if not now_ms + GOOD_TILL_LEAD_MS < good_till < GOOD_TILL_END_MS:
        raise refusal(-5040)
    return good_till


def parse_order(params: Params, now_ms: int, *, dual_side: bool) -> Order:
    """Turn the parameters of a new-order request into an order without an id.

    Only what the request alone shows is judged here; filters, margin and position follow later.

    Raises:
        ApiError: -1100, -1102, -1106, -1115, -1116, -1117, -1130, -4015, -4060, -4061, -4120,
            -4136, -5037 or -5040.
    """
    side = parse_side(params)
    order_type = _parse_type(params)
    position_side = parse_position_side(params, dual_side=dual_side)
    time_in_force, price = _parse_terms(params, order_type)
    return Order(
        order_id=0,
        client_id=params.client_id("newClientOrderId") or "",
        symbol=params.text("symbol"),
        side=side,
        order_type=order_type,
        orig_type=order_type,
        time_in_force=time_in_force,
        qty=params.decimal("quantity"),
        price=price,
        position_side=position_side,
        reduce_only=parse_reduce_only(params, dual_side=dual_side),
        stp_mode=params.choice("selfTradePreventionMode", STP_MODES, "EXPIRE_MAKER"),
        good_till_ms=parse_good_till(params, time_in_force, now_ms),
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def _parse_type(params: Params) -> str:
    params.text("type")
    order_type = params.choice("type", ORDER_TYPES, "", code=-1116)
    if order_type in CONDITIONAL_TYPES:
        raise refusal(-4120)
    if params.flag("closePosition"):
        raise refusal(-4136, order_type, "true")
    params.choice("priceMatch", ("NONE",), "NONE", code=-5037)
    params.forbid("stopPrice")
    return order_type


def _parse_terms(params: Params, order_type: str) -> tuple[str, Decimal]:
    if order_type == "MARKET":
        params.forbid("price")
        params.forbid("timeInForce")
        return "GTC", ZERO
    params.text("timeInForce")
    time_in_force = params.choice("timeInForce", TIMES_IN_FORCE, "", code=-1115)
    return time_in_force, params.decimal("price")
