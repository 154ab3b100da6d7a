from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.canvas import empty_figure
from bot.charts.levels import draw_levels, levels_of, spread_out
from tests.bot.charts.chart_kit import busy_chart
from tests.bot.fake_desk import chart_data, position
from tests.builders import d


def test_levels_when_planned_are_the_plans():
    assert [(v.name, v.price) for v in levels_of(busy_chart())][1:] == [
        ("entry", 99.0),
        ("stop", 97.5),
        ("target", 102.0),
    ]


def test_levels_when_only_a_position_is_open_are_its_own():
    held = chart_data(position=position(target_price=d(0)))

    assert [v.name for v in levels_of(held)] == ["", "entry", "stop"]
    assert [v.name for v in levels_of(chart_data())] == [""]


def test_levels_when_drawn_are_labelled_with_price_and_name():
    axes = empty_figure(500).add_axes((0, 0, 1, 1))
    axes.set_ylim(90, 110)

    draw_levels(axes, busy_chart(), 104.0)

    texts = {text.get_text() for text in axes.texts}
    assert {"99.00", "97.50", "102.00", "entry", "stop", "target"} <= texts
    assert len(axes.patches) == 2
    assert all(abs(tick - 99.0) > 0.6 for tick in axes.get_yticks())


@given(st.lists(st.floats(0, 100), max_size=8), st.floats(0.1, 5))
def test_labels_when_spread_out_keep_their_order_and_distance(prices: list[float], gap: float):
    places = spread_out(prices, gap)

    order = sorted(range(len(prices)), key=lambda i: prices[i])
    for below, above in pairwise(order):
        assert places[above] - places[below] >= gap - 1e-9


def test_labels_when_far_apart_stay_where_they_are():
    assert spread_out([1.0, 50.0, 20.0], 5.0) == pytest.approx([1.0, 50.0, 20.0])
