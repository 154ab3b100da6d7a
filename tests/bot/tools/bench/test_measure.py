import pytest

from bot.tools.bench.measure import FULL, QUICK, Row, median_s
from tests.fake_clock import FakeClock


def row(**changes) -> Row:
    values = {"part": "p", "what": "w", "load": "l", "value": 5.0, "unit": "ms", "count": 1}
    return Row(**(values | changes))


@pytest.mark.parametrize(
    ("reach", "more", "reached"),
    [
        (None, False, None),
        (5.0, False, True),
        (4.9, False, False),
        (5.0, True, True),
        (5.1, True, False),
    ],
)
def test_row_when_compared_knows_which_way_is_better(reach, more, reached):
    assert row(reach=reach, more_is_better=more).reached is reached


def test_median_when_one_run_is_slow_is_not_moved_by_it():
    clock, took = FakeClock(), iter((99.0, 1.0, 50.0, 3.0))

    measured = median_s(clock, 3, lambda: clock.advance(next(took)))

    assert measured == pytest.approx(3.0)  # of 1, 50 and 3; the first run does not count


def test_sizes_when_quick_do_less_of_everything_with_all_symbols():
    assert QUICK.symbols == FULL.symbols == 530
    assert QUICK.compiled_candles < FULL.compiled_candles
    assert QUICK.burst_s < FULL.burst_s
    assert QUICK.steady_s == 0
