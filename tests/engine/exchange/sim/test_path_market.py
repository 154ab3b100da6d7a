import json
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim import listings, path_market
from engine.exchange.sim.candle_book import CandleBook
from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.funding_rates import HOUR_MS
from engine.exchange.sim.market import MarketError
from tests.engine.exchange.sim.market_builders import (
    START_MS,
    closed_minutes,
    small_market,
    walk_to,
)

END_MS = START_MS + 4 * MINUTE_MS


def same_columns(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__slots__)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 130_000), min_size=1, max_size=60))
def test_candles_when_time_is_chopped_anyhow_close_the_same(chops):
    by_minute, chopped = small_market(warm_minutes=3), small_market(warm_minutes=3)
    expected = closed_minutes(walk_to(by_minute, END_MS))
    steps = []
    for chop in [*chops, END_MS]:
        target = min(chopped.now_ms + chop, END_MS)
        while chopped.now_ms < target:
            steps.append(chopped.advance(target))
    got = closed_minutes(steps)
    assert len(got) == len(expected) == 4
    assert all(same_columns(a, b) for a, b in zip(got, expected, strict=True))
    for end, step in zip(steps[1:], steps, strict=False):
        assert end.start_ms == step.time_ms
    volume = sum(step.volume for step in steps)
    assert np.allclose(volume, sum(candle.volume for candle in expected))
    assert np.array_equal(
        sum(step.trades for step in steps), sum(candle.trades for candle in expected)
    )


def test_advance_when_asked_beyond_the_minute_stops_exactly_at_its_end():
    market = small_market()
    step = market.advance(START_MS + 10 * MINUTE_MS)
    assert step.time_ms == START_MS + MINUTE_MS == market.now_ms
    assert step.closed is not None
    assert step.closed.open_ms == START_MS
    assert market.open_candles().open_ms == START_MS + MINUTE_MS


def test_advance_when_inside_a_minute_closes_nothing_and_moves_the_open_candle():
    market = small_market()
    before = market.open_candles()
    step = market.advance(START_MS + 45_000)
    after = market.open_candles()
    assert step.closed is None
    assert (after.trades >= before.trades).all()
    assert after.trades[0] > before.trades[0]
    assert np.array_equal(after.close, step.last)


def test_advance_when_asked_to_stand_still_changes_nothing():
    market = small_market()
    market.advance(START_MS + 5_000)
    step = market.advance(START_MS + 5_000)
    assert not step.traded.any()
    assert step.volume.sum() == 0
    assert market.tick("BTCUSDT").path == ()


def test_advance_when_asked_to_go_back_refuses_with_both_times():
    market = small_market()
    market.advance(START_MS + 5_000)
    with pytest.raises(MarketError, match=f"at {START_MS + 5_000}, asked for {START_MS}"):
        market.advance(START_MS)


def test_trade_ids_when_minutes_follow_each_other_are_consecutive():
    market = small_market(symbols=45, warm_minutes=30)
    candles = closed_minutes(walk_to(market, START_MS + 30 * MINUTE_MS))
    for older, newer in pairwise(candles):
        assert np.array_equal(newer.first_id, older.last_id + 1)
        assert np.array_equal(newer.last_id - newer.first_id + 1, newer.trades)
    silent = ~candles[0].traded
    assert silent.any()
    assert np.array_equal(candles[0].trades > 0, candles[0].traded)


def test_quotes_when_time_moves_surround_the_last_price():
    market = small_market(symbols=45, warm_minutes=5)
    for step in walk_to(market, START_MS + 3 * MINUTE_MS, step_ms=5_000):
        assert (step.bid <= step.last).all()
        assert (step.last <= step.ask).all()
        assert (step.bid < step.ask).all()
        assert np.abs(step.mark / step.last - 1).max() < 0.05


def test_tick_path_when_steps_are_small_joins_to_that_of_one_large_step():
    one, many = small_market(), small_market()
    one.advance(START_MS + 40_000)
    joined = []
    while many.now_ms < START_MS + 40_000:
        step = many.advance(min(many.now_ms + 700, START_MS + 40_000))
        tick = many.tick("ETHUSDT")
        joined += tick.path
        assert float(tick.last) == step.last[1]
    assert tuple(joined) == one.tick("ETHUSDT").path
    assert len(joined) > 5


def test_tick_when_a_minute_closes_still_shows_the_prices_traded_before_the_boundary():
    market = small_market()
    market.advance(START_MS + MINUTE_MS - 10_000)
    step = market.advance(START_MS + MINUTE_MS)
    tick = market.tick("BTCUSDT")
    assert step.closed is not None
    assert tick.path
    assert float(tick.path[-1]) == step.closed.close[0] == float(tick.last)


def test_funding_when_charged_is_due_once_for_trading_contracts():
    market = small_market(warm_minutes=3, start_ms=START_MS // (8 * HOUR_MS) * 8 * HOUR_MS - 60_000)
    assert market.funding_due(market.now_ms) == []
    walk_to(market, market.start_ms + 2 * MINUTE_MS)
    charges = market.funding_due(market.now_ms)
    trading = [
        r.symbol
        for r in market.rules
        if r.status == "TRADING" and r.contract_type != "CURRENT_QUARTER"
    ]
    assert sorted(charge.symbol for charge in charges) == sorted(trading)
    assert {charge.time_ms for charge in charges} == {market.start_ms + MINUTE_MS}
    assert all(charge.mark > 0 for charge in charges)
    assert market.funding_due(market.now_ms) == []


def test_contract_when_its_end_comes_is_reported_and_stops_trading(monkeypatch):
    monkeypatch.setattr(listings, "DELISTING_AFTER_MS", 5 * MINUTE_MS)
    market = small_market(symbols=3, warm_minutes=1)
    leaving = market.rules[2].symbol
    end_ms = START_MS + 5 * MINUTE_MS
    before = walk_to(market, end_ms - 60_000)
    assert not any(rules.symbol == leaving for step in before for rules in step.contract_changes)
    assert before[-1].closed.traded[2]
    (step,) = walk_to(market, end_ms)
    assert [(r.symbol, r.status) for r in step.contract_changes] == [(leaving, "SETTLING")]
    assert market.rules[2].status == "SETTLING"
    after = closed_minutes(walk_to(market, end_ms + 2 * MINUTE_MS))
    assert not any(candle.traded[2] for candle in after)


@pytest.mark.parametrize("minutes", [7, 170])
def test_market_when_saved_and_loaded_through_json_continues_with_the_same_bytes(
    minutes, monkeypatch
):
    # A short history makes the market drop old snapshots within the test.
    monkeypatch.setattr(path_market, "CandleBook", partial(CandleBook, fine_capacity=60))
    market = small_market(symbols=2, warm_minutes=70)
    walk_to(market, START_MS + minutes * MINUTE_MS + 17_000)
    market.funding_due(market.now_ms)
    state = json.loads(json.dumps(market.dump()))
    again = small_market(symbols=2, warm_minutes=70)
    again.load(state)
    assert again.now_ms == market.now_ms
    assert same_columns(again.open_candles(), market.open_candles())
    assert again.candles("BTCUSDT", None, None, 1500, "1m") == market.candles(
        "BTCUSDT", None, None, 1500, "1m"
    )
    assert len(again.candles("BTCUSDT", None, None, 1500, "1m")) == 61
    assert again.tick("BTCUSDT").bid == market.tick("BTCUSDT").bid
    assert again.funding_due(market.now_ms + HOUR_MS) == market.funding_due(market.now_ms + HOUR_MS)
    for one, other in zip(
        walk_to(market, market.now_ms + 150_000, step_ms=9_000),
        walk_to(again, again.now_ms + 150_000, step_ms=9_000),
        strict=True,
    ):
        assert np.array_equal(one.last, other.last)
        assert np.array_equal(one.bid, other.bid)
        assert np.array_equal(one.mark, other.mark)


def test_load_when_the_saved_market_had_other_symbols_refuses():
    with pytest.raises(MarketError, match="saved market has 8 symbols, this 10"):
        small_market(symbols=5).load(small_market(symbols=3).dump())


def test_exhausted_when_the_market_is_synthetic_is_never_true():
    assert not small_market().exhausted
