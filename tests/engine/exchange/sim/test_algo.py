from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.sim.algo import AlgoOrder, parse_algo
from engine.exchange.sim.params import Params
from tests.engine.exchange.sim.exchange_builders import START_MS, SYMBOL, dec, refused

STOP = {
    "algoType": "CONDITIONAL",
    "symbol": SYMBOL,
    "side": "SELL",
    "type": "STOP_MARKET",
    "triggerPrice": "95",
    "quantity": "1",
}


def parse(*, dual_side: bool = False, without: str = "", **changes: str) -> AlgoOrder:
    raw = {
        name: value for name, value in {**STOP, **changes}.items() if name not in without.split()
    }
    return parse_algo(Params(raw), START_MS, dual_side=dual_side)


def trailing(**changes: Any) -> AlgoOrder:
    sent = {"type": "TRAILING_STOP_MARKET", "callbackRate": "2", **changes}
    return parse(without="triggerPrice", **sent)


@pytest.mark.parametrize(
    ("kind", "side", "fires_at", "waits_at"),
    [
        ("STOP_MARKET", "SELL", 95, 96),
        ("STOP_MARKET", "BUY", 95, 94),
        ("TAKE_PROFIT_MARKET", "SELL", 95, 94),
        ("TAKE_PROFIT_MARKET", "BUY", 95, 96),
    ],
)
def test_trigger_when_the_price_is_reached_fires_from_the_right_side(
    kind: str, side: str, fires_at: int, waits_at: int
) -> None:
    algo = parse(type=kind, side=side)
    assert algo.has_crossed(Decimal(fires_at))
    assert not algo.has_crossed(Decimal(waits_at))


def test_order_when_parsed_keeps_what_was_asked() -> None:
    algo = parse(reduceOnly="true", workingType="MARK_PRICE", priceProtect="TRUE", clientAlgoId="s")
    assert (algo.qty, algo.trigger_price, algo.reduce_only) == (1, 95, True)
    assert (algo.working_type, algo.price_protect, algo.client_id) == ("MARK_PRICE", True, "s")
    assert algo.time_in_force == "GTC"
    assert algo.is_protective
    assert not algo.is_take_profit


def test_limit_kinds_when_the_price_is_missing_are_refused_and_market_kinds_take_none() -> None:
    refused(-1102, parse, type="STOP")
    refused(-1106, parse, price="94")
    assert parse(type="STOP", price="94").price == 94
    assert parse(type="STOP", price="94").actual_type == "LIMIT"
    assert parse().actual_type == "MARKET"


def test_close_position_when_parsed_has_no_quantity_and_needs_a_position() -> None:
    algo = parse(closePosition="true", without="quantity")
    assert (algo.qty, algo.close_position, algo.time_in_force) == (0, True, "GTE_GTC")
    assert algo.reduce_only
    hedged = parse(closePosition="true", without="quantity", dual_side=True, positionSide="LONG")
    assert not hedged.reduce_only
    assert hedged.is_protective
    refused(-4137, parse, closePosition="true")
    refused(-4136, parse, closePosition="true", type="STOP", price="94", without="quantity")


def test_regular_kinds_when_sent_here_are_refused() -> None:
    refused(-1116, parse, type="LIMIT", price="94")
    refused(-1116, parse, type="MARKET")


def test_hedge_mode_when_reduce_only_is_sent_is_refused() -> None:
    refused(-1106, parse, dual_side=True, positionSide="LONG", reduceOnly="true")
    refused(-4061, parse, dual_side=True)
    assert parse(dual_side=True, positionSide="LONG").position_side == "LONG"


def test_trailing_stop_when_parsed_takes_callback_and_activation_only() -> None:
    algo = trailing(activatePrice="110")
    assert (algo.callback_rate, algo.activate_price, algo.trigger_price) == (2, 110, 0)
    refused(-1106, parse, type="TRAILING_STOP_MARKET", callbackRate="2")
    refused(-1102, parse, type="TRAILING_STOP_MARKET", without="triggerPrice")
    refused(-1130, trailing, callbackRate="0.05")
    refused(-1106, parse, callbackRate="2")
    assert trailing(callbackRate="20").callback_rate == 20


def test_trailing_sell_when_the_price_falls_back_fires_below_its_best() -> None:
    algo = trailing(activatePrice="110")
    assert not algo.follow(dec(109))
    assert not algo.activated
    assert not algo.follow(dec(111))
    assert algo.activated
    assert not algo.follow(dec(120))
    assert not algo.follow(dec("117.7"))
    assert algo.extreme == 120
    assert algo.follow(dec("117.6"))


def test_trailing_buy_when_the_price_bounces_fires_above_its_best() -> None:
    algo = trailing(side="BUY", activatePrice="90")
    assert not algo.follow(dec(91))
    assert not algo.follow(dec(80))
    assert not algo.follow(dec("81.5"))
    assert algo.follow(dec("81.6"))


@given(st.lists(st.integers(50, 150).map(Decimal), min_size=1, max_size=50))
def test_trailing_stop_when_it_fires_is_the_callback_away_from_the_best(
    path: list[Decimal],
) -> None:
    algo = trailing()
    algo.activated, algo.extreme = True, path[0]
    for seen, price in enumerate(path, start=1):
        fired = algo.follow(price)
        best = max(path[:seen])
        assert algo.extreme == best
        assert fired == (price <= best * dec("0.98"))
        if fired:
            break


def test_protection_when_it_could_open_or_wait_is_not_counted() -> None:
    assert not parse().is_protective
    assert parse(dual_side=True, positionSide="LONG").is_protective
    assert not parse(dual_side=True, positionSide="SHORT").is_protective
    assert not parse(type="TAKE_PROFIT_MARKET", reduceOnly="true").is_protective
    assert not parse(type="STOP", price="94", reduceOnly="true").is_protective
    assert not trailing(reduceOnly="true", activatePrice="110").is_protective
