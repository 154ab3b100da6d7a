import numpy as np

from engine.exchange.sim.revealed_minute import RevealedMinute
from tests.engine.exchange.sim.market_builders import minute_trades

PHASES = np.array([0.0])


def revealed(prices, elapsed_ms):
    path = minute_trades([[p] for p in prices], [[1]] * len(prices)).path()
    minute = RevealedMinute(path, 7, PHASES, seed=1)
    minute.reveal(elapsed_ms)
    return minute


def test_minute_when_fresh_shows_only_points_at_its_first_instant():
    minute = revealed([101, 102, 103, 104], 0)
    assert minute.points.tolist() == [1]
    assert minute.candles.close.tolist() == [101]


def test_minute_when_half_over_shows_half_of_its_points():
    minute = revealed([101, 99, 103, 104], 29_999)
    assert minute.candles.close.tolist() == [99]
    assert (minute.candles.high[0], minute.candles.low[0]) == (101, 99)
    assert minute.bid.tolist() == [99]
    assert minute.ask.tolist() == [100]


def test_smooth_price_when_a_wick_appears_moves_a_third_of_it():
    minute = revealed([100, 100, 130, 100], 30_000)
    assert minute.candles.close[0] == 130
    assert minute.smooth_ticks()[0] == 110


def test_size_factors_when_asked_twice_agree_and_differ_by_side():
    one, other = revealed([101, 102], 0), revealed([101, 102], 0)
    assert one.size_factors(0) == one.size_factors(0) == other.size_factors(0)
    assert one.size_factors(0) != one.size_factors(1)
    assert 0.1 <= one.size_factors(0)[0] <= 2.1
