"""The frozen picture."""

import pytest

from engine.domain.events import MarkMoved
from engine.domain.order import Book
from engine.domain.signal import Mode
from tests.builders import d, setup, venue_position
from tests.stories.story import Story


def test_snapshot_when_nothing_has_happened_is_not_ready():
    view = Story(mode=Mode.SIGNALS).view()

    assert not view.ready
    assert view.positions == ()
    assert {one.book for one in view.books} == set(Book)


@pytest.mark.parametrize("mode", [Mode.SIGNALS, Mode.PAPER])
def test_snapshot_when_started_is_ready(mode):
    story = Story(mode=mode)
    story.start()

    assert story.view().ready
    assert story.view().symbols == 2


def test_position_when_shown_has_its_result_in_r_and_money():
    story = Story()
    story.start()
    entry = story.enter(setup())
    story.feed(MarkMoved("BTCUSDT", 101.0, 0.0, 0, 0))

    got = story.position()

    assert got.r_now == pytest.approx(0.5)
    assert got.unrealised == entry.qty
    assert got.risk == 2 * entry.qty
    assert got.score == 0.6
    assert (got.protected, got.exiting, got.ours) == (True, False, True)
    assert got.time_exit_ms == got.opened_ms + 7_200_000


def test_book_when_shown_has_its_marks_and_open_risk():
    story = Story()
    story.start()
    story.signal(setup())

    book = story.view().books[0]

    assert (book.wallet, book.equity, book.day_start_equity) == (d(10_000),) * 3
    assert book.open_risk_ratio == pytest.approx(0.01, abs=1e-4)
    assert (book.pending, book.unknown) == (1, 0)
    counters = story.view().counters
    assert (counters.signals, counters.approved, counters.orders) == (1, 1, 1)


def test_foreign_position_when_shown_is_marked_as_not_ours():
    story = Story()
    story.start()
    story.snapshot(positions=(venue_position(qty=-2),))

    [got] = story.view().positions

    assert not got.ours
    assert got.qty == 2
    assert int(got.direction) == -1


@pytest.mark.parametrize("required", [True, False])
def test_snapshot_when_entries_wait_for_the_operator_says_so(required):
    assert Story(approval=required).view().approval is required
