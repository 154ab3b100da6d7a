import pytest

from bot.language import N_, speaking
from bot.preferences import Kind, Loudness
from bot.words import rule_name, word
from engine.domain.position import ExitReason
from engine.domain.signal import Rule
from engine.risk.breakers import Breaker

VALUES = [*ExitReason, *Breaker, *Kind, *Loudness]
SAME = {"stop", "operator", "delisting", "liquidation", "blind", "spread", "edge", "margin"}
SAME |= {"drawdown", "stops"}


@pytest.mark.parametrize("value", VALUES)
def test_word_when_english_is_the_value_in_words(value: str):
    assert rule_name(value) == str(value).replace("_", " ")


@pytest.mark.parametrize("value", VALUES)
def test_word_when_german_is_a_german_one(value: str):
    with speaking("de"):
        assert (rule_name(value).lower() == value.replace("_", " ")) == (value in SAME)


@pytest.mark.parametrize("rule", Rule)
def test_rule_name_when_told_has_no_underscore_and_a_translation(rule: Rule):
    english = rule_name(rule)
    assert english == rule.value.replace("_", " ")
    with speaking("de"):
        assert "_" not in rule_name(rule)
        assert (rule_name(rule).lower() == english) == (english in SAME)


def test_word_when_it_is_none_of_the_engines_stays_as_it_is():
    with speaking("de"):
        assert word("BTCUSDT") == "BTCUSDT"
        assert word("0.35-0.40") == "0.35-0.40"
        assert word(N_("No open positions.")) == "No open positions."
