import json
from decimal import Decimal

import numpy as np
import pytest

from engine.exchange.sim import quote_rows
from engine.exchange.sim.funding_rates import FundingRates
from engine.exchange.sim.listings import make_rules
from tests.engine.exchange.sim.market_builders import START_MS, small_market
from tests.shared import shared_path


@pytest.fixture(scope="module")
def market():
    market = small_market(4, warm_minutes=600)
    market.advance(market.now_ms + 30_000)
    return market


def shape(value):
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return type(value).__name__


@pytest.mark.parametrize(
    ("sample", "row"),
    [
        ("ticker_24hr", lambda m: m.ticker_24h("BTCUSDT")),
        ("premiumIndex", lambda m: m.premium_index("BTCUSDT")),
        ("bookTicker_rest", lambda m: m.book_ticker("BTCUSDT")),
        ("fundingInfo", lambda m: m.funding_info()[0]),
        ("fundingRate", lambda m: m.funding_history("BTCUSDT", None, None, 5)[0]),
        ("klines_1m_rest", lambda m: m.candles("BTCUSDT", None, None, 5, "1m")[0]),
    ],
)
def test_row_when_compared_with_a_recorded_one_has_its_shape(sample, row, market):
    recorded = json.loads(shared_path(f"samples/binance/live_recorded/{sample}.json").read_text())
    expected = recorded[0] if isinstance(recorded, list) else recorded
    got = row(market)
    if isinstance(expected, list):
        assert [type(item) for item in got] == [type(item) for item in expected]
        return
    assert shape(got) == shape(expected)


def test_ticker_when_the_price_fell_shows_a_negative_change(market):
    columns = market.ticker_columns()
    rules = market.rules[0]
    row = quote_rows.ticker_24h(rules, columns, 0, Decimal("0.001"))
    change = float(row["lastPrice"]) - float(row["openPrice"])
    assert float(row["priceChange"]) == pytest.approx(change)
    assert float(row["priceChangePercent"]) == pytest.approx(
        100 * change / float(row["openPrice"]), abs=0.001
    )
    assert row["lastId"] - row["firstId"] + 1 == row["count"]


def test_funding_info_when_an_interval_is_the_default_leaves_the_symbol_out():
    rules = [make_rules(f"C{index}", Decimal("0.01"), 10.0) for index in range(50)]
    funding = FundingRates(rules, seed=1)
    rows = quote_rows.funding_info(rules, funding)
    assert len(rows) == int(np.sum(funding.interval_hours == 4))
    assert {row["fundingIntervalHours"] for row in rows} == {4}


def test_funding_rate_when_the_mark_is_unknown_leaves_it_empty():
    assert quote_rows.funding_rate("AUSDT", START_MS, -0.0001, None)["markPrice"] == ""
    row = quote_rows.funding_rate("AUSDT", START_MS, -0.0001, 2.5)
    assert (row["fundingRate"], row["markPrice"]) == ("-0.00010000", "2.50000000")
