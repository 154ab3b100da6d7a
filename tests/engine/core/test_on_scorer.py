"""Another scorer: the threshold starts anew, once; what is open keeps its score."""

import json

import pytest

from engine.core.on_timer import THRESHOLD_HISTORY
from engine.domain.commands import ChangeModel, ModelChange, SetThreshold
from engine.domain.effects import Acknowledge, CommandAnswered, SettingChanged
from engine.domain.events import CommandGiven, ScorerChanged
from engine.domain.notices import ModeNotice
from engine.risk.threshold import ThresholdSeed
from tests.builders import setup
from tests.stories.story import Story

LOW = tuple(i / 1000 for i in range(101))


@pytest.fixture
def story() -> Story:
    story = Story(seed=ThresholdSeed(quantiles=tuple(0.5 + q for q in LOW), per_day=3000.0))
    story.start()
    return story


def change(key: str = "1", scorer: str = "lgbm:b", what: ModelChange = ModelChange.RELOAD):
    command = ChangeModel(command_id=key, requested_by="ada", change=what, bundle="ab")
    return ScorerChanged(command, scorer, LOW, 3000.0)


def test_threshold_when_the_scorer_changes_is_that_of_the_new_scores(story):
    assert story.view().threshold > 0.5

    story.feed(change())

    assert story.view().threshold == pytest.approx(0.095, abs=0.002)
    assert story.view().scorer == "lgbm:b"


def test_change_when_made_is_told_with_the_name_of_who_made_it_and_journalled(story):
    effects = story.feed(change(what=ModelChange.ROLLBACK))

    (answered,) = story.entries(CommandAnswered, effects)
    (told,) = story.notices(ModeNotice)
    (receipt,) = [one.receipt for one in effects if isinstance(one, Acknowledge)]
    assert answered.receipt == receipt
    assert receipt.detail.startswith("Model rolled back: heuristic → lgbm:b. The threshold starts")
    assert (told.requested_by, told.text) == ("ada", receipt.detail)
    stored = {one.key: one.value for one in story.entries(SettingChanged, effects)}
    assert stored["scorer"] == "lgbm:b"
    assert json.loads(stored[THRESHOLD_HISTORY])["used"] == 0


def test_change_when_redelivered_has_no_second_effect(story):
    first = story.feed(change())

    again = story.feed(change(scorer="lgbm:c"))

    assert story.view().scorer == "lgbm:b"
    assert again == [one for one in first if isinstance(one, Acknowledge)]


def test_threshold_when_fixed_stays_and_the_operator_is_warned(story):
    story.command(SetThreshold(command_id="t", requested_by="ada", threshold=0.62))

    effects = story.feed(change())

    assert story.view().threshold == 0.62
    (answered,) = story.entries(CommandAnswered, effects)
    assert "stays fixed at 0.6200" in answered.receipt.detail
    assert "/threshold auto" in answered.receipt.detail


def test_change_when_it_comes_without_a_scorer_is_refused(story):
    receipt = story.command(change().command)

    assert not receipt.accepted
    assert story.view().scorer == "heuristic"


def test_scorer_when_a_setup_was_scored_by_another_stays_as_it_was_told(story):
    story.signal(setup(), 0.9, scorer="somebody else")

    assert story.view().scorer == "heuristic"


def test_command_when_given_is_not_confused_with_the_event(story):
    effects = story.feed(CommandGiven(change("x").command))

    assert [one.receipt.accepted for one in effects if isinstance(one, Acknowledge)] == [False]
