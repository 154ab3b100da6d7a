from decimal import Decimal

import numpy as np
import pytest

from engine.exchange.sim.listings import (
    DELISTING_AFTER_MS,
    make_rules,
    synthetic_listings,
    typical_spread_bps,
)
from engine.exchange.sim.rules import PERPETUAL_DELIVERY_MS
from tests.engine.exchange.sim.market_builders import START_MS


@pytest.fixture(scope="module")
def listings():
    return synthetic_listings(530, 1, START_MS)


def in_universe(rules):
    return (
        rules.contract_type == "PERPETUAL"
        and rules.status == "TRADING"
        and rules.quote == rules.margin_asset == "USDT"
    )


def test_listings_when_530_are_wanted_hold_530_for_the_universe_and_five_to_refuse(listings):
    inside = [item for item in listings if in_universe(item.rules)]
    assert len(inside) == 530
    assert len(listings) == 535
    assert len({item.rules.symbol for item in listings}) == 535
    refused = {item.rules.contract_type for item in listings[530:]}
    assert {"TRADIFI_PERPETUAL", "CURRENT_QUARTER"} <= refused
    assert {"SETTLING", "PENDING_TRADING"} <= {item.rules.status for item in listings[530:]}
    assert any(item.rules.quote == "USDC" for item in listings[530:])


def test_listings_when_made_contain_the_names_that_break_naive_code(listings):
    symbols = {item.rules.symbol for item in listings}
    assert {"BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "币安人生USDT"} <= symbols


def test_listings_when_one_is_leaving_it_says_when(listings):
    ending = [
        item.rules for item in listings[:530] if item.rules.delivery_ms != PERPETUAL_DELIVERY_MS
    ]
    assert [rules.delivery_ms for rules in ending] == [START_MS + DELISTING_AFTER_MS]


def test_listings_when_volumes_are_drawn_leave_most_but_not_all_tradable(listings):
    liquid = np.mean([item.day_quote_volume >= 10e6 for item in listings])
    assert 0.6 < liquid < 0.95


def test_listings_when_ticks_are_drawn_some_are_coarse_and_none_absurd(listings):
    bps = np.array([1e4 * float(i.rules.tick_size) / i.price for i in listings[:530]])
    assert 0.1 < np.median(bps) < 2.0
    assert 0.02 < np.mean(bps > 3) < 0.2
    assert bps.max() < 45
    assert bps.min() > 0.005


def test_listings_when_the_seed_changes_only_the_invented_ones_do():
    one, other = synthetic_listings(60, 1, START_MS), synthetic_listings(60, 2, START_MS)
    assert one[:41] == other[:41]
    assert one[45] != other[45]
    assert one == synthetic_listings(60, 1, START_MS)


@pytest.mark.parametrize("count", [0, -3])
def test_listings_when_the_count_is_senseless_say_what_is_allowed(count):
    with pytest.raises(ValueError, match="symbols must be at least 1"):
        synthetic_listings(count, 1, START_MS)


def test_listings_when_more_are_wanted_than_names_exist_say_how_many():
    with pytest.raises(ValueError, match="symbols must be at most"):
        synthetic_listings(5000, 1, START_MS)


def test_rules_when_made_keep_the_smallest_order_near_a_dollar_or_less():
    for price in (0.0004, 0.03, 0.9, 7.0, 180.0, 97_000.0):
        rules = make_rules("AAA", Decimal("0.0001"), price)
        assert float(rules.step_size) * price <= max(100.0, price)
        assert float(rules.step_size) * price < 100
        assert rules.market_max_qty * Decimal(price) > 500_000


def test_spread_when_a_contract_is_more_liquid_is_tighter():
    spreads = [typical_spread_bps(volume) for volume in (1e6, 1e7, 1e8, 1e10)]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[0] == pytest.approx(6.0)
    assert spreads[2] == pytest.approx(0.6)
