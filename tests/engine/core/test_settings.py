"""Texts of settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.settings import threshold_from_text, threshold_to_text
from engine.risk.threshold import ThresholdRule


@given(st.none() | st.floats(0, 1), st.integers(1, 10_000))
def test_threshold_rule_when_written_and_read_is_the_same(fixed, per_day):
    rule = ThresholdRule(fixed=fixed, per_day=per_day)
    assert threshold_from_text(threshold_to_text(rule), ThresholdRule()) == rule


def test_threshold_text_when_it_has_no_cap_takes_the_default():
    got = threshold_from_text("0.5", ThresholdRule(per_day=42))
    assert got == ThresholdRule(fixed=0.5, per_day=42)


@pytest.mark.parametrize("text", ["", "high", "0.5:many"])
def test_threshold_text_when_unreadable_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        threshold_from_text(text, ThresholdRule())
