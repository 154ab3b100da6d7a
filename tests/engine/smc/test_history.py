"""Tests of engine/smc/history.py; inside whole contexts it is compared with the oracle too."""

import math
import random

import pytest

from engine.smc.arrays import LISTS
from engine.smc.history import (
    SIZE,
    WINDOW,
    History,
    close_ago,
    highest,
    keep,
    lowest,
    mean_true_range,
    new_history,
)

Candle = tuple[float, float, float, float]


def candles(count: int, seed: int = 3) -> list[Candle]:
    """Return high, low, close and true range of candles."""
    rng = random.Random(seed)
    made, close = [], 100.0
    for _ in range(count):
        close += rng.uniform(-1, 1)
        low, high = close - rng.random(), close + rng.random()
        made.append((high, low, rng.uniform(low, high), high - low + rng.random()))
    return made


def history_of(made: list[Candle]) -> History:
    history = new_history(LISTS)
    for t, candle in enumerate(made):
        keep(history, t, *candle)
    return history


@pytest.mark.parametrize(
    "count", [1, 2, 15, 16, 17, 20, 399, 400, 401, 415, 416, 512, 513, 528, 1_999, 2_000]
)
def test_window_when_read_looks_at_the_last_400_candles(count: int) -> None:
    made = candles(count)
    history, last = history_of(made), made[-WINDOW:]
    assert highest(history, count - 1) == max(candle[0] for candle in last)
    assert lowest(history, count - 1) == min(candle[1] for candle in last)
    mean = math.fsum(candle[3] for candle in last) / len(last)
    assert mean_true_range(history, count - 1) == pytest.approx(mean, rel=1e-12)


def test_extremes_when_they_leave_the_window_are_forgotten() -> None:
    made = candles(1_000)
    made[300] = (500.0, 0.5, 100.0, 499.5)
    history = history_of(made[:700])
    assert (highest(history, 699), lowest(history, 699)) == (500.0, 0.5)
    history = history_of(made[:701])
    assert highest(history, 700) < 200.0
    assert lowest(history, 700) > 50.0


def test_window_when_older_candles_differ_is_the_same() -> None:
    made = candles(1_777)
    whole, late = history_of(made), history_of(made[-WINDOW:])
    t = len(made) - 1
    assert highest(whole, t) == highest(late, WINDOW - 1)
    assert lowest(whole, t) == lowest(late, WINDOW - 1)
    mean = mean_true_range(late, WINDOW - 1)
    assert mean_true_range(whole, t) == pytest.approx(mean, rel=1e-12)


def test_mean_when_the_series_is_years_long_keeps_its_digits() -> None:
    history = new_history(LISTS)
    for t in range(300_000):
        keep(history, t, 1.0, 0.9, 1.0, 0.1)
    assert mean_true_range(history, 299_999) == pytest.approx(0.1, rel=1e-9)


def test_close_ago_when_the_series_is_shorter_is_nan() -> None:
    made = candles(61)
    history = history_of(made)
    assert close_ago(history, 60, 60) == made[0][2]
    assert close_ago(history, 60, 15) == made[45][2]
    assert math.isnan(close_ago(history, 59, 60))


def test_history_when_new_takes_eight_bytes_a_number() -> None:
    history = new_history(LISTS)
    assert len(history.high) == SIZE
    assert history.high.__sizeof__() < 8 * SIZE + 200
