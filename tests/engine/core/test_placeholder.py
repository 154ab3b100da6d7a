"""Rules that stand in until the universe is known."""

from engine.core.placeholder import placeholder
from engine.domain.instrument import Rounding
from tests.builders import d


def test_placeholder_when_rules_are_not_known_changes_no_number():
    rules = placeholder("BTCUSDT")

    assert rules.quantize_qty(d("1.234567")) == d("1.234567")
    assert rules.quantize_price(d("0.00001234"), Rounding.DOWN) == d("0.00001234")
