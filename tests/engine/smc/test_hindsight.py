"""The hindsight labeller does what its kind does: it labels well, and takes it back."""

import numpy as np

from engine.smc.frame import CandleArrays
from engine.smc.hindsight import KINDS, hindsight_labels, repainted
from engine.smc.proof import cut
from tests.oracle.smc_series import arrays, walk


def series(*closes: float) -> CandleArrays:
    close = np.array(closes, dtype=float)
    open_ = np.concatenate([close[:1], close[:-1]])
    return CandleArrays(
        open=open_,
        high=np.maximum(open_, close) + 0.1,
        low=np.minimum(open_, close) - 0.1,
        close=close,
        quote_volume=np.ones(len(close)),
    )


CLIMB = (10, 9, 8, 9, 10, 11, 12, 11, 10, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 13.5, 12.5, 11.5)


def of(kind: str, candles: CandleArrays) -> list[tuple[int, int]]:
    found = hindsight_labels(candles, left=2, right=2)
    return [(one.bar, one.direction) for one in found if one.kind == kind]


def test_swings_when_labelled_alternate():
    swings = of("SWING", series(*CLIMB))

    assert [way for _bar, way in swings] == [-1, 1, -1, 1]


def test_break_when_four_swings_climb_is_drawn_where_the_close_crossed():
    candles = series(*CLIMB)
    (at, way), *_ = of("BREAK", candles)

    assert way == 1
    assert candles.close[at] > 12.1 >= candles.close[at - 1]


def test_break_when_the_fourth_swing_is_still_to_come_is_not_there_yet():
    candles = series(*CLIMB)
    (at, _way), *_ = of("BREAK", candles)

    assert of("BREAK", cut(candles, at + 1)) == []


def test_block_when_it_failed_and_recovered_is_erased():
    candles = series(*CLIMB)
    assert of("BLOCK", candles)

    recovered = series(*CLIMB, 9, 7, 9, 11, 13)

    assert set(of("BLOCK", candles)) - set(of("BLOCK", recovered))


def test_labels_when_the_history_is_too_short_are_none():
    assert hindsight_labels(series(1, 2, 3)) == []


def test_repainted_when_replayed_counts_what_was_taken_back():
    candles = arrays(walk(13, 600))

    counts = {one.kind: one for one in repainted(candles, range(10, 600), cut)}

    assert tuple(counts) == KINDS
    assert counts["SWING"].withdrawn > 0
    assert counts["BLOCK"].share > 0.2
    assert counts["SWING"].closes_late == 5, "a swing needs its right side"
    assert counts["BREAK"].closes_late > 5, "and a break by a pattern the pattern's end"
    assert all(one.withdrawn <= one.shown for one in counts.values())


def test_repainted_when_nothing_is_shown_has_no_share():
    assert [one.share for one in repainted(series(1, 2), [], cut)] == [0.0, 0.0, 0.0]
