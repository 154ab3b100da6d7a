"""Every code of the table has a request here that provokes it, so none is there for show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.exchange.sim.errors import TEXTS, ApiError, SimError, refusal
from tests.engine.exchange.sim.exchange_builders import (
    SYMBOL,
    Trader,
    dec,
    refused,
    rules,
    tick,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Scenario = "Callable[[], Any]"


def held(qty: object = 1, **kwargs: Any) -> Trader:
    trader = Trader(**kwargs)
    trader.order("BUY", qty)
    return trader


def listed(**changes: Any) -> Trader:
    return Trader(rules(**changes))


def scenario_status(status: str) -> Any:
    return listed(status=status).order("BUY", 1)


def scenario_no_book() -> Any:
    trader = Trader()
    trader.world.quotes.clear()
    return trader.order("BUY", 1)


def scenario_max_orders() -> Any:
    trader = listed(max_num_orders=2)
    for price in (99, 98, 97):
        trader.order("BUY", 1, price)
    return None


def scenario_max_algos() -> Any:
    trader = held()
    for _ in range(201):
        trader.stop("SELL", 95, 1)
    return None


def scenario_duplicate_id() -> Any:
    trader = Trader()
    trader.order("BUY", 1, 99, newClientOrderId="mine")
    return trader.order("BUY", 1, 98, newClientOrderId="mine")


def scenario_cancel_triggering() -> Any:
    trader = held(trigger_delay_ms=500)
    stop = trader.stop("SELL", 99, 1)
    trader.move(98)
    return trader.call("cancel_algo", algoId=stop["algoId"])


def scenario_reduce_with_plain_exit() -> Any:
    trader = held()
    trader.order("SELL", "0.6", 104)
    return trader.order("SELL", "0.6", reduceOnly="true")


def scenario_close_position_twin() -> Any:
    trader = held()
    trader.stop("SELL", 95, closePosition="true")
    return trader.stop("SELL", 94, closePosition="true")


def scenario_percent_price_market() -> Any:
    trader = Trader()
    trader.exchange.quote(SYMBOL, tick(100, mark=90))
    return trader.order("BUY", 1)


def scenario_leverage_of_isolated() -> Any:
    trader = Trader()
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")
    trader.order("BUY", 1)
    return trader.call("set_leverage", symbol=SYMBOL, leverage=5)


def scenario_lower_leverage_without_margin() -> Any:
    trader = Trader(seed_balance=100)
    trader.call("set_leverage", symbol=SYMBOL, leverage=50)
    trader.order("BUY", 40)
    return trader.call("set_leverage", symbol=SYMBOL, leverage=20)


def scenario_bracket() -> Any:
    trader = Trader(seed_balance=1_000_000)
    trader.call("set_leverage", symbol=SYMBOL, leverage=75)
    return trader.order("BUY", 60)


def scenario_margin_type(before: Callable[[Trader], Any], wanted: str = "ISOLATED") -> Any:
    trader = Trader()
    before(trader)
    return trader.call("set_margin_type", symbol=SYMBOL, marginType=wanted)


def scenario_position_mode(before: Callable[[Trader], Any]) -> Any:
    trader = Trader()
    before(trader)
    return trader.call("set_position_mode", dualSidePosition="true")


def scenario_multi_assets(before: Callable[[Trader], Any]) -> Any:
    trader = Trader()
    before(trader)
    return trader.call("set_multi_assets", multiAssetsMargin="true")


def multi_on(trader: Trader) -> None:
    trader.call("set_multi_assets", multiAssetsMargin="true")


def isolate(trader: Trader) -> None:
    trader.call("set_margin_type", symbol=SYMBOL, marginType="ISOLATED")


def trail(trader: Trader, **params: Any) -> Any:
    sent = {"type": "TRAILING_STOP_MARKET", "callbackRate": 1, **params}
    return trader.stop("SELL", None, 1, **sent)


SCENARIOS: dict[int, Scenario] = {
    -1023: lambda: Trader().call("income", startTime=20, endTime=10),
    -1100: lambda: Trader().order("BUY", "1e-05"),
    -1102: lambda: Trader().order("BUY", None),
    -1106: lambda: Trader().order("BUY", 1, timeInForce="GTC"),
    -1111: lambda: Trader().order("BUY", "1.001"),
    -1112: scenario_no_book,
    -1115: lambda: Trader().order("BUY", 1, 99, timeInForce="DAY"),
    -1116: lambda: Trader().order("BUY", 1, type="ICEBERG"),
    -1117: lambda: Trader().order("LONG", 1),
    -1121: lambda: Trader().order("BUY", 1, symbol="NOTHERE"),
    -1122: lambda: scenario_status("PENDING_TRADING"),
    -1130: lambda: Trader().order("BUY", 1, reduceOnly="yes"),
    -1136: lambda: Trader().order("BUY", 1, newOrderRespType="FULL"),
    -2011: lambda: Trader().call("cancel_order", symbol=SYMBOL, orderId=1),
    -2013: lambda: Trader().call("query_order", symbol=SYMBOL, origClientOrderId="nobody"),
    -2019: lambda: Trader(seed_balance=10).order("BUY", 10),
    -2021: lambda: held().stop("SELL", 100, 1),
    -2022: lambda: Trader().order("SELL", 1, reduceOnly="true"),
    -2025: scenario_max_orders,
    -2027: scenario_bracket,
    -2028: scenario_lower_leverage_without_margin,
    -4001: lambda: Trader().order("BUY", 1, 0),
    -4002: lambda: Trader().order("BUY", 1, "100000.1"),
    -4003: lambda: Trader().order("BUY", 0),
    -4004: lambda: listed(min_qty=dec(2)).order("BUY", 1),
    -4005: lambda: Trader().order("BUY", 1001),
    -4006: lambda: held().stop("SELL", 0, 1),
    -4007: lambda: held().stop("SELL", "100000.1", 1),
    -4013: lambda: listed(min_price=dec(50)).order("BUY", 1, 49),
    -4014: lambda: Trader().order("BUY", 1, "99.95"),
    -4015: lambda: Trader().order("BUY", 1, newClientOrderId="x" * 37),
    -4016: lambda: Trader().order("BUY", 1, "105.1"),
    -4023: lambda: listed(market_step=dec("0.1")).order("BUY", "1.05"),
    -4024: lambda: Trader().order("SELL", 1, "94.9"),
    -4028: lambda: Trader().call("set_leverage", symbol=SYMBOL, leverage=126),
    -4031: lambda: held().stop("SELL", 95, 1, workingType="INDEX_PRICE"),
    -4045: scenario_max_algos,
    -4046: lambda: scenario_margin_type(lambda _: None, "CROSSED"),
    -4047: lambda: scenario_margin_type(lambda t: t.order("BUY", 1, 99)),
    -4048: lambda: scenario_margin_type(lambda t: t.order("BUY", 1)),
    -4059: lambda: Trader().call("set_position_mode", dualSidePosition="false"),
    -4060: lambda: Trader().order("BUY", 1, positionSide="UP"),
    -4061: lambda: Trader().order("BUY", 1, positionSide="LONG"),
    -4067: lambda: scenario_position_mode(lambda t: t.order("BUY", 1, 99)),
    -4068: lambda: scenario_position_mode(lambda t: t.order("BUY", 1)),
    -4116: scenario_duplicate_id,
    -4117: scenario_cancel_triggering,
    -4118: scenario_reduce_with_plain_exit,
    -4120: lambda: Trader().order("SELL", 1, type="STOP_MARKET", stopPrice=95),
    -4130: scenario_close_position_twin,
    -4131: scenario_percent_price_market,
    -4136: lambda: Trader().order("SELL", 1, closePosition="true"),
    -4137: lambda: held().stop("SELL", 95, 1, closePosition="true"),
    -4138: lambda: held().stop("SELL", 95, closePosition="true", reduceOnly="false"),
    -4140: lambda: scenario_status("TRADING_HALT"),
    -4141: lambda: scenario_status("CLOSE"),
    -4161: scenario_leverage_of_isolated,
    -4164: lambda: Trader().order("BUY", "0.04"),
    -4165: lambda: Trader().call("income", startTime=0, endTime=8 * 86_400_000),
    -4167: lambda: scenario_multi_assets(isolate),
    -4168: lambda: scenario_margin_type(multi_on),
    -4170: lambda: scenario_multi_assets(lambda t: t.order("BUY", 1, 99)),
    -4171: lambda: Trader().call("set_multi_assets", multiAssetsMargin="false"),
    -4411: lambda: listed(contract_type="TRADIFI_PERPETUAL").order("BUY", 1),
    -4509: lambda: Trader().stop("SELL", 95, closePosition="true"),
    -5021: lambda: Trader().order("BUY", 1, 100, timeInForce="FOK"),
    -5022: lambda: Trader().order("BUY", 1, "100.1", timeInForce="GTX"),
    -5037: lambda: Trader().order("BUY", 1, 99, priceMatch="OPPONENT"),
    -5040: lambda: Trader().order("BUY", 1, 99, timeInForce="GTD", goodTillDate=1),
}

SECOND_WAYS: list[tuple[int, Scenario]] = [
    (-2011, lambda: Trader().call("cancel_algo", clientAlgoId="nobody")),
    (-2013, lambda: Trader().call("query_algo", algoId=7)),
    (-2021, lambda: trail(held(), activatePrice="99.9")),
    (-2022, lambda: Trader().stop("SELL", 95, 1)),
    (-1102, lambda: Trader().call("query_order", symbol=SYMBOL)),
    (-1102, lambda: held().stop("SELL", None, 1)),
    (-1106, lambda: held().stop("SELL", 95, closePosition="true", reduceOnly="true")),
    (-1106, lambda: trail(held(), triggerPrice=95)),
    (-1130, lambda: trail(held(), callbackRate="20.1")),
    (-1130, lambda: held().stop("SELL", 95, 1, algoType="TWAP")),
    (-4028, lambda: Trader().call("set_leverage", symbol=SYMBOL, leverage=0)),
    (-4047, lambda: scenario_margin_type(lambda t: t.stop("SELL", 95, 1, reduceOnly=None))),
    (-4067, lambda: scenario_position_mode(lambda t: t.stop("SELL", 95, 1, reduceOnly=None))),
    (-4136, lambda: trail(held(), closePosition="true", quantity=None)),
    (-4164, lambda: Trader().stop("SELL", 95, "0.05", reduceOnly=None)),
    (-4140, lambda: scenario_status("SETTLING")),
    (-4141, lambda: scenario_status("DELIVERED")),
]


def test_table_when_compared_with_scenarios_has_one_for_each_code() -> None:
    assert set(SCENARIOS) == set(TEXTS)


@pytest.mark.parametrize("code", sorted(TEXTS, reverse=True))
def test_request_when_it_breaks_a_rule_is_refused_with_its_code(code: int) -> None:
    error = refused(code, SCENARIOS[code])
    assert error.status == 400
    assert error.body() == {"code": code, "msg": error.msg}
    assert error.msg
    assert "{}" not in error.msg


@pytest.mark.parametrize(("code", "scenario"), SECOND_WAYS)
def test_request_when_it_breaks_a_rule_in_another_way_is_refused(
    code: int, scenario: Callable[[], Any]
) -> None:
    refused(code, scenario)


def test_refused_order_when_queried_was_never_there() -> None:
    trader = held()
    trader.events()
    refused(-4014, trader.order, "BUY", 1, "99.95")
    refused(-2021, trader.stop, "SELL", 101, 1)
    assert trader.events() == []
    assert trader.call("open_orders") == []
    assert trader.call("open_algos") == []


def test_refusal_when_built_fills_the_text() -> None:
    error = refusal(-4164, "5")
    assert (
        error.msg == "Order's notional must be no smaller than 5 (unless you choose reduce only)."
    )
    assert str(error).startswith("-4164: ")


def test_api_error_when_given_a_status_keeps_it() -> None:
    error = ApiError(-1000, "busy", 503)
    assert (error.code, error.msg, error.status) == (-1000, "busy", 503)
    assert isinstance(error, SimError)
