"""Tests of engine/smc/cross_section.py."""

import random

import pytest

from engine.smc.cross_section import LEAST_SYMBOLS, NO_MOVES, Moves, as_return, market_minute, move

NOTHING = (None, None, None, None)


@pytest.mark.parametrize(
    ("close", "before", "moved"),
    [(110.0, 100.0, 100_000_000), (100.0, 100.0, 0), (99.0, 100.0, -10_000_000)],
)
def test_move_when_price_changes_is_in_billionths(close: float, before: float, moved: int) -> None:
    assert move(close, before) == moved
    assert as_return(moved) == pytest.approx(close / before - 1)


@pytest.mark.parametrize(("close", "kept"), [(500.0, 0.2), (1.0, -0.2)])
def test_move_when_wild_is_kept_within_20_percent(close: float, kept: float) -> None:
    assert as_return(move(close, 100.0)) == kept


def test_return_when_the_move_is_unknown_is_unknown() -> None:
    assert as_return(None) is None


def test_market_when_symbols_are_few_is_unknown_but_btc_is_told() -> None:
    moves = [Moves(5, 5)] * (LEAST_SYMBOLS - 1)
    assert market_minute(moves, NO_MOVES) == NOTHING
    assert market_minute(moves, Moves(-2_000_000, None)).btc_return_15m == -0.002


def test_market_when_symbols_differ_tells_mean_and_breadth() -> None:
    moves = [
        Moves(10_000_000, 20_000_000),
        Moves(10_000_000, None),
        Moves(-20_000_000, 0),
        Moves(0, 0),
        Moves(0, 0),
        Moves(None, 30_000_000),
    ]
    told = market_minute(moves, NO_MOVES)
    assert told.market_return_15m == 0.0
    assert told.market_return_60m == pytest.approx(0.01)
    # Two rose, one fell, two stood still and count half each.
    assert told.breadth_15m == pytest.approx(3 / 5)
    assert told.btc_return_15m is None


def test_market_when_the_order_changes_is_the_same_bit_for_bit() -> None:
    rng = random.Random(1)
    moves = [Moves(rng.randint(-(10**8), 10**8), rng.randint(-(10**8), 10**8)) for _ in range(500)]
    told = market_minute(moves, moves[0])
    for _ in range(5):
        shuffled = rng.sample(moves, len(moves))
        assert market_minute(shuffled, moves[0]) == told


def test_breadth_when_the_market_is_mirrored_is_mirrored() -> None:
    rng = random.Random(2)
    moves = [Moves(rng.randint(-3, 3), None) for _ in range(41)]
    against = [Moves(-short, None) for short, _ in moves if short is not None]
    one, other = market_minute(moves, NO_MOVES), market_minute(against, NO_MOVES)
    assert one.breadth_15m is not None
    assert other.breadth_15m == pytest.approx(1 - one.breadth_15m, abs=1e-15)
