import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.replay_frames import read_recording
from engine.exchange.sim.replay_source import POINTS, ReplaySource, spread_trades, walk
from tests.engine.exchange.sim.market_builders import recorded_frame


@st.composite
def candles(draw):
    count = draw(st.integers(1, 4))
    low = np.array(draw(st.lists(st.integers(1, 10**6), min_size=count, max_size=count)))
    span = np.array(draw(st.lists(st.integers(0, 400), min_size=count, max_size=count)))
    where = st.lists(st.floats(0, 1), min_size=count, max_size=count)
    opened = low + np.floor(span * np.array(draw(where))).astype(int)
    close = low + np.floor(span * np.array(draw(where))).astype(int)
    return np.array([opened, low + span, low, close])


@settings(deadline=None)
@given(candles(), st.integers(0, 2**32 - 1))
def test_walk_when_made_starts_ends_and_turns_exactly_where_the_candle_says(candle, seed):
    price, high_at, low_at = walk(candle, np.random.default_rng(seed))
    columns = np.arange(candle.shape[1])
    assert np.array_equal(price[0], candle[0])
    assert np.array_equal(price[-1], candle[3])
    assert np.array_equal(price[high_at, columns], candle[1])
    assert np.array_equal(price[low_at, columns], candle[2])
    assert (price <= candle[1]).all()
    assert (price >= candle[2]).all()


@settings(deadline=None)
@given(candles(), st.integers(1, 5000), st.integers(0, 2**32 - 1))
def test_trades_when_spread_sum_to_the_count_and_cover_what_the_candle_needs(candle, count, seed):
    rng = np.random.default_rng(seed)
    price, high_at, low_at = walk(candle, rng)
    wanted = np.full(candle.shape[1], count)
    trades = spread_trades(candle, wanted, high_at, low_at, rng)
    assert (trades >= 0).all()
    total = trades.sum(axis=0)
    assert ((total == count) | ((total > count) & (total <= 4))).all()
    for symbol in range(candle.shape[1]):
        paid = price[trades[:, symbol] > 0, symbol]
        assert [paid[0], paid.max(), paid.min(), paid[-1]] == candle[:, symbol].tolist()


def source_of(frame, seed=1, **options):
    recording = read_recording([frame])
    options = {"spread_multiplier": 1.0, **options}
    return ReplaySource(recording, recording.first_minute, seed=seed, **options), recording


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_minutes_when_replayed_close_as_recorded_whatever_the_seed(seed):
    frame = recorded_frame(minutes=12, trades=[1, 2, 3, 5, 40, 1, 7, 300, 9, 2, 4, 1])
    source, recording = source_of(frame, seed)
    for row in range(12):
        candle = source.next_minute().candles
        got = [candle.open[0], candle.high[0], candle.low[0], candle.close[0]]
        assert got == recording.prices[:, row, 0].tolist()
        assert candle.lots[0] == recording.lots[row, 0]
        assert candle.quote[0] == recording.quote[row, 0]


def test_minutes_when_counts_and_taker_volume_are_recorded_repeat_them():
    frame = recorded_frame(minutes=6, trades=[50, 60, 70, 80, 90, 100])
    frame = frame.with_columns(taker_buy_base=(pl.col("volume") * 0.25).round(1))
    source, recording = source_of(frame)
    for row in range(6):
        candle = source.next_minute().candles
        assert candle.trades[0] == 50 + 10 * row
        assert candle.taker_lots[0] == recording.taker_lots[row, 0]


def test_minutes_when_nothing_was_recorded_are_silent_and_keep_the_price():
    frame = recorded_frame(minutes=10)
    gap = frame.filter(~pl.arange(0, pl.len()).is_in([3, 4]))
    source, _ = source_of(gap)
    made = [source.next_minute() for _ in range(6)]
    assert [bool(minute.trades.any()) for minute in made] == [True] * 3 + [False] * 2 + [True]
    assert made[4].candles.close[0] == made[2].candles.close[0]


def test_minutes_when_volume_was_lost_but_prices_moved_still_show_the_prices():
    frame = recorded_frame(minutes=5, seed=4).with_columns(volume=pl.lit(0.0))
    source, recording = source_of(frame)
    moving = recording.prices[1, :, 0] > recording.prices[2, :, 0]
    for row in range(5):
        candle = source.next_minute().candles
        assert bool(candle.trades[0]) == moving[row]
        assert candle.lots[0] == 0


def test_source_when_the_recording_ends_stays_silent():
    source, recording = source_of(recorded_frame(minutes=3))
    for _ in range(3):
        source.next_minute()
    after = source.next_minute()
    assert after.trades.sum() == 0
    assert after.candles.close[0] == recording.prices[3, -1, 0]
    assert source.end_minute == recording.first_minute + 3


def test_spread_when_multiplied_is_wider_but_never_below_a_tick():
    narrow, _ = source_of(recorded_frame(), spread_multiplier=0.0)
    wide, _ = source_of(recorded_frame(), spread_multiplier=40.0)
    assert narrow.next_minute().spread.tolist() == [1]
    assert 10 <= wide.next_minute().spread[0] <= 40
    assert narrow.next_minute().price.shape == (POINTS, 1)
