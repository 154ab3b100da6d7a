"""Tests of models/evaluation.py."""

import math

import numpy as np
import polars as pl
import pytest

from models.evaluation import (
    LEAST_OUTCOMES,
    MAX_COST_R,
    THRESHOLDS,
    Scored,
    choose_threshold,
    evaluate,
    expectancy,
    luck,
    payoff_ratio,
    verdict,
)
from tests.models.rows import labelled


def scored(rows: pl.DataFrame) -> Scored:
    """Return rows scored by someone who knows what pays."""
    depth = rows["liquidity_grab"].cast(pl.Float64).to_numpy() / 3
    return Scored(rows=rows, outputs=depth, probability=0.1 + 0.5 * depth, base_rate=0.33)


def test_report_when_made_counts_what_is_there() -> None:
    rows = labelled(edge=0.5)
    report = evaluate(scored(rows), 0.5, seed=1)
    assert report["setups"] == 4_000
    assert report["tradable"] == rows.filter(pl.col("cost_r") <= MAX_COST_R).height
    assert report["setups_a_day"] == pytest.approx(4_000 / report["days"])
    assert report["ranking"]["all"]["auc_gross"] > 0.6
    assert report["ranking"]["all"]["heuristic_auc_gross"] == pytest.approx(0.5, abs=0.04)
    chosen = report["expectancy"]["chosen"]
    assert chosen["count"] == int(((rows["cost_r"] <= 0.2) & (rows["liquidity_grab"] >= 1.5)).sum())
    assert report["expectancy"]["heuristic_same_count"]["count"] == chosen["count"]
    assert chosen["net_r"]["mean"] > report["expectancy"]["tradable"]["net_r"]["mean"]
    assert [at["threshold"] for at in report["thresholds"]] == list(THRESHOLDS)
    assert sum(exit_["count"] for exit_ in report["by_exit"]) == 4_000
    assert {group["name"] for group in report["by_timeframe"]} == {"1m", "5m"}
    probability = report["probability"]
    assert probability["brier"] < probability["brier_base_rate"]


def test_threshold_count_when_nothing_scores_so_high_is_zero_with_no_precision() -> None:
    at = evaluate(scored(labelled()), 0.5, seed=1)["thresholds"][-1]
    assert (at["threshold"], at["count"]) == (0.80, 0)
    assert math.isnan(at["precision"])


@pytest.mark.parametrize(("edge", "expected"), [(0.0, False), (1.2, True)])
def test_verdict_when_judged_follows_the_data(edge: float, expected: bool) -> None:
    told = scored(labelled(edge=edge))
    result = verdict(evaluate(told, 0.7, seed=1))
    assert result.edge is expected
    assert "net expectancy" in result.reason


def test_verdict_when_random_entries_earn_as_much_is_no_edge() -> None:
    rows = labelled(edge=1.2).with_columns(null_net_r=pl.col("net_r"))
    result = verdict(evaluate(scored(rows), 0.7, seed=1))
    assert not result.edge
    assert "not above random entries" in result.reason


def test_verdict_when_there_is_no_test_or_too_little_of_it_is_no_edge() -> None:
    assert not verdict(None).edge
    few = scored(labelled(400, edge=1.2))
    result = verdict(evaluate(few, 0.9, seed=1))
    assert not result.edge
    assert f"it takes {LEAST_OUTCOMES}" in result.reason


def test_threshold_when_high_scores_pay_is_high() -> None:
    told = scored(labelled(edge=1.0))
    threshold = choose_threshold(told, seed=1)
    assert threshold > 0.5
    kept = told.tradable & (told.outputs >= threshold)
    assert kept.sum() >= LEAST_OUTCOMES


def test_threshold_when_there_is_too_little_lets_nothing_through() -> None:
    assert choose_threshold(scored(labelled(100)), seed=1) == 1.0
    dear = labelled(300).with_columns(cost_r=pl.lit(0.5))
    assert choose_threshold(scored(dear), seed=1) == 1.0


def test_expectancy_when_rows_are_given_averages_them() -> None:
    told = scored(labelled(500))
    kept = np.zeros(500, dtype=bool)
    kept[:100] = True
    report = expectancy(told, kept, 1)
    net = told.column("net_r")[:100]
    assert report["net_r"]["mean"] == pytest.approx(net.mean())
    assert report["above_null_r"]["mean"] == pytest.approx(
        (net - told.column("null_net_r")[:100]).mean()
    )
    assert report["hit_rate"] == pytest.approx((net > 0).mean())
    nothing = expectancy(told, np.zeros(500, dtype=bool), 1)
    assert nothing["count"] == 0
    assert math.isnan(nothing["hit_rate"])


def test_payoff_when_known_by_hand_is_that() -> None:
    assert payoff_ratio(np.array([2.0, 1.0]), np.array([-1.0, -0.5])) == pytest.approx(2.0)
    assert math.isnan(payoff_ratio(np.empty(0), np.array([-1.0])))


def test_luck_when_more_was_tried_is_less() -> None:
    told = scored(labelled(edge=0.6))
    assert luck(told, 0.6, 1) >= luck(told, 0.6, 500)
