"""Tests of models/training.py."""

import numpy as np
import pytest

from models.measures import auc
from models.schema import SMC12_V1
from models.training import TreeParams, fit, gains_of, outputs_of, table_of
from tests.models.rows import DAY_MS, labelled

QUICK = TreeParams(most_rounds=60, patience=10)


def test_fit_when_repeated_is_equal_byte_for_byte() -> None:
    table = table_of(labelled(2_000, edge=0.5), SMC12_V1)
    first, second = (fit(table, QUICK, seed=3, embargo_ms=0) for _ in "ab")
    assert first == second
    assert fit(table, QUICK, seed=4, embargo_ms=0).text != first.text


def test_fit_when_there_is_a_pattern_finds_it() -> None:
    fitted = fit(table_of(labelled(edge=0.6), SMC12_V1), QUICK, seed=1, embargo_ms=DAY_MS)
    fresh = table_of(labelled(edge=0.6, seed=2), SMC12_V1)
    assert auc(outputs_of(fitted.text, fresh.inputs), fresh.wins) > 0.6
    gains = gains_of(fitted.text)
    assert max(gains, key=lambda name: gains[name]) == "liquidity_grab"
    assert sum(gains.values()) == pytest.approx(1.0)
    assert tuple(gains) == SMC12_V1.names


def test_fit_when_there_is_none_stops_early() -> None:
    fitted = fit(table_of(labelled(edge=0.0), SMC12_V1), TreeParams(), seed=1, embargo_ms=DAY_MS)
    assert 1 <= fitted.rounds < 60


def test_fit_when_rows_are_few_takes_a_fixed_number_of_trees() -> None:
    fitted = fit(table_of(labelled(120), SMC12_V1), QUICK, seed=1, embargo_ms=0)
    assert fitted.rounds == QUICK.patience
    outputs = outputs_of(fitted.text, table_of(labelled(120), SMC12_V1).inputs)
    assert ((outputs >= 0) & (outputs <= 1)).all()


def test_table_when_taken_from_rows_says_who_won_after_costs() -> None:
    rows = labelled(300)
    table = table_of(rows, SMC12_V1)
    assert table.wins.tolist() == [net > 0 for net in rows["net_r"]]
    assert table.inputs.dtype == np.float32
    few = table.take(np.array([5, 2]))
    assert few.proved_at_ms.tolist() == [rows["proved_at_ms"][5], rows["proved_at_ms"][2]]
