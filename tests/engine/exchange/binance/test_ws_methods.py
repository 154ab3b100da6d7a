import pytest

from engine.exchange.binance import endpoints
from engine.exchange.binance.endpoints import Endpoint, Security
from engine.exchange.binance.ws_methods import (
    ACCOUNT_POSITION,
    CONDITIONAL_CANCEL,
    CONDITIONAL_PLACE,
    ORDER_CANCEL,
    ORDER_PLACE,
    ORDER_STATUS,
    USER_STREAM_PING,
    Method,
)


@pytest.mark.parametrize(
    ("method", "twin"),
    [
        (ORDER_PLACE, endpoints.PLACE_ORDER),
        (ORDER_CANCEL, endpoints.CANCEL_ORDER),
        (ORDER_STATUS, endpoints.QUERY_ORDER),
        (CONDITIONAL_PLACE, endpoints.PLACE_CONDITIONAL),
        (CONDITIONAL_CANCEL, endpoints.CANCEL_CONDITIONAL),
        (ACCOUNT_POSITION, endpoints.POSITIONS),
        (USER_STREAM_PING, endpoints.EXTEND_LISTEN_KEY),
    ],
)
def test_method_when_it_has_a_rest_twin_costs_and_does_the_same(
    method: Method, twin: Endpoint
) -> None:
    assert (method.weight, method.orders, method.effect) == (twin.weight, twin.orders, twin.effect)
    assert method.signed is (twin.security is Security.SIGNED)
