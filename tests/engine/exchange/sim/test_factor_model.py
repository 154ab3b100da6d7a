import json
from dataclasses import fields

import numpy as np

from engine.exchange.sim.factor_model import POINTS, FactorModel
from engine.exchange.sim.listings import synthetic_listings
from tests.engine.exchange.sim.market_builders import START_MS

MINUTE = START_MS // 60_000


def model(seed=1, symbols=8, first=MINUTE):
    return FactorModel(synthetic_listings(symbols, seed, START_MS), seed, first)


def same(one, other):
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(one)
        if field.name != "quote_total"
    )


def test_model_when_the_seed_is_the_same_makes_the_same_bytes():
    one, other, different = model(), model(), model(seed=2)
    for _ in range(5):
        minute = one.next_minute()
        assert same(minute, other.next_minute())
        assert not same(minute, different.next_minute())


def test_model_when_saved_and_loaded_through_json_continues_with_the_same_bytes():
    one, other = model(), model()
    for _ in range(7):
        one.next_minute()
    other.load(json.loads(json.dumps(one.dump())))
    for _ in range(5):
        assert same(one.next_minute(), other.next_minute())


def test_minute_when_made_is_consistent_point_by_point():
    source = model(symbols=40)
    for _ in range(20):
        trades = source.next_minute()
        assert trades.price.shape == (POINTS, 45)
        active = trades.trades > 0
        assert (trades.price[active] >= 1).all()
        assert (trades.lots[active] >= trades.trades[active]).all()
        assert (trades.lots[~active] == 0).all()
        assert (trades.quote[~active] == 0).all()
        assert (trades.taker_lots <= trades.lots).all()
        assert (trades.spread >= 1).all()


def test_minute_when_the_last_one_closed_begins_there():
    source = model()
    first, second = source.next_minute(), source.next_minute()
    assert np.array_equal(second.close_before, first.candles.close)
    assert np.array_equal(second.buys_before, first.buys_after)


def test_contracts_when_not_trading_have_no_trades():
    symbols = 8
    source = model(symbols=symbols, first=MINUTE + 36 * 60 - 2)
    counts = [source.next_minute().trades.sum(axis=0) for _ in range(4)]
    leaving, settling, pending = symbols - 1, symbols + 3, symbols + 4
    assert [bool(c[leaving]) for c in counts] == [True, True, False, False]
    assert not any(c[settling] for c in counts)
    assert all(c[pending] for c in counts)


def test_quote_volume_when_averaged_is_near_the_listed_one():
    listings = synthetic_listings(40, 3, START_MS)
    source = FactorModel(listings, 3, MINUTE)
    total = np.sum([source.next_minute().candles.quote for _ in range(1440)], axis=0)
    listed = np.array([item.day_quote_volume for item in listings])
    # One day is one draw of the slow market-wide volume state: hence the wide band.
    assert 0.35 < np.median(total[:39] / listed[:39]) < 2.8
