"""Tests of models/dataset_rules.py."""

from engine.domain.candle import Timeframe
from models.dataset_rules import Counts, DatasetRules
from models.label_rules import LabelRules


def test_embargo_when_timeframes_are_mixed_covers_the_longest() -> None:
    rules = DatasetRules(timeframes=(Timeframe.M1, Timeframe.M15), labels=LabelRules())
    assert rules.embargo_ms == (120 + 400) * Timeframe.M15.ms


def test_counts_when_added_add_each_number() -> None:
    total = Counts(candles=1, masked=2, holes=3, rows=9)
    total.add(Counts(candles=10, dropped=1, rows=1))
    assert total == Counts(candles=11, masked=2, holes=3, dropped=1, rows=10)
