"""Tests of models/silence.py."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.silence import MINUTE_MS, SilenceRules, is_untraded, outside, stretches

RULES = SilenceRules(minutes=3, share=0.8, symbols=5)


def minutes(silent: list[int], symbols: int = 10, skip: int | None = None) -> pl.DataFrame:
    times = pl.Series([MINUTE_MS * i for i in range(len(silent))]).cast(pl.Datetime("ms", "UTC"))
    made = pl.DataFrame({"open_time": times, "silent": silent}).with_columns(
        symbols=pl.lit(symbols)
    )
    return made if skip is None else made.filter(pl.int_range(pl.len()) != skip)


def test_stretch_when_nearly_all_are_silent_is_a_hole() -> None:
    found = stretches(minutes([0, 8, 9, 10, 7, 0]), RULES)
    assert found == ((MINUTE_MS, 4 * MINUTE_MS),)


@pytest.mark.parametrize(
    ("silent", "symbols", "why"),
    [
        ([0, 10, 10, 0], 10, "too short"),
        ([7, 7, 7, 7], 10, "too few of them"),
        ([4, 4, 4, 4], 4, "too few symbols to say"),
        ([], 10, "no minute"),
    ],
)
def test_stretch_when_it_may_be_the_market_is_none(
    silent: list[int], symbols: int, why: str
) -> None:
    assert stretches(minutes(silent, symbols), RULES) == (), why


def test_stretch_when_a_minute_is_missing_ends() -> None:
    assert stretches(minutes([9] * 5, skip=2), RULES) == ()
    both = stretches(minutes([9] * 7, skip=3), RULES)
    assert both == ((0, 3 * MINUTE_MS), (4 * MINUTE_MS, 7 * MINUTE_MS))


@given(st.lists(st.booleans(), max_size=60))
def test_times_outside_when_masked_are_those_of_no_long_run(silent: list[bool]) -> None:
    holes = stretches(minutes([10 * s for s in silent]), RULES)
    times = MINUTE_MS * np.arange(len(silent))
    kept = outside(times, holes)
    runs = "".join("s" if one else "." for one in silent)
    for place, one in enumerate(silent):
        left = len(runs[:place]) - len(runs[:place].rstrip("s"))
        right = len(runs[place:]) - len(runs[place:].lstrip("s"))
        assert kept[place] == (not one or left + right < 3)


def candles(traded: list[bool], *, flat: bool = True) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "open": [1.0] * len(traded),
            "high": [1.0 if flat else 2.0] * len(traded),
            "low": [1.0] * len(traded),
            "close": [1.0] * len(traded),
            "quote_volume": [5.0 * one for one in traded],
        }
    )


def test_symbol_when_it_hardly_trades_is_left_out() -> None:
    assert is_untraded(candles([False] * 6 + [True] * 4), RULES)
    assert not is_untraded(candles([False] * 5 + [True] * 5), RULES)
    assert not is_untraded(candles([False] * 9, flat=False), RULES)
    assert not is_untraded(candles([]), RULES)
