"""The end of a round trip."""

import pytest

from engine.core.closing import bury_expired, exit_reason_of, finish, leave
from engine.core.trade import ExitPlan
from engine.domain.effects import TradeVoided
from engine.domain.events import Instant
from engine.domain.order import Purpose, Side
from engine.domain.position import ExitReason
from tests.builders import d, fill
from tests.engine.core.samples import running, trade


@pytest.mark.parametrize(
    ("purpose", "reason"), [(Purpose.STOP, ExitReason.STOP), (Purpose.TARGET, ExitReason.TARGET)]
)
def test_reason_when_a_leg_closed_is_the_legs(purpose, reason):
    one = trade()
    assert exit_reason_of(one, fill(client_id=one.names.next(purpose))) is reason


def test_reason_when_an_exit_closed_is_what_it_was_sent_for():
    one = trade()
    own = fill(client_id=one.names.next(Purpose.EXIT))
    assert exit_reason_of(one, own) is ExitReason.EXTERNAL
    one.exit_plan = ExitPlan(ExitReason.STAGNATION)
    assert exit_reason_of(one, own) is ExitReason.STAGNATION
    one.exit_reason = ExitReason.OPERATOR
    assert exit_reason_of(one, own) is ExitReason.OPERATOR


def sell_all(one) -> None:
    out = fill(one.qty, 104, Side.SELL, trade_id=9, fee="0.2")
    one.tally.add(out, opens=False)
    one.position = one.position.apply(out)


def test_finish_when_flat_books_the_round_trip_and_cools_the_symbol():
    one = trade(2)
    story, state, book = running(one)
    sell_all(one)
    story.log += finish(state, book, one, ExitReason.TARGET, story.now)

    [closed] = story.closed()
    assert (closed.qty, closed.entry_price, closed.exit_price) == (2, 100, 104)
    assert (closed.gross, closed.fees) == (8, d("0.2"))
    assert book.cool_until["BTCUSDT"] == story.ms + 1_800_000
    assert book.breakers.losses == 0


def test_second_round_when_an_entry_filled_late_is_booked_under_its_own_key():
    one = trade(1)
    story, state, book = running(one)
    for _ in range(2):
        sell_all(one)
        story.log += finish(state, book, one, ExitReason.STOP, story.now)
        again = fill(1, 100, trade_id=10)
        one.position = one.position.apply(again)
        one.tally.add(again, opens=True)

    assert [closed.trade_key for closed in story.closed()] == ["key", "key#2"]


def test_trade_when_it_leaves_unfilled_is_voided_and_after_a_round_not():
    one, two = trade(0), trade(0, symbol="ETHUSDT")
    two.rounds = 1
    story, state, book = running(one, two)

    assert story.entries(TradeVoided, leave(state, book, one, story.now))
    assert leave(state, book, two, story.now) == []


def test_tombstone_when_its_time_is_over_is_buried():
    one = trade(0)
    assert one.entry is not None
    one.entry.expected = None
    story, state, book = running(one)
    assert leave(state, book, one, story.now) == []
    assert book.fallen_symbols() == {"BTCUSDT"}

    assert bury_expired(book, story.now) == []
    later = Instant(story.ms + 86_400_000, story.wall)
    assert len(bury_expired(book, later)) == 1
    assert book.tombstones == {}
