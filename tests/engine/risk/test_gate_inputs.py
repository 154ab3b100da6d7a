"""What the gate looks at is a frozen value with safe defaults for what older callers lack."""

from dataclasses import FrozenInstanceError

import pytest

from tests.engine.risk.test_gate import facts


def test_facts_when_made_without_marks_know_none():
    given = facts()

    assert given.breaker_state is None
    assert given.min_notional == 0


def test_facts_when_changed_refuse():
    with pytest.raises(FrozenInstanceError):
        facts().last = 1.0  # type: ignore[misc]
