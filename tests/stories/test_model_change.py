"""The model changes while things are open, and over restarts."""

from dataclasses import replace

import pytest

from engine.core.on_timer import THRESHOLD_HISTORY
from engine.domain.commands import ChangeModel, ModelChange, SetApproval, TakeSignal
from engine.domain.effects import SettingChanged, VerdictGiven
from engine.domain.events import ScorerChanged, StateRestored
from engine.domain.notices import LifeNotice
from engine.domain.order import Purpose
from engine.domain.signal import Mode, RiskApproved, Rule
from engine.risk.threshold import ThresholdSeed
from tests.builders import MINUTE, setup
from tests.stories.story import Story

OLD = ThresholdSeed(quantiles=tuple(0.3 + i / 1000 for i in range(101)), per_day=3000.0)
NEW = tuple(0.7 + i / 1000 for i in range(101))


def swap(story: Story, name: str = "lgbm:new", key: str = "m") -> None:
    command = ChangeModel(
        command_id=key, requested_by="ada", change=ModelChange.RELOAD, bundle="ab" * 32
    )
    story.feed(ScorerChanged(command, name, NEW, 3000.0))


def test_model_when_changed_under_an_open_trade_leaves_score_and_plan():
    story = Story(seed=OLD)
    story.start()
    story.enter(setup(), scorer="lgbm:old", value=0.6)
    before, sent = story.position(), story.sent()

    swap(story)

    assert replace(story.position(), mark_price=before.mark_price) == before
    assert story.position().score == 0.6
    assert story.sent() == sent


def test_model_when_changed_ranks_the_next_setups_by_its_own_scores():
    story = Story(seed=OLD)
    story.start()
    assert story.signal(setup("BTCUSDT"), 0.5, scorer="lgbm:old") is not None

    swap(story)

    assert story.signal(setup("ETHUSDT"), 0.5, scorer="lgbm:new") is None
    assert story.signal(setup("ETHUSDT"), 0.81, scorer="lgbm:new") is not None


def test_signal_when_waiting_for_a_take_keeps_the_score_it_was_decided_by():
    story = Story(seed=OLD)
    story.start()
    story.command(SetApproval(command_id="a", requested_by="ada", required=True))
    found = setup()
    verdict = story.signal(found, 0.6, scorer="lgbm:old", probability=0.5, payoff_ratio=2.0)
    assert verdict is not None
    assert verdict.rule is Rule.APPROVAL

    swap(story)
    story.ms += 1000
    setup_id = verdict.signal.setup.setup_id
    receipt = story.command(TakeSignal(command_id="t", requested_by="ada", setup_id=setup_id))

    assert receipt.accepted, receipt.detail
    assert story.sent(Purpose.ENTRY)
    approved = story.entries(VerdictGiven)[-1].verdict
    assert isinstance(approved, RiskApproved)
    assert approved.proposal.signal.score.scorer == "lgbm:old"


def restored(**settings: str) -> StateRestored:
    return StateRestored(settings, (), (), (), ())


def history_of(story: Story) -> str:
    for hour in range(30):
        story.jump(60 * MINUTE)
        story.close("BTCUSDT")
        for number in range(3):
            story.signal(setup("ETHUSDT"), 0.31 + number / 100 + hour / 1000)
    stored = [one for one in story.entries(SettingChanged) if one.key == THRESHOLD_HISTORY]
    return stored[-1].value


@pytest.fixture(scope="module")
def history() -> str:
    story = Story(mode=Mode.SIGNALS, seed=OLD)
    story.start()
    return history_of(story)


def test_threshold_when_the_same_scorer_starts_again_remembers_its_scores(history):
    story = Story(scorer="lgbm:old", seed=OLD)
    story.start(restored=restored(**{THRESHOLD_HISTORY: history, "scorer": "lgbm:old"}))
    fresh = Story(scorer="lgbm:old", seed=OLD)
    fresh.start()

    assert story.view().threshold != fresh.view().threshold
    assert not story.notices(LifeNotice, lambda one: "starts anew" in one.text)


def test_threshold_when_another_scorer_starts_forgets_the_scores_and_says_so(history):
    story = Story(scorer="lgbm:new", seed=ThresholdSeed(quantiles=NEW, per_day=3000.0))
    effects = story.start(restored=restored(**{THRESHOLD_HISTORY: history, "scorer": "lgbm:old"}))

    assert story.view().threshold > 0.7
    (told,) = story.notices(LifeNotice, lambda one: "starts anew" in one.text)
    assert told.text.startswith("The scorer was lgbm:old and is lgbm:new now")
    assert SettingChanged("scorer", "lgbm:new") in story.entries(SettingChanged, effects)


def test_scorer_when_nothing_was_stored_is_remembered_without_a_word():
    story = Story(scorer="lgbm:old", seed=OLD)
    effects = story.start(restored=restored())

    assert SettingChanged("scorer", "lgbm:old") in story.entries(SettingChanged, effects)
    assert not story.notices(LifeNotice, lambda one: "starts anew" in one.text)


def test_threshold_when_nobody_knows_whose_history_was_stored_starts_anew(history):
    story = Story(scorer="lgbm:new", seed=ThresholdSeed(quantiles=NEW, per_day=3000.0))
    story.start(restored=restored(**{THRESHOLD_HISTORY: history}))

    assert story.view().threshold > 0.7
    (told,) = story.notices(LifeNotice, lambda one: "starts anew" in one.text)
    assert told.text.startswith("The scorer was not noted and is lgbm:new now")
