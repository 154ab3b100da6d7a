from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.persistence import StateError
from tests.engine.exchange.sim.exchange_builders import OTHER, SYMBOL, Trader, dec, rules, tick

LISTED = (rules(), rules(OTHER))


def restarted(trader: Trader) -> Trader:
    """The same customer after the exchange was stopped and started again through JSON text."""
    state = json.loads(json.dumps(trader.exchange.dump()))
    again = copy.copy(trader)
    again.exchange = Exchange.load(state, LISTED, behaviour=trader.world.behaviour)
    return again


def busy() -> Trader:
    trader = Trader(trigger_delay_ms=500)
    trader.call("set_margin_type", symbol=OTHER, marginType="ISOLATED")
    trader.order("BUY", 2)
    trader.order("SELL", 1, symbol=OTHER)
    trader.order("BUY", 1, 99)
    trader.stop("SELL", 95, closePosition="true")
    trader.stop("SELL", 97, 1, clientAlgoId="guard")
    trader.call("countdown_cancel_all", symbol=SYMBOL, countdownTime=60_000)
    trader.move(98, path=(97, 98))
    return trader


def test_exchange_when_restarted_answers_as_before() -> None:
    trader = busy()
    again = restarted(trader)
    for endpoint in ("open_orders", "open_algos", "account_v3", "position_risk_v3", "income"):
        assert again.call(endpoint) == trader.call(endpoint), endpoint
    assert again.exchange.ledger.facts == trader.exchange.ledger.facts
    assert again.exchange.dump() == trader.exchange.dump()


def test_exchange_when_restarted_goes_on_the_same_way() -> None:
    trader = busy()
    again = restarted(trader)
    for each in (trader, again):
        each.wait(500)
        each.move(94)
        each.order("BUY", 1)
        each.wait(60_000)
    assert again.events() == trader.events()
    assert again.exchange.dump() == trader.exchange.dump()


def test_margin_call_when_sent_before_a_restart_is_not_sent_again() -> None:
    trader = Trader(seed_balance=100)
    trader.order("BUY", 15)
    trader.move("94.5")
    again = restarted(trader)
    assert len(again.events("MARGIN_CALL")) == 1
    again.move("94.6")
    assert again.events("MARGIN_CALL") == []


def test_undelivered_events_when_restarted_are_still_delivered() -> None:
    trader = busy()
    again = restarted(trader)
    assert again.events() == trader.events() != []


def test_state_when_of_another_format_is_refused_with_the_reason() -> None:
    state = Trader().exchange.dump()
    state["format"] = 99
    with pytest.raises(StateError, match="has format 99, this program reads 1"):
        Exchange.load(state, LISTED)


@pytest.mark.parametrize("part", ["accounts", "counters", "ledger", "quotes", "seed_balance"])
def test_state_when_a_part_is_missing_is_refused(part: str) -> None:
    state = busy().exchange.dump()
    del state[part]
    with pytest.raises(StateError, match="is broken"):
        Exchange.load(state, LISTED)


def test_state_when_a_number_is_torn_is_refused() -> None:
    state = busy().exchange.dump()
    state["accounts"][0]["wallet"] = "99x"
    with pytest.raises(StateError, match="is broken"):
        Exchange.load(state, LISTED)


def test_state_when_it_holds_symbols_of_another_market_is_refused() -> None:
    state = busy().exchange.dump()
    with pytest.raises(StateError, match="does not have: \\['XYZUSDT'\\]"):
        Exchange.load(state, (rules(),))


def test_status_when_a_symbol_was_settled_is_kept() -> None:
    trader = Trader(rules(delivery_ms=1), rules(OTHER))
    trader.wait(1)
    state = trader.exchange.dump()
    again = Exchange.load(state, (rules(delivery_ms=1), rules(OTHER)))
    assert again.exchange_info(0)["symbols"][0]["status"] == "SETTLING"


actions = st.lists(
    st.one_of(
        st.tuples(st.just("market"), st.sampled_from(["BUY", "SELL"]), st.integers(6, 300)),
        st.tuples(st.just("limit"), st.sampled_from(["BUY", "SELL"]), st.integers(-30, 30)),
        st.tuples(st.just("stop"), st.sampled_from(["BUY", "SELL"]), st.integers(-30, 30)),
        st.tuples(st.just("move"), st.just(""), st.integers(-40, 40)),
    ),
    max_size=25,
)


def act(trader: Trader, action: tuple[str, str, int]) -> Any:
    kind, side, number = action
    last = trader.world.quotes[SYMBOL].last
    if kind == "market":
        return trader.order(side, number * dec("0.01"))
    if kind == "limit":
        return trader.order(side, 1, last + number * dec("0.1"))
    if kind == "stop":
        return trader.stop(side, last + number * dec("0.1"), 1)
    trader.now_ms += 1000
    price = max(dec(50), last + number * dec("0.1"))
    return trader.exchange.on_tick(SYMBOL, tick(price), trader.now_ms)


@settings(max_examples=50, deadline=None)
@given(actions)
def test_state_when_dumped_and_loaded_at_any_moment_is_the_same(
    history: list[tuple[str, str, int]],
) -> None:
    trader = Trader()
    for action in history:
        try:
            act(trader, action)
        except ApiError:
            continue
    again = restarted(trader)
    assert again.exchange.dump() == trader.exchange.dump()
    assert again.account == trader.account
    assert again.world.counters == trader.world.counters


def test_dump_when_repeated_packs_only_the_new_and_equals_a_fresh_one() -> None:
    trader = busy()
    trader.exchange.dump()
    trader.order("BUY", 1)
    trader.call("cancel_all_orders", symbol=SYMBOL)
    trader.move(90)
    trader.wait(1_000)
    fresh = Exchange.load(trader.exchange.dump(), LISTED)
    assert trader.exchange.dump() == fresh.dump()
    first = trader.exchange.dump()
    trader.order("SELL", 2)
    assert first == fresh.dump()


def test_dump_when_old_rows_were_forgotten_no_longer_holds_them() -> None:
    trader = busy()
    trader.exchange.dump()
    first = trader.account.trades[0].trade_id
    trader.wait(91 * 86_400_000)
    trader.order("BUY", 1)
    state = trader.exchange.dump()
    assert [row[0] for row in state["accounts"][0]["trades"]] == [
        trade.trade_id for trade in trader.account.trades
    ]
    assert trader.account.trades[0].trade_id > first
    assert restarted(trader).exchange.dump() == state
