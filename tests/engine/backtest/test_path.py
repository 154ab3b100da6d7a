"""The way of the price through a minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backtest.path import MinutePath, Point, pessimistic
from engine.backtest.series import MINUTE_MS, Bar

BAR = Bar(open=100.0, high=110.0, low=90.0, close=105.0)
prices = st.integers(90, 110).map(float)


def walk(path: MinutePath, triggers: list[float], *, every: bool) -> list[Point]:
    """Return all points of a plan whose triggers stay."""
    found: list[Point] = []
    here, now = path.corners[0].price, path.corners[0].at_ms
    while (point := path.next_point(now, here, triggers, every=every)) is not None:
        found.append(point)
        here, now = point.price, point.at_ms
        if len(found) > 50:
            raise AssertionError("the plan does not end")
    return found


def test_path_when_long_goes_down_first() -> None:
    assert [p.price for p in pessimistic(0, BAR, 1).corners] == [100.0, 90.0, 110.0, 105.0]


def test_path_when_short_goes_up_first() -> None:
    assert [p.price for p in pessimistic(0, BAR, -1).corners] == [100.0, 110.0, 90.0, 105.0]


def test_path_when_asked_for_a_moment_gives_the_price_on_the_line() -> None:
    path = pessimistic(60_000, BAR, 1)
    moments = (0, 60_000, 70_000, 80_000, 90_000, 200_000)
    assert [path.price_at(at) for at in moments] == [100.0, 100.0, 95.0, 90.0, 100.0, 105.0]


def test_path_when_begun_late_starts_at_the_open() -> None:
    path = pessimistic(0, BAR, 1, 500)
    assert path.corners[0] == Point(500, 100.0)


def test_plan_when_nothing_waits_shows_corners_only_if_asked() -> None:
    path = pessimistic(0, BAR, 1)
    assert path.next_point(0, 100.0, [], every=False) is None
    assert [p.price for p in walk(path, [], every=True)] == [90.0, 110.0, 105.0]


def test_plan_when_a_trigger_waits_shows_it_at_its_moment() -> None:
    path = pessimistic(0, BAR, 1)
    assert path.next_point(0, 100.0, [95.0], every=False) == Point(10_000, 95.0)
    assert path.next_point(0, 100.0, [108.0], every=False) == Point(38_000, 108.0)
    assert path.next_point(0, 100.0, [89.0, 111.0], every=False) is None


def test_plan_when_stop_and_target_wait_comes_to_the_stop_first() -> None:
    point = pessimistic(0, BAR, 1).next_point(0, 100.0, [104.0, 92.0], every=False)
    assert point is not None
    assert point.price == 92.0
    short = pessimistic(0, BAR, -1).next_point(0, 100.0, [104.0, 92.0], every=False)
    assert short is not None
    assert short.price == 104.0


@given(prices, prices, prices, prices, st.lists(prices, max_size=3), st.sampled_from([1, -1]))
def test_plan_when_corners_are_left_out_fires_at_the_same_moment(
    a: float, b: float, c: float, e: float, triggers: list[float], sign: int
) -> None:
    bar = Bar(open=a, high=max(a, b, c, e), low=min(a, b, c, e), close=e)
    path = pessimistic(0, bar, sign)
    waiting = [one for one in triggers if one != a]  # one at the open has fired before
    every = [p for p in walk(path, waiting, every=True) if p.price in waiting]
    few = walk(path, waiting, every=False)
    assert few[:1] == every[:1]  # what fires waits no longer, so the first is what counts
    assert [p.at_ms for p in few] == sorted(p.at_ms for p in few)
    assert all(p.at_ms < MINUTE_MS for p in few)


@pytest.mark.parametrize("sign", [1, -1])
def test_plan_when_the_minute_is_flat_shows_nothing(sign: int) -> None:
    flat = pessimistic(0, Bar(open=1.0, high=1.0, low=1.0, close=1.0), sign)
    assert flat.next_point(0, 1.0, [1.0], every=False) is None
