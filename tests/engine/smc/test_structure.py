"""Tests of engine/smc/structure.py."""

import pytest

from engine.domain.setup import EvidenceKind
from engine.smc.arrays import LISTS
from engine.smc.events import BOS, CHOCH, EventBuffer, event_at, new_event_buffer
from engine.smc.structure import (
    LOG,
    Pivot,
    Structure,
    accept,
    break_pivot,
    forget_aged,
    latest_break,
    latest_kind,
    new_pivot,
    new_structure,
    run_length,
    trend_at,
    turned_since,
)

NEVER = 1 << 60


class Market:
    """Both pivots and the structure, with prices given as they are."""

    def __init__(self) -> None:
        self.pivots: dict[int, Pivot] = {1: new_pivot(LISTS), -1: new_pivot(LISTS)}
        self.structure: Structure = new_structure(LISTS)
        self.events: EventBuffer = new_event_buffer(256, LISTS)

    def swing(self, side: int, bar: int, price: float) -> bool:
        pivot = self.pivots[side]
        return accept(pivot, self.structure, side, bar + 5, bar, side * price, self.events)

    def close(self, side: int, t: int, price: float, max_age: int = NEVER) -> bool:
        pivot = self.pivots[side]
        forget_aged(pivot, t, max_age)
        return break_pivot(pivot, self.structure, side, t, side * price, max_age, self.events)

    def kinds(self) -> list[EvidenceKind]:
        return [event_at(self.events, i).kind for i in range(self.events.used[0])]


def test_accept_when_same_side_follows_needs_a_strictly_more_extreme_price() -> None:
    market = Market()
    assert market.swing(1, 10, 100.0)
    assert not market.swing(1, 20, 100.0)
    assert market.swing(1, 30, 101.0)
    assert market.swing(-1, 40, 90.0)
    assert not market.swing(-1, 50, 90.0)
    assert market.swing(-1, 60, 89.0)
    assert market.swing(1, 70, 50.0), "after a low any high is accepted"
    assert market.kinds() == [EvidenceKind.SWING] * 5


def test_accept_when_the_pivot_was_forgotten_compares_with_nothing() -> None:
    market = Market()
    market.swing(1, 10, 100.0)
    forget_aged(market.pivots[1], 411, 400)
    assert market.swing(1, 406, 50.0)


@pytest.mark.parametrize(("t", "known"), [(410, True), (411, False)])
def test_pivot_when_older_than_max_age_breaks_no_more(t: int, *, known: bool) -> None:
    market = Market()
    market.swing(1, 10, 100.0)
    assert market.close(1, t, 101.0, max_age=400) is known


@pytest.mark.parametrize(("side", "price", "breaks"), [(1, 100.0, False), (1, 100.1, True)])
def test_break_when_close_only_reaches_the_level_is_none(
    side: int, price: float, *, breaks: bool
) -> None:
    market = Market()
    market.swing(side, 10, 100.0)
    assert market.close(side, 20, price) is breaks


def test_break_when_repeated_happens_once_a_pivot() -> None:
    market = Market()
    market.swing(1, 10, 100.0)
    assert market.close(1, 20, 101.0)
    assert not market.close(1, 21, 102.0)


def test_break_when_trend_is_opposite_is_a_choch_and_else_a_bos() -> None:
    market = Market()
    market.swing(1, 10, 100.0)
    market.swing(-1, 15, 90.0)
    market.close(1, 30, 101.0)
    market.close(-1, 40, 89.0)
    market.swing(-1, 45, 85.0)
    market.close(-1, 60, 84.0)
    kinds = [kind for kind in market.kinds() if kind is not EvidenceKind.SWING]
    assert kinds == [EvidenceKind.BOS, EvidenceKind.CHOCH, EvidenceKind.BOS]
    assert trend_at(market.structure, 60, 400) == -1
    assert latest_kind(market.structure) == BOS
    assert latest_break(market.structure) == 60


def test_break_when_the_trend_is_too_old_is_a_bos() -> None:
    market = Market()
    market.swing(1, 10, 100.0)
    market.close(1, 20, 101.0)
    market.swing(-1, 415, 90.0)
    assert trend_at(market.structure, 421, 400) == 0
    market.close(-1, 421, 89.0, max_age=400)
    assert latest_kind(market.structure) == BOS


def test_break_when_emitted_names_pivot_level_and_cause() -> None:
    market = Market()
    market.swing(-1, 10, 90.0)
    market.close(-1, 20, 89.0)
    event = event_at(market.events, 1)
    assert (event.known_at, event.bar, event.direction, event.ref) == (20, 10, -1, 10)
    assert event.top == event.bottom == 90.0


def broken(market: Market, *breaks: tuple[int, int]) -> None:
    for side, t in breaks:
        market.structure.number[0] = -side  # whatever came before, accept the next swing
        market.swing(side, t - 10, 100.0)
        market.close(side, t, 100.0 + side)


def test_run_length_when_breaks_alternate_counts_both_runs() -> None:
    market = Market()
    broken(market, (-1, 20), (-1, 40), (-1, 60), (1, 80), (1, 100))
    assert run_length(market.structure, 0, 1, 100, NEVER) == 2
    assert run_length(market.structure, 2, -1, 100, NEVER) == 3
    assert run_length(market.structure, 0, -1, 100, NEVER) == 0
    assert run_length(market.structure, 2, -1, 100, 60) == 2, "the break at 20 is too old"


def test_run_length_when_longer_than_the_ring_stops_at_its_size() -> None:
    market = Market()
    broken(market, *((1, 20 * n) for n in range(1, 30)))
    assert run_length(market.structure, 0, 1, 600, NEVER) == LOG


def test_turned_since_when_a_choch_lies_in_the_window_is_true() -> None:
    market = Market()
    broken(market, (-1, 20), (1, 40), (1, 60))
    assert market.structure.kind[1] == CHOCH
    assert turned_since(market.structure, 1, 40, 59)
    assert not turned_since(market.structure, 1, 41, 59)
    assert not turned_since(market.structure, -1, 0, 59)
