import numpy as np
import pytest

from engine.exchange.sim.factor_model import FactorModel
from engine.exchange.sim.listings import synthetic_listings
from engine.exchange.sim.market import MarketError
from engine.exchange.sim.synthetic import SyntheticMarket
from tests.engine.exchange.sim.market_builders import START_MS, small_market, walk_to

SYMBOLS, DAYS = 12, 6


class Sample:
    """A week of closed minutes of the liquid contracts, and the statistics measured on them."""

    def __init__(self):
        listings = synthetic_listings(SYMBOLS + 1, 2, START_MS)[:SYMBOLS]
        model = FactorModel(listings, 2, START_MS // 60_000)
        rows = [model.next_minute().candles for _ in range(DAYS * 1440)]
        self.minute = START_MS // 60_000 + np.arange(1, len(rows))
        self.tick_bps = np.array([1e4 * float(i.rules.tick_size) / i.price for i in listings])
        for name in ("open", "high", "low", "close", "quote", "trades"):
            setattr(self, name, np.array([getattr(row, name) for row in rows], dtype=float))
        self.returns = np.diff(np.log(self.close), axis=0) * 1e4
        self.size = np.abs(self.returns)


def autocorrelation(values, lag):
    centred = values - values.mean(axis=0)
    return (centred[lag:] * centred[:-lag]).mean(axis=0) / (centred**2).mean(axis=0)


@pytest.fixture(scope="module")
def sample():
    return Sample()


# Bands: the extremes over symbols of real 1-minute candles of 2023-07 and 2025-01.


def test_spread_of_returns_when_measured_lies_within_that_of_real_candles(sample):
    sd = sample.returns.std(axis=0)
    assert sd.min() >= 3.3
    assert sd.max() <= 19.3
    assert 1.2 <= np.median(sample.size[:, 0]) <= 5.3
    assert 11 <= np.percentile(sample.size[:, 0], 99) <= 45


def test_tails_of_returns_when_measured_are_fat_like_real_ones(sample):
    z = (sample.returns - sample.returns.mean(axis=0)) / sample.returns.std(axis=0)
    kurtosis = (z**4).mean(axis=0) - 3
    assert 13 <= np.median(kurtosis) <= 337
    assert kurtosis.min() > 7


@pytest.mark.parametrize(
    ("lag", "low", "high"), [(1, 0.24, 0.48), (10, 0.15, 0.32), (60, 0.09, 0.25)]
)
def test_volatility_when_measured_clusters_like_real_one(sample, lag, low, high):
    assert low <= np.median(autocorrelation(sample.size, lag)) <= high


def test_direction_when_measured_is_not_predictable(sample):
    correlation = autocorrelation(sample.returns, 1)
    assert correlation.min() >= -0.26
    assert correlation.max() <= 0.05
    lagged = [
        np.corrcoef(sample.returns[:-1, 0], sample.returns[1:, k])[0, 1] for k in range(1, SYMBOLS)
    ]
    assert np.abs(lagged).max() < 0.07


def test_contracts_when_compared_move_together_like_real_ones(sample):
    correlation = np.corrcoef(sample.returns.T)
    with_first = correlation[0, 1:]
    assert with_first.min() >= 0.36
    assert with_first.max() <= 0.82
    pairs = correlation[np.triu_indices(SYMBOLS, 1)]
    assert 0.35 <= np.median(pairs) <= 0.71
    share = np.linalg.eigvalsh(correlation)[-1] / SYMBOLS
    assert 0.43 <= share <= 0.75


def test_slow_moves_when_measured_add_up_from_fast_ones(sample):
    quarter = np.diff(np.log(sample.close[::15]), axis=0) * 1e4
    ratio = quarter.var(axis=0) / 15 / sample.returns.var(axis=0)
    assert 0.77 <= np.median(ratio) <= 1.15


def test_hours_when_measured_have_the_activity_of_real_ones(sample):
    hour = sample.minute % 1440 // 60
    mean = np.array([np.median(sample.size[hour == h], axis=0).mean() for h in range(24)])
    mean /= mean.mean()
    assert mean[[14, 15, 16]].mean() > 1.1 * mean[[3, 4, 5, 6]].mean()


def test_candles_when_measured_have_bodies_and_wicks_like_real_ones(sample):
    span = np.where(sample.high > sample.low, sample.high - sample.low, np.nan)
    top, bottom = np.maximum(sample.open, sample.close), np.minimum(sample.open, sample.close)
    body = np.nanmean(np.abs(sample.close - sample.open) / span, axis=0)
    assert 0.45 <= np.median(body) <= 0.67
    assert 0.16 <= np.median(np.nanmean((sample.high - top) / span, axis=0)) <= 0.28
    assert 0.16 <= np.median(np.nanmean((bottom - sample.low) / span, axis=0)) <= 0.28


def test_closes_and_next_opens_when_measured_nearly_touch_like_real_ones(sample):
    gap = np.abs(np.log(sample.open[1:] / sample.close[:-1])) * 1e4
    assert 0.35 <= np.median((gap == 0).mean(axis=0)) <= 0.7
    assert np.median(gap.mean(axis=0)) <= 0.8


def test_coarse_ticks_when_measured_leave_more_returns_at_zero(sample):
    zero = (sample.returns == 0).mean(axis=0)
    coarsest, finest = np.argmax(sample.tick_bps), np.argmin(sample.tick_bps)
    assert zero[coarsest] > 0.08
    assert zero[finest] < 0.02
    assert zero.max() < 0.44


def test_volume_when_measured_varies_and_follows_volatility_like_real_one(sample):
    log_quote = np.log(np.maximum(sample.quote, 1))
    assert 0.75 <= np.median(log_quote.std(axis=0)) <= 1.3
    assert 0.5 <= np.median(autocorrelation(log_quote, 1)) <= 0.8
    together = [np.corrcoef(log_quote[1:, k], sample.size[:, k])[0, 1] for k in range(SYMBOLS)]
    assert 0.38 <= np.median(together) <= 0.62
    assert np.mean(sample.trades == 0) < 0.01


def test_market_when_built_twice_from_one_seed_is_the_same_to_the_byte():
    one, other, different = small_market(seed=9), small_market(seed=9), small_market(seed=10)
    assert one.candles("BTCUSDT", None, None, 40, "1m") == (
        other.candles("BTCUSDT", None, None, 40, "1m")
    )
    assert one.candles("BTCUSDT", None, None, 40, "1m") != (
        different.candles("BTCUSDT", None, None, 40, "1m")
    )
    pairs = zip(
        walk_to(one, START_MS + 90_000, 7_000), walk_to(other, START_MS + 90_000, 7_000),
        strict=True,
    )  # fmt: skip
    assert all(a.last.tobytes() == b.last.tobytes() for a, b in pairs)


def test_market_when_its_start_is_inside_a_minute_begins_at_the_whole_one():
    market = SyntheticMarket(1, seed=1, start_ms=START_MS + 59_999, warm_minutes=2)
    assert market.start_ms == market.now_ms == START_MS


@pytest.mark.parametrize("arguments", [{"seed": -1}, {"warm_minutes": 0}])
def test_market_when_built_with_senseless_numbers_says_what_is_allowed(arguments):
    with pytest.raises(MarketError, match="seed must be >= 0 and warm_minutes >= 1"):
        SyntheticMarket(1, start_ms=START_MS, **arguments)
