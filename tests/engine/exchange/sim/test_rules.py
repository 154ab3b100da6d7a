from __future__ import annotations

from engine.exchange.sim.rules import SymbolRules
from tests.engine.exchange.sim.exchange_builders import rules
from tests.engine.exchange.sim.shapes import assert_same_shape, sample


def live_row() -> dict[str, object]:
    row: dict[str, object] = sample("live_recorded/exchangeInfo_excerpt.json")["symbols"][0]
    return row


def test_row_when_compared_with_a_live_capture_has_its_shape() -> None:
    assert_same_shape(rules().exchange_info_row(), live_row())


def test_filters_when_compared_with_a_live_capture_are_the_seven_of_it() -> None:
    theirs = {f["filterType"]: f for f in live_row()["filters"]}  # type: ignore[attr-defined]
    ours = {f["filterType"]: f for f in rules().exchange_info_row()["filters"]}
    assert set(ours) == set(theirs)
    for name, content in ours.items():
        assert_same_shape(content, theirs[name])


def test_row_when_rules_are_given_carries_their_numbers_as_text() -> None:
    row = rules(status="SETTLING", max_num_orders=7).exchange_info_row()
    filters = {f["filterType"]: f for f in row["filters"]}
    assert row["status"] == "SETTLING"
    assert filters["PRICE_FILTER"]["tickSize"] == "0.1"
    assert filters["MARKET_LOT_SIZE"]["maxQty"] == "1000"
    assert filters["MAX_NUM_ORDERS"]["limit"] == 7
    assert filters["MIN_NOTIONAL"]["notional"] == "5"
    assert filters["PERCENT_PRICE"]["multiplierUp"] == "1.0500"


def test_pair_when_the_contract_is_quarterly_drops_the_date() -> None:
    quarterly: SymbolRules = rules("BTCUSDT_270326", contract_type="CURRENT_QUARTER")
    assert quarterly.pair == "BTCUSDT"
    assert rules().pair == "ABCUSDT"
