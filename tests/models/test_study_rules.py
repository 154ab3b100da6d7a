"""Tests of models/study_rules.py."""

from models.schema import SMC12_V1
from models.study_rules import StudyRules


def test_rules_when_nothing_is_said_learn_from_the_first_schema() -> None:
    rules = StudyRules(embargo_ms=0)
    assert rules.features is SMC12_V1
    assert rules.schema == "smc12.v1"
