from dataclasses import replace
from itertools import chain

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.tick_path import revealed_points, split_whole
from tests.engine.exchange.sim.market_builders import minute_trades

POINTS = 6


@st.composite
def minutes(draw):
    symbols = draw(st.integers(1, 3))
    cells = st.lists(
        st.lists(st.integers(0, 4), min_size=symbols, max_size=symbols),
        min_size=POINTS,
        max_size=POINTS,
    )
    prices = draw(
        st.lists(
            st.lists(st.integers(90, 110), min_size=symbols, max_size=symbols),
            min_size=POINTS,
            max_size=POINTS,
        )
    )
    trades = draw(cells)
    buys = [[cell % 2 == 0 for cell in row] for row in draw(cells)]
    return minute_trades(prices, trades, buys=buys, before=[100] * symbols, spread=[2] * symbols)


def by_hand(trades, symbol, upto):
    """Open, high, low, close, lots and trades of the first ``upto`` points, one at a time."""
    paid = [
        (int(trades.price[j, symbol]), int(trades.lots[j, symbol]))
        for j in range(upto)
        if trades.trades[j, symbol] > 0
    ]
    prices = [price for price, _ in paid] or [100]
    count = int(trades.trades[:upto, symbol].sum())
    return prices[0], max(prices), min(prices), prices[-1], sum(q for _, q in paid), count


@settings(deadline=None)
@given(minutes(), st.integers(0, POINTS))
def test_path_when_revealed_to_any_point_equals_the_trades_counted_by_hand(trades, upto):
    candles = trades.path().candles(np.full(trades.price.shape[1], upto))
    for symbol in range(trades.price.shape[1]):
        got = (
            candles.open[symbol],
            candles.high[symbol],
            candles.low[symbol],
            candles.close[symbol],
            candles.lots[symbol],
            candles.trades[symbol],
        )
        assert got == by_hand(trades, symbol, upto)


@settings(deadline=None)
@given(minutes())
def test_candles_when_taken_without_the_path_equal_the_fully_revealed_path(trades):
    symbols = trades.price.shape[1]
    full = trades.path().candles(np.full(symbols, POINTS))
    short = trades.candles
    for name in full.__slots__:
        assert np.array_equal(getattr(full, name), getattr(short, name)), name
    assert np.array_equal(trades.path().taker_buys[-1], trades.buys_after)


@settings(deadline=None)
@given(minutes(), st.integers(0, POINTS))
def test_quotes_when_something_traded_have_the_last_price_on_the_side_it_hit(trades, upto):
    path = trades.path()
    revealed = np.full(trades.price.shape[1], upto)
    bid, ask = path.quotes(revealed)
    last = path.last[upto]
    hit = np.where(path.taker_buys[upto], ask, bid)
    assert np.array_equal(hit, last)
    assert np.array_equal(ask - bid, path.spread)


@settings(deadline=None)
@given(minutes(), st.integers(0, POINTS), st.integers(0, POINTS))
def test_traded_between_when_cut_anywhere_gives_the_same_prices_in_order(trades, one, other):
    path = trades.path()
    first, second = sorted((one, other))
    parts = [
        path.traded_between(0, 0, first),
        path.traded_between(0, first, second),
        path.traded_between(0, second, POINTS),
    ]
    expected = [int(p) for p, n in zip(trades.price[:, 0], trades.trades[:, 0], strict=True) if n]
    assert list(chain(*parts)) == expected


def test_path_when_the_total_is_known_better_closes_at_exactly_that_quote_volume():
    trades = minute_trades([[100], [101]], [[1], [1]])
    known = replace(trades, quote_total=np.array([0.1 + 0.2]))
    assert known.candles.quote[0] == 0.1 + 0.2
    assert known.path().quote[-1, 0] == 0.1 + 0.2


@settings(deadline=None)
@given(st.floats(0, 0.999), st.lists(st.integers(0, MINUTE_MS), min_size=1))
def test_revealed_points_when_time_passes_never_go_back_and_end_complete(phase, times):
    counts = [int(revealed_points(t, 24, np.array([phase]))[0]) for t in sorted(times)]
    assert counts == sorted(counts)
    assert all(0 <= count <= 24 for count in counts)
    assert revealed_points(MINUTE_MS, 24, np.array([phase]))[0] == 24
    # The last point lies inside the minute, so nothing new happens at the boundary itself.
    assert revealed_points(MINUTE_MS - 1, 24, np.array([min(phase, 0.99)]))[0] == 24


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=4),
    st.integers(1, 8),
    st.integers(0, 2**32 - 1),
)
def test_split_whole_when_shares_are_any_sums_exactly_and_is_never_negative(totals, points, seed):
    shares = np.random.default_rng(seed).random((points, len(totals))) + 1e-9
    parts = split_whole(np.array(totals), shares)
    assert parts.sum(axis=0).tolist() == totals
    assert (parts >= 0).all()
