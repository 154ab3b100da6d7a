from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.charts.equity import _drawdown, draw_equity
from tests.bot.charts.chart_kit import size_of

UTC = ZoneInfo("UTC")
RISING = tuple((1_750_000_000_000 + i * 60_000, 100.0 + i) for i in range(50))


def test_equity_when_of_one_book_is_a_low_picture():
    assert size_of(draw_equity({"paper": RISING}, UTC)) == (1000, 620)


def test_equity_when_of_two_books_has_two_panels():
    assert size_of(draw_equity({"paper": RISING, "live": RISING[::-1]}, UTC)) == (1000, 1080)


@pytest.mark.parametrize("points", [((1, 0.0), (2, 0.0)), ((1, 5e6), (86_400_000 * 9, 4e6))])
def test_equity_when_odd_is_still_drawn(points: tuple[tuple[int, float], ...]):
    assert size_of(draw_equity({"paper": points}, UTC)) == (1000, 620)


def test_equity_when_there_is_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="two points"):
        draw_equity({"paper": RISING[:1]}, UTC)


def test_drawdown_when_computed_is_from_the_former_high():
    assert _drawdown(np.array([100.0, 120.0, 90.0, 110.0])) == pytest.approx(0.25)
    assert _drawdown(np.array([1.0, 2.0])) == 0.0
