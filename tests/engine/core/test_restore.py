"""Taking back what the journal kept, where stories do not reach."""

import json
from dataclasses import replace

import pytest

from engine.domain.effects import SettingChanged
from engine.domain.events import StateRestored
from engine.domain.notices import AlarmNotice, LifeNotice
from engine.domain.order import Book, Purpose, Side
from engine.domain.signal import Mode
from tests.builders import START_MS, fill, setup
from tests.engine.core.samples import memory
from tests.stories.story import Story


def restored(settings=None, trades=(), fills=()) -> Story:
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,))
    story.feed(StateRestored(settings or {}, tuple(trades), (), tuple(fills), ()))
    return story


def test_start_when_nothing_is_stored_asks_every_book_and_says_so():
    story = Story()
    story.feed(StateRestored({}, (), (), (), ()))

    assert story.snapshots_asked() == 2
    assert "paper mode" in story.notices(LifeNotice)[0].text


def test_trade_when_its_book_is_not_connected_is_told():
    story = restored(trades=[memory(book=Book.LIVE)])

    assert "not connected" in story.notices(AlarmNotice)[0].text


@pytest.mark.parametrize(
    ("settings", "attribute", "expected"),
    [
        ({"approval": "true"}, "approval", True),
        ({"mute.BTCUSDT": ""}, "muted", {}),
        ({"mute.BTCUSDT": "99"}, "muted", {"BTCUSDT": 99}),
        ({"unknown.key": "x"}, "paused", ""),
        ({"paused": "x"}, "paused", "x"),
    ],
)
def test_setting_when_stored_is_taken_back(settings, attribute, expected):
    story = restored(settings)

    assert getattr(story.engine._state, attribute) == expected
    assert story.notices(AlarmNotice) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"risk_pct": "abc"},
        {"mute.BTCUSDT": "soon"},
        {"threshold.history": "{}"},
        {"threshold.history": '{"day": 1, "used": 0, "hours": [[1, [[99999, 1]]], [2, []]]}'},
        {"breakers.nobody": "{}"},
    ],
)
def test_setting_when_unreadable_is_told_and_ignored(settings):
    assert len(restored(settings).notices(AlarmNotice)) == 1


def test_settings_of_a_book_that_is_not_connected_are_left_alone():
    story = restored({"breakers.live": "{}", "first_live": "proved"})

    assert story.notices(AlarmNotice) == []


def test_score_history_when_stored_by_the_timer_is_taken_back():
    first = Story()
    first.start()
    first.signal(setup())
    first.jump(3_600_000)
    stored = {one.key: one.value for one in first.entries(SettingChanged)}

    second = restored({"threshold.history": stored["threshold.history"], "scorer": "heuristic"})

    assert second.engine._state.threshold.used_today == 1
    assert second.engine._state.threshold.dump()["hours"]


@pytest.mark.parametrize("former", [{}, {"scorer": "lgbm:a"}])
def test_score_history_when_of_another_scorer_or_nobodys_is_replaced_in_the_journal(former):
    hour = START_MS // 3_600_000
    history = json.dumps({"day": 0, "used": 0, "hours": [[hour - 1, [[9000, 5]]], [hour, []]]})

    story = restored({"threshold.history": history, **former})

    stored = {one.key: one.value for one in story.entries(SettingChanged)}
    assert stored["scorer"] == "heuristic"
    assert "9000" not in stored["threshold.history"]
    again = restored({**former, **stored})
    assert "9000" not in json.dumps(again.engine._state.threshold.dump())
    assert again.entries(SettingChanged) == []
    assert "the threshold starts anew" in " ".join(one.text for one in story.notices(LifeNotice))


def test_fills_when_they_were_made_by_hand_count_for_the_position():
    bought = (Book.PAPER, fill(3, 100, trade_id=1))
    sold = (Book.PAPER, fill(1, 101, Side.SELL, trade_id=2, client_id="web_1"))
    other = (Book.PAPER, fill(9, 5, symbol="ETHUSDT", trade_id=3))
    early = (Book.PAPER, fill(7, 5, Side.SELL, trade_id=4, event_time_ms=START_MS - 1))
    story = restored(trades=[memory()], fills=[sold, bought, other, early])

    assert story.held() == 2
    assert story.sent() == []  # nothing before the venue's truth is known


def test_past_when_it_belongs_to_a_book_that_is_not_connected_is_left_alone():
    first = Story()
    first.start()
    first.enter(setup())
    first.fill(first.last(Purpose.STOP), price=98)
    closed = replace(first.closed()[0], book=Book.LIVE)
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,))
    fills = ((Book.LIVE, fill(1, 100, trade_id=1)),)

    story.feed(StateRestored({}, (), (), fills, (closed,)))

    book = story.engine._state.books[Book.PAPER]
    assert (book.finished, book.cool_until, book.fills_seen) == ({}, {}, {})


@pytest.mark.parametrize(("stored", "proved"), [("proved", True), ("x", False)])
def test_first_live_trade_when_it_was_proved_needs_no_second_proof(stored, proved):
    story = Story()
    story.feed(StateRestored({"first_live": stored}, (), (), (), ()))

    assert story.engine._state.books[Book.LIVE].first_proved is proved


def test_closing_fill_when_nothing_was_open_yet_is_not_replayed():
    sold = (Book.PAPER, fill(1, 101, Side.SELL, trade_id=1))
    bought = (Book.PAPER, fill(3, 100, trade_id=2))

    assert restored(trades=[memory()], fills=[sold, bought]).held() == 3
