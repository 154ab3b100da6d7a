"""The table of endpoints: what each is called inside, what it costs, what it must prove.

Weights are those of the venue's documentation in late 2026, see the tests for the whole list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.exchange.sim.wire.params import Params
from engine.exchange.sim.wire.security import Security

Weight = Callable[[Params], int]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One REST endpoint or WS API method.

    Attributes:
        operation: the name under which operations and faults know it.
        weight: request weight as a function of the parameters.
        security: what the request must prove.
        new_order: whether it counts against the ORDERS limits.
        funding_pool: whether it counts in the funding endpoints' own limit instead of the weight.
    """

    operation: str
    weight: Weight
    security: Security = Security.NONE
    new_order: bool = False
    funding_pool: bool = False


def fixed(weight: int) -> Weight:
    """Return a weight that does not depend on the parameters."""
    return lambda _: weight


def by_symbol(one: int, every: int) -> Weight:
    """Return a weight that is higher when no symbol narrows the request."""
    return lambda params: one if params.get("symbol") else every


def by_klines_limit(params: Params) -> int:
    """Return the weight of a klines request: below 100 rows 1, below 500 2, to 1000 5, above 10."""
    text = params.get("limit") or "500"
    rows = int(text) if text.isdigit() else 500
    if rows < 100:
        return 1
    if rows < 500:
        return 2
    return 5 if rows <= 1000 else 10


def _public(operation: str, weight: Weight) -> Endpoint:
    return Endpoint(operation, weight)


def _keyed(operation: str) -> Endpoint:
    return Endpoint(operation, fixed(1), Security.API_KEY)


def _signed(operation: str, weight: int = 1) -> Endpoint:
    return Endpoint(operation, fixed(weight), Security.SIGNED)


def _order(operation: str) -> Endpoint:
    return Endpoint(operation, fixed(0), Security.SIGNED, new_order=True)


REST: Final[Mapping[tuple[str, str], Endpoint]] = {
    ("GET", "/fapi/v1/ping"): _public("ping", fixed(1)),
    ("GET", "/fapi/v1/time"): _public("time", fixed(1)),
    ("GET", "/fapi/v1/exchangeInfo"): _public("exchange_info", fixed(1)),
    ("GET", "/fapi/v1/klines"): _public("klines", by_klines_limit),
    ("GET", "/fapi/v1/premiumIndex"): _public("premium_index", by_symbol(1, 10)),
    ("GET", "/fapi/v1/ticker/24hr"): _public("ticker_24h", by_symbol(1, 40)),
    ("GET", "/fapi/v1/ticker/price"): _public("ticker_price", by_symbol(1, 2)),
    ("GET", "/fapi/v2/ticker/price"): _public("ticker_price", by_symbol(1, 2)),
    ("GET", "/fapi/v1/ticker/bookTicker"): _public("book_ticker", by_symbol(2, 5)),
    ("GET", "/fapi/v1/fundingRate"): Endpoint("funding_rate", fixed(0), funding_pool=True),
    ("GET", "/fapi/v1/fundingInfo"): Endpoint("funding_info", fixed(0), funding_pool=True),
    ("POST", "/fapi/v1/order"): _order("place_order"),
    ("DELETE", "/fapi/v1/order"): _signed("cancel_order"),
    ("GET", "/fapi/v1/order"): _signed("query_order"),
    ("GET", "/fapi/v1/openOrders"): Endpoint("open_orders", by_symbol(1, 40), Security.SIGNED),
    ("DELETE", "/fapi/v1/allOpenOrders"): _signed("cancel_all_orders"),
    ("GET", "/fapi/v1/allOrders"): _signed("all_orders", 5),
    ("POST", "/fapi/v1/algoOrder"): _order("place_algo"),
    ("DELETE", "/fapi/v1/algoOrder"): _signed("cancel_algo"),
    ("GET", "/fapi/v1/algoOrder"): _signed("query_algo"),
    ("GET", "/fapi/v1/openAlgoOrders"): Endpoint("open_algos", by_symbol(1, 40), Security.SIGNED),
    ("DELETE", "/fapi/v1/algoOpenOrders"): _signed("cancel_all_algos"),
    ("GET", "/fapi/v1/allAlgoOrders"): _signed("all_algos", 5),
    ("GET", "/fapi/v1/userTrades"): _signed("user_trades", 5),
    ("GET", "/fapi/v1/income"): _signed("income", 30),
    ("POST", "/fapi/v1/leverage"): _signed("set_leverage"),
    ("POST", "/fapi/v1/marginType"): _signed("set_margin_type"),
    ("GET", "/fapi/v1/positionSide/dual"): _signed("get_position_mode", 30),
    ("POST", "/fapi/v1/positionSide/dual"): _signed("set_position_mode"),
    ("GET", "/fapi/v1/multiAssetsMargin"): _signed("get_multi_assets", 30),
    ("POST", "/fapi/v1/multiAssetsMargin"): _signed("set_multi_assets"),
    ("GET", "/fapi/v1/leverageBracket"): _signed("leverage_brackets"),
    ("GET", "/fapi/v1/commissionRate"): _signed("commission_rate", 20),
    ("GET", "/fapi/v3/account"): _signed("account_v3", 5),
    ("GET", "/fapi/v3/balance"): _signed("balance_v3", 5),
    ("GET", "/fapi/v3/positionRisk"): _signed("position_risk_v3", 5),
    ("GET", "/fapi/v1/accountConfig"): _signed("account_config", 5),
    # Weighs 1 at the venue, in the pool of another host.
    ("GET", "/sapi/v1/account/apiRestrictions"): _signed("key_permissions", 0),
    ("GET", "/fapi/v1/symbolConfig"): _signed("symbol_config", 5),
    ("GET", "/fapi/v1/rateLimit/order"): _signed("order_rate_limits"),
    ("POST", "/fapi/v1/countdownCancelAll"): _signed("countdown_cancel_all", 10),
    ("POST", "/fapi/v1/listenKey"): _keyed("start_user_stream"),
    ("PUT", "/fapi/v1/listenKey"): _keyed("keep_user_stream"),
    ("DELETE", "/fapi/v1/listenKey"): _keyed("stop_user_stream"),
}
"""REST endpoints by method and path."""

WS_API: Final[Mapping[str, Endpoint]] = {
    "order.place": _order("place_order"),
    "order.cancel": _signed("cancel_order"),
    "order.status": _signed("query_order"),
    "algoOrder.place": _order("place_algo"),
    "algoOrder.cancel": _signed("cancel_algo"),
    "v2/account.status": _signed("account_v3", 5),
    "v2/account.balance": _signed("balance_v3", 5),
    "v2/account.position": _signed("position_risk_v3", 5),
    "ticker.price": _public("ticker_price", by_symbol(1, 2)),
    "ticker.book": _public("book_ticker", by_symbol(2, 5)),
    "userDataStream.start": Endpoint("start_user_stream", fixed(5), Security.API_KEY),
    "userDataStream.ping": _keyed("keep_user_stream"),
    "userDataStream.stop": _keyed("stop_user_stream"),
}
"""WS API methods."""
