from decimal import Decimal

import numpy as np
import pytest

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.market import MarketError
from tests.engine.exchange.sim.market_builders import START_MS, small_market, walk_to


@pytest.fixture(scope="module")
def market():
    market = small_market(symbols=45, warm_minutes=700)
    walk_to(market, START_MS + 5 * MINUTE_MS + 30_000)
    return market


def test_candles_when_asked_for_499_are_consecutive_and_end_with_the_open_one(market):
    rows = market.candles("BTCUSDT", None, None, 499, "1m")
    assert len(rows) == 499
    assert [row[0] for row in rows] == [rows[0][0] + index * MINUTE_MS for index in range(499)]
    assert rows[-1][0] == START_MS + 5 * MINUTE_MS
    opened = market.open_candles()
    assert float(rows[-1][4]) == opened.close[0]
    assert float(rows[-1][5]) == opened.volume[0]
    assert rows[-1][8] == opened.trades[0]


def test_candles_when_history_and_live_minutes_meet_have_no_seam(market):
    rows = market.candles("ETHUSDT", START_MS - 3 * MINUTE_MS, START_MS + 2 * MINUTE_MS, 100, "1m")
    assert [row[0] for row in rows] == [START_MS + k * MINUTE_MS for k in range(-3, 3)]
    for row in rows:
        low, high = float(row[3]), float(row[2])
        assert low <= float(row[1]) <= high
        assert low <= float(row[4]) <= high
        assert float(row[9]) <= float(row[5])
        assert row[6] == row[0] + MINUTE_MS - 1
        assert low <= float(row[7]) / float(row[5]) <= high


@pytest.mark.parametrize("interval", ["3m", "5m", "15m", "1h", "4h"])
def test_candles_when_merged_add_up_to_the_minutes(market, interval):
    merged = market.candles("SOLUSDT", None, None, 3, interval)[1]
    fine = market.candles("SOLUSDT", merged[0], merged[6], 1500, "1m")
    assert float(merged[5]) == pytest.approx(sum(float(row[5]) for row in fine))
    assert merged[8] == sum(row[8] for row in fine)
    assert merged[1] == fine[0][1]
    assert merged[4] == fine[-1][4]
    assert float(merged[2]) == max(float(row[2]) for row in fine)


def test_candles_when_the_first_symbol_is_not_ascii_are_served_like_others(market):
    assert len(market.candles("币安人生USDT", None, None, 10, "1m")) == 10


def test_candles_when_a_contract_never_traded_are_empty(market):
    assert market.candles("OLDCOINUSDT", None, None, 10, "1m") == []


@pytest.mark.parametrize(
    ("symbol", "limit", "interval", "message"),
    [
        ("NOPEUSDT", 10, "1m", "symbol 'NOPEUSDT' is not listed"),
        ("BTCUSDT", 10, "7m", "interval '7m' is not one of 1m 3m"),
        ("BTCUSDT", 1501, "1m", "limit must be 1..1500, got 1501"),
        ("BTCUSDT", 0, "1m", "limit must be 1..1500, got 0"),
    ],
)
def test_candles_when_asked_wrongly_say_what_is_allowed(market, symbol, limit, interval, message):
    with pytest.raises(MarketError, match=message):
        market.candles(symbol, None, None, limit, interval)


def test_ticker_when_less_than_a_day_is_held_counts_all_of_it(market):
    rows = market.candles("BTCUSDT", None, None, 1500, "1m")
    ticker = market.ticker_24h("BTCUSDT")
    assert ticker["count"] == sum(row[8] for row in rows)
    assert float(ticker["highPrice"]) == max(float(row[2]) for row in rows)
    assert float(ticker["lowPrice"]) == min(float(row[3]) for row in rows)
    assert float(ticker["quoteVolume"]) == pytest.approx(sum(float(row[7]) for row in rows))


def test_tick_when_read_is_exact_in_ticks_and_lots(market):
    for rules in market.rules[:45]:
        tick = market.tick(rules.symbol)
        for price in (tick.bid, tick.ask, tick.last, *tick.path):
            assert price % rules.tick_size == 0
        assert tick.bid_qty % rules.step_size == 0
        assert tick.bid_qty >= rules.step_size
        assert tick.bid <= tick.last <= tick.ask
        assert tick.mark == round(tick.mark, 8)


def test_book_when_a_contract_is_liquid_is_deeper(market):
    assert market.depth_notional("BTCUSDT") > 100 * market.depth_notional("EOSUSDT")
    assert market.depth_notional("BTCUSDT") == Decimal(13_200_000)
    value = market.bid_qty * market.open_candles().close
    assert value[0] > 20 * value[37]


def test_mark_when_compared_with_index_differs_by_the_basis_only(market):
    assert np.abs(market.mark_price / market.index_price - 1).max() < 0.002
    row = market.premium_index("BTCUSDT")
    assert float(row["markPrice"]) == pytest.approx(market.mark_price[0])
    assert row["nextFundingTime"] == market.next_funding_ms[0] > market.now_ms
    assert float(row["lastFundingRate"]) == pytest.approx(market.funding_rate[0])


def test_funding_history_when_limited_gives_the_latest_or_from_the_start_the_first(market):
    everything = market.funding_history("BTCUSDT", None, None, 100)
    assert len(everything) >= 1
    assert market.funding_history("BTCUSDT", None, None, 1) == everything[-1:]
    assert (
        market.funding_history("BTCUSDT", everything[0]["fundingTime"], None, 1) == (everything[:1])
    )
    assert all(row["markPrice"] for row in everything)
    symbols = {row["symbol"] for row in market.funding_history(None, None, None, 1000)}
    assert "BTCUSDT_270326" not in symbols
    assert len(symbols) > 40


def test_long_history_when_warmed_reaches_back_in_quarter_hours():
    market = small_market(symbols=2, warm_minutes=3000)
    rows = market.candles("BTCUSDT", None, None, 200, "15m")
    assert len(rows) == 200
    assert [row[0] for row in rows] == [rows[0][0] + k * 900_000 for k in range(200)]
    assert len(market.candles("BTCUSDT", None, None, 1500, "1m")) == 1500
