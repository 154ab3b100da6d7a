import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.candle_book import History
from engine.exchange.sim.kline_rows import cut, joined, kline_rows, merged


def history(closes, first=0, trades=None):
    closes = np.array(closes, dtype=np.int64)
    trades = np.ones_like(closes) if trades is None else np.array(trades, dtype=np.int64)
    return History(
        slot=np.arange(first, first + len(closes)),
        open=closes,
        high=closes + 2 * (trades > 0),
        low=closes - 2 * (trades > 0),
        close=closes,
        lots=10 * trades,
        taker_lots=4 * trades,
        quote=10.0 * trades,
        trades=trades,
    )


def test_merged_when_groups_are_aligned_to_the_epoch_takes_first_last_extremes_and_sums():
    five = merged(history([100, 90, 120, 110, 105, 107], first=3), 5)
    assert five.slot.tolist() == [0, 1]
    assert five.open.tolist() == [100, 120]
    assert five.close.tolist() == [90, 107]
    assert five.high.tolist() == [102, 122]
    assert five.low.tolist() == [88, 103]
    assert five.trades.tolist() == [2, 4]


def test_merged_when_a_slot_did_not_trade_leaves_its_old_price_out():
    group = merged(history([50, 100, 101], trades=[0, 1, 1]), 3)
    assert (group.open[0], group.low[0]) == (100, 98)


def test_merged_when_no_slot_traded_stays_flat():
    group = merged(history([50, 50, 50], trades=[0, 0, 0]), 3)
    assert (group.open[0], group.high[0], group.low[0], group.close[0]) == (50, 50, 50, 50)
    assert group.trades[0] == 0


@settings(deadline=None)
@given(st.lists(st.integers(50, 150), min_size=1, max_size=40), st.integers(0, 17))
def test_merged_when_done_in_two_stages_equals_one(closes, first):
    candles = history(closes, first)
    once, twice = merged(candles, 15), merged(merged(candles, 5), 3)
    for name in once.__slots__:
        assert np.array_equal(getattr(once, name), getattr(twice, name)), name


def test_cut_when_only_a_limit_is_given_takes_the_newest():
    assert cut(history(range(10, 20)), None, None, 3).slot.tolist() == [7, 8, 9]


def test_cut_when_a_start_is_given_takes_the_oldest_after_it_up_to_the_end():
    assert cut(history(range(10, 20)), 2, None, 3).slot.tolist() == [2, 3, 4]
    assert cut(history(range(10, 20)), 2, 3, 100).slot.tolist() == [2, 3]
    assert cut(history(range(10, 20)), 50, None, 5).slot.tolist() == []


def test_joined_when_two_stretches_meet_keeps_order():
    assert joined(history([1, 2]), history([3], first=2)).close.tolist() == [1, 2, 3]


def test_kline_rows_when_rendered_have_the_venues_twelve_fields():
    rows = kline_rows(history([12345]), 5, (1.0, 10.0), (1.0, 1000.0), (2, 3))
    assert rows == [
        [0, "1234.50", "1234.70", "1234.30", "1234.50", "0.010", 299_999,
         "10.00000", 1, "0.004", "4.00000", "0"]
    ]  # fmt: skip
