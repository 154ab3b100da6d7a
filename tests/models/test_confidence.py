"""The heuristic's weighted sum."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.confidence import INTERCEPT, NEUTRAL, WEIGHTS, Floats, confidence, log_odds
from models.schema import SMC12_V1

INPUTS = SMC12_V1.features[:-1]


def _columns(values: dict[str, float]) -> dict[str, Floats]:
    return {name: np.array([value]) for name, value in values.items()}


def test_weights_when_listed_cover_features_one_to_eleven() -> None:
    assert list(WEIGHTS) == list(NEUTRAL) == [feature.name for feature in INPUTS]


def test_confidence_when_setup_is_neutral_is_the_base_rate() -> None:
    value = confidence(_columns(NEUTRAL)).item()
    assert value == pytest.approx(1 / (1 + math.exp(-INTERCEPT)))
    assert value == pytest.approx(1 / 3, abs=0.005)


@given(st.tuples(*(st.floats(feature.low, feature.high) for feature in INPUTS)))
@settings(max_examples=40)
def test_confidence_when_features_are_in_range_equals_the_plain_sum(
    values: tuple[float, ...],
) -> None:
    row = dict(zip(WEIGHTS, values, strict=True))
    plain = INTERCEPT + sum(WEIGHTS[name] * (row[name] - NEUTRAL[name]) for name in WEIGHTS)
    told = confidence(_columns(row)).item()
    assert log_odds(_columns(row)).item() == pytest.approx(plain, abs=1e-9)
    assert 0.0 < told < 1.0
    assert told == pytest.approx(1 / (1 + math.exp(-plain)))
