from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.order import OrderRequest, OrderType, Purpose, Side, TimeInForce
from engine.exchange.binance.order_params import conditional_params, order_params, plain

ENTRY = OrderRequest(
    client_id="smc1-E-aaaaaaaaaaaaaa-0",
    symbol="币安人生USDT",
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    qty=Decimal("0.00001000"),
    purpose=Purpose.ENTRY,
    price=Decimal("1E+2"),
    time_in_force=TimeInForce.IOC,
)
STOP = OrderRequest(
    client_id="smc1-S-aaaaaaaaaaaaaa-0",
    symbol="BTCUSDT",
    side=Side.SELL,
    order_type=OrderType.STOP_MARKET,
    qty=Decimal("0.010"),
    purpose=Purpose.STOP,
    trigger_price=Decimal("99.50"),
    reduce_only=True,
)


def test_order_params_when_limit_carries_price_and_our_id_as_plain_text() -> None:
    assert order_params(ENTRY) == {
        "symbol": "币安人生USDT",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "0.00001",
        "newClientOrderId": "smc1-E-aaaaaaaaaaaaaa-0",
        "newOrderRespType": "RESULT",
        "price": "100",
        "timeInForce": "IOC",
    }


def test_order_params_when_market_exit_is_reduce_only_without_price() -> None:
    leaving = replace(
        ENTRY, order_type=OrderType.MARKET, price=None, time_in_force=None, reduce_only=True
    )
    params = order_params(leaving)
    assert params["reduceOnly"] == "true"
    assert "price" not in params
    assert "timeInForce" not in params


def test_conditional_params_when_stop_uses_the_conditional_services_names() -> None:
    assert conditional_params(STOP) == {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": "0.01",
        "reduceOnly": "true",
        "algoType": "CONDITIONAL",
        "clientAlgoId": "smc1-S-aaaaaaaaaaaaaa-0",
        "triggerPrice": "99.5",
        "workingType": "CONTRACT_PRICE",
    }


@pytest.mark.parametrize(
    "request_",
    [
        replace(ENTRY, price=None),
        replace(ENTRY, time_in_force=None),
        replace(ENTRY, qty=Decimal(0)),
        replace(ENTRY, price=Decimal("NaN")),
        STOP,
    ],
)
def test_order_params_when_request_is_impossible_refuses(request_: OrderRequest) -> None:
    with pytest.raises(ValueError, match=r".+"):
        order_params(request_)


@pytest.mark.parametrize(
    "request_", [replace(STOP, trigger_price=None), replace(STOP, qty=Decimal(-1)), ENTRY]
)
def test_conditional_params_when_request_is_impossible_refuses(request_: OrderRequest) -> None:
    with pytest.raises(ValueError, match=r".+"):
        conditional_params(request_)


@given(st.decimals(min_value=Decimal("1e-12"), max_value=Decimal("1e15"), places=12))
def test_plain_when_any_amount_has_no_exponent_and_keeps_the_value(number: Decimal) -> None:
    text = plain(number)
    assert set(text) <= set("0123456789.")
    assert Decimal(text) == number
