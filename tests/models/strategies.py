"""Hypothesis strategies for setups, edge values included."""

from hypothesis import strategies as st

from engine.domain.setup import Direction, Setup, SmcContext
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
    )


@st.composite
def setups(draw: st.DrawFn, price: st.SearchStrategy[float] = PRICE) -> Setup:
    """Return a setup of either direction with any context."""
    return samples.setup(
        symbol=draw(st.sampled_from(["BTCUSDT", "1000PEPEUSDT"])),
        proved_at_ms=60_000 * draw(st.integers(1, 10**8)),
        direction=draw(st.sampled_from(Direction)),
        context=draw(contexts(price)),
    )
