import numpy as np

from bot.tools.bench.candles import START_MS, TICK, by_minute, candles_of, random_walk


def test_walk_when_made_twice_is_the_same_and_other_seeds_differ():
    first, again, other = random_walk(500, 1), random_walk(500, 1), random_walk(500, 2)

    assert np.array_equal(first.close, again.close)
    assert not np.array_equal(first.close, other.close)


def test_walk_when_long_stays_in_its_range_on_whole_ticks():
    walk = random_walk(200_000, 3)

    assert 40 < walk.low.min() < walk.high.max() < 160
    assert np.allclose(walk.close / TICK, np.rint(walk.close / TICK), atol=1e-6)
    assert np.abs(np.diff(walk.close)).max() < 2


def test_candles_when_made_follow_each_other_by_the_minute():
    candles = candles_of("AUSDT", random_walk(3, 1))

    assert [c.open_time_ms - START_MS for c in candles] == [0, 60_000, 120_000]
    assert all(c.low <= min(c.open, c.close) <= max(c.open, c.close) <= c.high for c in candles)
    assert {c.symbol for c in candles} == {"AUSDT"}


def test_minutes_when_gathered_hold_every_symbol_once():
    series = [candles_of(symbol, random_walk(3, n)) for n, symbol in enumerate(("A", "B"))]

    minutes = by_minute(series)

    assert [[c.symbol for c in minute] for minute in minutes] == [["A", "B"]] * 3
    assert len({c.open_time_ms for c in minutes[1]}) == 1
