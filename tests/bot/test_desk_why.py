from dataclasses import FrozenInstanceError

import pytest

from bot.desk_why import AskWhy
from tests.bot.why_kit import explanation


def test_question_when_nothing_is_named_means_the_newest_signal():
    assert AskWhy() == AskWhy("")


def test_answer_when_given_out_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        explanation().fate = "other"  # type: ignore[misc]
