"""Breakers in action."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.guard import act_on_trips, breakers_from_text, breakers_to_text, judge_equity
from engine.domain.effects import SettingChanged
from engine.domain.notices import AlarmNotice
from engine.domain.position import ExitReason
from engine.risk.breakers import Breaker, BreakerState, Trip
from engine.risk.limits import RiskLimits
from tests.builders import d
from tests.engine.core.samples import running, trade

money = st.decimals(0, 10**6, places=4)


@given(
    st.frozensets(st.sampled_from(list(Breaker))),
    st.integers(-1, 10**5),
    money,
    money,
    st.integers(0, 50),
    st.lists(st.integers(0, 10**13), max_size=3).map(tuple),
)
def test_breakers_when_written_and_read_are_the_same(tripped, day, start, high, losses, rejects):
    state = BreakerState(
        tripped=tripped,
        day=day,
        day_start=start,
        high_water=high,
        losses=losses,
        rejects_ms=rejects,
    )
    assert breakers_from_text(breakers_to_text(state)) == state


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tripped": ["nope"]}', '{"day": 1}'])
def test_breakers_when_unreadable_say_so(text):
    with pytest.raises(ValueError, match="unreadable"):
        breakers_from_text(text)


def test_equity_when_the_book_is_not_reconciled_is_not_judged():
    story, state, book = running()
    book.ready, book.wallet = False, d(1)

    assert judge_equity(state, book, story.now) == []


def test_equity_when_it_falls_is_told_and_stored_once():
    story, state, book = running()
    book.wallet = d(9000)

    story.log += judge_equity(state, book, story.now)
    assert judge_equity(state, book, story.now) == []

    assert len(story.notices(AlarmNotice)) == 1
    stored = [one for one in story.entries(SettingChanged) if one.key == "breakers.paper"]
    assert "daily_loss" in stored[-1].value


@pytest.mark.parametrize(
    ("flatten", "breaker", "closes"),
    [
        (True, Breaker.DRAWDOWN, True),
        (True, Breaker.REJECTS, False),
        (False, Breaker.DRAWDOWN, False),
    ],
)
def test_breaker_when_tripped_flattens_only_where_wanted(flatten, breaker, closes):
    one = trade()
    story, state, book = running(one)
    object.__setattr__(state.config, "limits", RiskLimits(flatten_on_breaker=flatten))

    act_on_trips(state, book, [Trip(breaker, "x")], story.now)

    assert (one.exit_plan is not None) is closes
    if one.exit_plan:
        assert one.exit_plan.reason is ExitReason.BREAKER


def test_losing_streak_when_reached_pauses():
    story, state, book = running()

    act_on_trips(state, book, [Trip(Breaker.LOSS_STREAK, "6 losses in a row")], story.now)

    assert state.paused == "paper: 6 losses in a row"
