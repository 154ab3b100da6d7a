"""Account events that find nothing to belong to, or come twice."""

import pytest

from engine.core.trade import names_of
from engine.domain.events import (
    AccountDeaf,
    AccountRefused,
    BalanceChanged,
    CancelRefused,
    FundingPaid,
    IntentExpired,
    OrderRejected,
    OrderUnknown,
    PositionReported,
)
from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import Book, Purpose
from engine.domain.signal import RiskRefused
from tests.builders import d, setup, venue_position
from tests.stories.story import Story

OURS = names_of(4, Book.PAPER, "gone").next(Purpose.STOP)


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def test_event_when_its_book_is_not_plugged_in_is_ignored():
    story = Story(books=(Book.PAPER,))
    story.start()

    assert story.feed(BalanceChanged(Book.LIVE, d(1), "ORDER", 0)) == []


@pytest.mark.parametrize(
    "event",
    [
        OrderRejected(Book.PAPER, OURS, "BTCUSDT", -2019, "no"),
        OrderUnknown(Book.PAPER, OURS, "BTCUSDT", "timeout"),
        IntentExpired(Book.PAPER, OURS, "BTCUSDT"),
        CancelRefused(Book.PAPER, OURS, "BTCUSDT", -2011),
        FundingPaid(Book.PAPER, "BTCUSDT", d(1), 0),
        PositionReported(Book.PAPER, venue_position(qty=0), 0),
    ],
)
def test_event_when_no_trade_belongs_to_it_has_no_effect(story, event):
    assert story.feed(event) == []


def test_deafness_when_repeated_is_told_once(story):
    deaf = AccountDeaf(Book.PAPER, "closed 1006")

    assert len(story.feed(deaf)) == 1
    assert story.feed(deaf) == []


def test_pushed_position_when_foreign_and_known_is_followed(story):
    story.snapshot(positions=(venue_position(qty=3),))
    effects = story.feed(PositionReported(Book.PAPER, venue_position(qty=5), 0))

    assert effects == []
    assert story.view().positions[0].qty == 5


def test_credentials_when_refused_are_told_once_an_outage_and_stop_entries():
    story = Story()
    story.start()
    refused = AccountRefused(Book.PAPER, "-2015: Invalid API-key")

    def told() -> int:
        return len(story.notices(AlarmNotice, lambda one: "-2015" in one.text))

    for _ in range(3):
        story.feed(refused)
    assert told() == 1
    assert story.notices(AlarmNotice)[-1].kind is AlarmKind.ACCOUNT
    verdict = story.signal(setup())
    assert isinstance(verdict, RiskRefused)
    assert "refuses the API key" in verdict.detail

    story.later(4)
    story.snapshot()
    story.signal(setup("ETHUSDT"))
    assert len(story.sent(Purpose.ENTRY)) == 1
    story.ms += 1
    story.feed(refused)
    assert told() == 2
    assert len({one.notice_id for one in story.notices(AlarmNotice)}) == 2
