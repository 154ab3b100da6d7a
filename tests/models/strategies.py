"""Hypothesis strategies for setups, edge values included."""

from hypothesis import strategies as st

from engine.domain.candle import Timeframe
from engine.domain.setup import Direction, MarketContext, Recipe, Setup, SmcContext
from tests.storage import samples

PRICE = st.floats(1e-6, 1e6)
QUARTERS = st.integers(1, 16_000).map(lambda n: n / 4)
"""Prices whose differences are exact."""
AMOUNT = st.one_of(st.just(0.0), st.floats(0.0, 1e12))
MOVE = st.floats(-1e5, 1e5)


@st.composite
def contexts(draw: st.DrawFn, price: st.SearchStrategy[float]) -> SmcContext:
    """Return any context the detector's contract allows, with prices from `price`."""
    with_trend = draw(st.integers(0, 50))
    return samples.context(
        close=draw(price),
        atr=draw(st.floats(1e-8, 1e5)),
        breaks_with_trend=with_trend,
        breaks_against_trend=0 if with_trend else draw(st.integers(1, 50)),
        live_order_blocks_near=draw(st.integers(0, 16)),
        best_body_5=draw(MOVE),
        sweep_depth=draw(AMOUNT),
        sweep_age_candles=draw(st.integers(0, 400)),
        gap_near_edge=draw(st.none() | price),
        gap_far_edge=draw(price),
        block_near_edge=draw(st.none() | price),
        block_far_edge=draw(st.none() | price),
        quote_volume=draw(AMOUNT),
        mean_quote_volume_20=draw(AMOUNT),
        true_range=draw(AMOUNT),
        rsi=draw(st.floats(0.0, 100.0)),
        close_10_ago=draw(price),
        nearest_opposing_pool=draw(st.none() | price),
        mean_abs_change_20=draw(AMOUNT),
        range_position=draw(st.none() | st.floats(-3, 3)),
        **draw(histories(price)),
    )


@st.composite
def histories(draw: st.DrawFn, price: st.SearchStrategy[float]) -> dict[str, float | None]:
    """Return what is known of the last 400 candles; nothing of a setup journalled long ago."""
    names = ("mean_true_range_400", "high_400", "low_400", "close_15_ago", "close_60_ago")
    if draw(st.booleans()):
        return dict.fromkeys(names)
    low, high = sorted((draw(price), draw(price)))
    values = (draw(st.floats(1e-8, 1e5)), high, low, draw(price), draw(st.none() | price))
    return dict(zip(names, values, strict=True))


RETURN = st.none() | st.integers(-(2 * 10**8), 2 * 10**8).map(lambda moved: moved / 1e9)


@st.composite
def markets(draw: st.DrawFn) -> MarketContext:
    """Return any cross-section."""
    return MarketContext(
        symbol_return_15m=draw(RETURN),
        symbol_return_60m=draw(RETURN),
        market_return_15m=draw(RETURN),
        market_return_60m=draw(RETURN),
        btc_return_15m=draw(RETURN),
        breadth_15m=draw(st.none() | st.floats(0, 1)),
    )


@st.composite
def setups(
    draw: st.DrawFn, price: st.SearchStrategy[float] = PRICE, *, of_all_kinds: bool = False
) -> Setup:
    """Return a setup of either direction with any context; of any recipe and timeframe if asked."""
    return samples.setup(
        symbol=draw(st.sampled_from(["BTCUSDT", "1000PEPEUSDT"])),
        proved_at_ms=60_000 * draw(st.integers(1, 10**8)),
        direction=draw(st.sampled_from(Direction)),
        timeframe=draw(st.sampled_from(Timeframe if of_all_kinds else [Timeframe.M1])),
        recipe=draw(st.sampled_from(Recipe if of_all_kinds else [Recipe.SWEEP_BOS_RETEST])),
        market=draw(st.none() | markets()),
        context=draw(contexts(price)),
    )
