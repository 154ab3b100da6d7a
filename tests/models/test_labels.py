"""Tests of models/labels.py."""

import numpy as np
import pytest

from models.labels import MINUTE_MS, FundingHistory, results
from models.trade_paths import follow
from tests.models.plan_kit import RULES, T0, minutes, plans


def test_results_when_stopped_cost_the_risk_and_both_sides() -> None:
    series = minutes((100, 100, 99), (99, 99, 97))
    path = follow(series, plans(), RULES)
    earned = results(plans(), path, RULES, first_open_ms=T0)
    assert earned.gross_r[0] == pytest.approx(-1.0)
    assert earned.gross_bps[0] == pytest.approx(-200.0)
    # 0.05 % fee and 0.015 % slippage a side, on 100 and on 98.
    assert earned.net_bps[0] == pytest.approx(-200 - 6.5 * 1.98)
    assert earned.net_r[0] == pytest.approx(-1 - 6.5 * 1.98 / 200)
    assert earned.known_at_ms[0] == T0 + 2 * MINUTE_MS
    assert earned.held_minutes[0] == 1


def test_results_when_there_was_no_trade_are_not_numbers() -> None:
    path = follow(minutes((90, 91, 89)), plans(), RULES)
    earned = results(plans(), path, RULES, first_open_ms=T0)
    assert np.isnan(earned.net_r[0])
    assert earned.known_at_ms[0] == -1


def test_funding_when_held_through_is_paid_by_longs_and_received_by_shorts() -> None:
    funding = FundingHistory(
        time_ms=np.array([T0, T0 + 2 * MINUTE_MS, T0 + 9 * MINUTE_MS]),
        rate=np.array([0.1, 0.0003, 0.1]),
    )
    rows = [(100.0, 100.0, 100.0)] * 2 + [(100.0, 105.0, 100.0)]
    for d in (1, -1):
        plan = plans(direction=d, stop=100 - 2 * d, target=100 + 4 * d)
        path = follow(minutes(*rows), plan, RULES)
        free = results(plan, path, RULES, first_open_ms=T0)
        paid = results(plan, path, RULES, first_open_ms=T0, funding=funding)
        assert free.net_bps[0] - paid.net_bps[0] == pytest.approx(3.0 * d)
        assert free.gross_bps[0] == paid.gross_bps[0]
