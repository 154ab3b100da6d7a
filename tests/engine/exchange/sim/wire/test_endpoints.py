"""The table of endpoints: every one the bot uses, at the documented weight and security."""

import pytest

from engine.exchange.sim.wire.endpoints import REST, WS_API, by_klines_limit
from engine.exchange.sim.wire.security import Security

WEIGHTS = {
    "GET /fapi/v1/ping": (1, 1),
    "GET /fapi/v1/time": (1, 1),
    "GET /fapi/v1/exchangeInfo": (1, 1),
    "GET /fapi/v1/klines": (5, 5),
    "GET /fapi/v1/premiumIndex": (1, 10),
    "GET /fapi/v1/ticker/24hr": (1, 40),
    "GET /fapi/v1/ticker/price": (1, 2),
    "GET /fapi/v2/ticker/price": (1, 2),
    "GET /fapi/v1/ticker/bookTicker": (2, 5),
    "GET /fapi/v1/fundingRate": (0, 0),
    "GET /fapi/v1/fundingInfo": (0, 0),
    "POST /fapi/v1/order": (0, 0),
    "DELETE /fapi/v1/order": (1, 1),
    "GET /fapi/v1/order": (1, 1),
    "GET /fapi/v1/openOrders": (1, 40),
    "DELETE /fapi/v1/allOpenOrders": (1, 1),
    "GET /fapi/v1/allOrders": (5, 5),
    "POST /fapi/v1/algoOrder": (0, 0),
    "DELETE /fapi/v1/algoOrder": (1, 1),
    "GET /fapi/v1/algoOrder": (1, 1),
    "GET /fapi/v1/openAlgoOrders": (1, 40),
    "DELETE /fapi/v1/algoOpenOrders": (1, 1),
    "GET /fapi/v1/allAlgoOrders": (5, 5),
    "GET /fapi/v1/userTrades": (5, 5),
    "GET /fapi/v1/income": (30, 30),
    "POST /fapi/v1/leverage": (1, 1),
    "POST /fapi/v1/marginType": (1, 1),
    "GET /fapi/v1/positionSide/dual": (30, 30),
    "POST /fapi/v1/positionSide/dual": (1, 1),
    "GET /fapi/v1/multiAssetsMargin": (30, 30),
    "POST /fapi/v1/multiAssetsMargin": (1, 1),
    "GET /fapi/v1/leverageBracket": (1, 1),
    "GET /fapi/v1/commissionRate": (20, 20),
    "GET /fapi/v3/account": (5, 5),
    "GET /fapi/v3/balance": (5, 5),
    "GET /fapi/v3/positionRisk": (5, 5),
    "GET /fapi/v1/accountConfig": (5, 5),
    "GET /sapi/v1/account/apiRestrictions": (0, 0),
    "GET /fapi/v1/symbolConfig": (5, 5),
    "GET /fapi/v1/rateLimit/order": (1, 1),
    "POST /fapi/v1/countdownCancelAll": (10, 10),
    "POST /fapi/v1/listenKey": (1, 1),
    "PUT /fapi/v1/listenKey": (1, 1),
    "DELETE /fapi/v1/listenKey": (1, 1),
}
PUBLIC_NAMES = {
    "ping",
    "time",
    "exchange_info",
    "klines",
    "premium_index",
    "ticker_24h",
    "ticker_price",
    "book_ticker",
    "funding_rate",
    "funding_info",
}


def test_rest_when_weighed_matches_the_documentation() -> None:
    weighed = {
        f"{method} {path}": (endpoint.weight({"symbol": "BTCUSDT"}), endpoint.weight({}))
        for (method, path), endpoint in REST.items()
    }

    assert weighed == WEIGHTS


@pytest.mark.parametrize(
    ("limit", "weight"),
    [
        ("1", 1),
        ("99", 1),
        ("100", 2),
        ("499", 2),
        ("500", 5),
        ("1000", 5),
        ("1001", 10),
        ("1500", 10),
    ],
)
def test_by_klines_limit_when_rows_grow_costs_more(limit: str, weight: int) -> None:
    assert by_klines_limit({"limit": limit}) == weight


def test_rest_when_an_account_is_touched_needs_a_signature_or_key() -> None:
    for endpoint in REST.values():
        if endpoint.operation in PUBLIC_NAMES:
            assert endpoint.security is Security.NONE
        elif endpoint.operation.endswith("user_stream"):
            assert endpoint.security is Security.API_KEY
        else:
            assert endpoint.security is Security.SIGNED


def test_new_orders_when_placed_count_on_the_order_limits_only() -> None:
    counted = {key for key, endpoint in REST.items() if endpoint.new_order}

    assert counted == {("POST", "/fapi/v1/order"), ("POST", "/fapi/v1/algoOrder")}
    assert {name for name, endpoint in WS_API.items() if endpoint.new_order} == {
        "order.place",
        "algoOrder.place",
    }


def test_ws_api_when_listed_has_no_algo_query() -> None:
    assert "algoOrder.status" not in WS_API
    assert {"order.status", "v2/account.position", "userDataStream.ping"} <= WS_API.keys()
