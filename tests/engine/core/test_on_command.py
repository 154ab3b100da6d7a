"""Commands about settings: obeyed once, answered plainly, remembered."""

from decimal import Decimal

import pytest

from engine.domain.commands import (
    AllowNegativeEdge,
    Mute,
    Pause,
    ResetBreaker,
    Resume,
    SetApproval,
    SetMode,
    SetRisk,
    SetThreshold,
)
from engine.domain.effects import CommandAnswered, SettingChanged
from engine.domain.events import BalanceChanged
from engine.domain.notices import ModeNotice
from engine.domain.signal import Mode
from tests.builders import MINUTE, d, setup
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def who(key: str = "1") -> dict:
    return {"command_id": key, "requested_by": "anna"}


def stored(story: Story) -> dict[str, str]:
    return {one.key: one.value for one in story.entries(SettingChanged)}


@pytest.mark.parametrize("risk", ["0.5", "1.25", "2.0"])
def test_risk_when_in_range_is_set_stored_and_told(story, risk):
    receipt = story.command(SetRisk(**who(), risk_pct=d(risk)))

    assert receipt.accepted
    assert story.view().risk_pct == Decimal(risk)
    assert stored(story)["risk_pct"] == risk
    assert story.notices(ModeNotice)[-1].requested_by == "anna"
    assert story.entries(CommandAnswered)[-1].receipt == receipt


@pytest.mark.parametrize("risk", ["0.49", "2.01", "NaN", "-1", "Infinity"])
def test_risk_when_out_of_range_is_refused_with_the_range(story, risk):
    receipt = story.command(SetRisk(**who(), risk_pct=Decimal(risk)))

    assert not receipt.accepted
    assert "0.5 to 2.0" in receipt.detail
    assert story.view().risk_pct == 1


@pytest.mark.parametrize(
    ("threshold", "per_day", "text"), [(0.62, None, "0.62:150"), (None, 200, "auto:200")]
)
def test_threshold_when_set_is_stored(story, threshold, per_day, text):
    command = SetThreshold(**who(), threshold=threshold, per_day=per_day)

    assert story.command(command).accepted
    assert stored(story)["threshold"] == text


@pytest.mark.parametrize(
    ("threshold", "per_day"), [(1.1, None), (-0.1, None), (float("nan"), None), (None, 0)]
)
def test_threshold_when_out_of_range_is_refused(story, threshold, per_day):
    command = SetThreshold(**who(), threshold=threshold, per_day=per_day)

    assert not story.command(command).accepted
    assert "threshold" not in stored(story)


@pytest.mark.parametrize(
    ("minutes", "said"), [(0.2, "0 min"), (45, "45 min"), (120, "2 h"), (150, "2 h 30 min")]
)
def test_mute_when_given_is_told_in_hours_and_minutes(story, minutes, said):
    until_ms = story.ms + int(minutes * MINUTE)
    receipt = story.command(Mute(**who(), symbol="BTCUSDT", until_ms=until_ms))

    assert f"is muted for {said}: no signals" in receipt.detail


def test_mute_when_given_silences_until_its_end(story):
    receipt = story.command(Mute(**who(), symbol="BTCUSDT", until_ms=story.ms + 120 * MINUTE))

    assert "2 h" in receipt.detail
    assert story.signal(setup()) is None
    story.jump(121 * MINUTE)
    assert story.view().muted == {}


def test_mute_when_lifted_or_in_the_past_is_answered_plainly(story):
    story.command(Mute(**who("a"), symbol="BTCUSDT", until_ms=story.ms + MINUTE))

    assert story.command(Mute(**who("b"), symbol="BTCUSDT", until_ms=None)).accepted
    assert story.view().muted == {}
    assert stored(story)["mute.BTCUSDT"] == ""
    assert not story.command(Mute(**who("c"), symbol="BTCUSDT", until_ms=story.ms)).accepted


def test_edge_override_when_given_and_taken_back_is_stored(story):
    given = story.command(AllowNegativeEdge(**who("a"), allowed=True))
    assert "0.5%" in given.detail
    assert stored(story)["allow_negative_edge"] == "true"
    story.command(AllowNegativeEdge(**who("b"), allowed=False))
    assert not story.view().allow_negative_edge


def test_approval_when_taken_back_enters_unasked_again(story):
    story.command(SetApproval(**who("a"), required=True))
    story.command(SetApproval(**who("b"), required=False))

    assert stored(story)["approval"] == "false"
    assert story.signal(setup()) is not None
    assert len(story.sent()) == 1


def test_mode_when_unchanged_changes_nothing(story):
    receipt = story.command(SetMode(**who(), mode=Mode.PAPER))

    assert receipt.accepted
    assert "already" in receipt.detail
    assert "mode" not in stored(story)


def test_resume_when_not_paused_says_so_and_names_breakers_when_tripped(story):
    assert "Not paused" in story.command(Resume(**who("a"))).detail
    story.feed(BalanceChanged(story.book, d(9000), "ORDER", story.ms))
    story.command(Pause(**who("b")))

    assert "(paper: daily loss); /resetbreakers" in story.command(Resume(**who("c"))).detail


def test_reset_when_nothing_is_tripped_says_so(story):
    assert "No breaker" in story.command(ResetBreaker(**who())).detail


def test_reset_when_paused_reminds_of_the_pause(story):
    story.feed(BalanceChanged(story.book, d(9000), "ORDER", story.ms))
    story.command(Pause(**who("a")))

    assert "/resume" in story.command(ResetBreaker(**who("b"))).detail
