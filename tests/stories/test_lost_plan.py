"""Restart without the plan of a trade: an intent of ours is evidence, and evidence is protected."""

from decimal import Decimal

import pytest

from engine.core.trade import names_of
from engine.domain.effects import TradeEnded, TradeOpened, TradeVoided
from engine.domain.events import IntentExpired, OrderChanged, OrderFilled, StateRestored
from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import (
    Book,
    Intent,
    OrderRequest,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
)
from engine.domain.position import ClosedTrade, ExitReason
from engine.domain.setup import Direction
from engine.domain.signal import Mode
from tests.builders import MINUTE, START_MS, d, fill, leg_order, order, venue_position
from tests.stories.story import Story
from tests.stories.test_restart import ENTRY, KEY, STOP, entry_intent, legs, story_universe
from tests.stories.test_restart import restored as past_with

DAY_MS = 86_400_000


def intent(purpose: Purpose, trigger: object = None, **fields) -> Intent:
    """Return an unfinished closing order of the long trade `KEY`."""
    request = OrderRequest(
        client_id=names_of(7, Book.PAPER, KEY).next(purpose),
        symbol="BTCUSDT",
        side=Side.SELL,
        order_type=OrderType.STOP_MARKET if trigger else OrderType.MARKET,
        qty=d(1),
        purpose=purpose,
        trigger_price=d(trigger) if trigger else None,
        reduce_only=True,
    )
    values = {"book": Book.PAPER, "trade_key": KEY, "created_ms": START_MS}
    return Intent(request=request, **(values | fields))


def begin(*intents: Intent, recent=()) -> Story:
    """Return an engine that has just heard of these intents and knows no plan."""
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=8)
    story.ms += 10 * MINUTE
    story.feed(StateRestored({}, (), tuple(intents), (), tuple(recent)))
    return story


def start(*intents: Intent, recent=(), **snapshot) -> Story:
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=8)
    story.ms += 10 * MINUTE
    story.start(restored=past_with(intents=intents, recent=recent), **snapshot)
    return story


def alarms(story: Story, kind: AlarmKind) -> list[AlarmNotice]:
    return story.notices(AlarmNotice, lambda one: one.kind is kind)


def test_restart_when_the_plan_of_an_open_entry_is_lost_protects_its_position_at_once():
    """It was judged foreign after 60 s and stayed naked for ever."""
    story = start(entry_intent(), positions=(venue_position(),))

    first = story.sent()[0]
    assert first.purpose is Purpose.STOP
    assert first.side is Side.SELL
    assert first.reduce_only
    assert first.qty == 1
    assert first.trigger_price == d("98.10")  # 2 % from the limit of 100.1, on the grid
    assert story.sent(Purpose.TARGET)
    assert alarms(story, AlarmKind.ADOPTED)
    assert not alarms(story, AlarmKind.FOREIGN_POSITION)
    assert story.position().ours


def test_restart_when_fills_of_a_lost_plan_are_told_first_protects_with_the_snapshot():
    story = begin(entry_intent())
    story.feed(story_universe())
    assert story.engine.open_since(Book.PAPER) == {"BTCUSDT": START_MS}
    story.feed(OrderFilled(Book.PAPER, fill(1, 100, client_id="", trade_id=50)))
    assert story.sent() == []

    story.snapshot(positions=(venue_position(),))

    assert story.last(Purpose.STOP).qty == 1


def test_fill_when_it_explains_what_the_snapshot_showed_of_a_lost_plan_is_not_added():
    story = start(entry_intent(), positions=(venue_position(),))
    story.fill(
        OrderRequest(
            client_id=ENTRY,
            symbol="BTCUSDT",
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=d(1),
            purpose=Purpose.ENTRY,
        ),
        event_time_ms=START_MS,
    )
    story.accept(story.last(Purpose.STOP))

    assert story.held() == 1
    assert story.position().protected


def test_restart_when_the_universe_is_not_known_yet_waits_for_the_grid():
    story = begin(entry_intent())
    story.later(4)
    effects = story.snapshot(positions=(venue_position(),))
    assert story.sent() == []
    assert story.snapshots_asked(effects) == 1

    story.feed(story_universe())
    story.later(4)
    story.snapshot(positions=(venue_position(),))

    assert story.sent()[0].trigger_price == d("98.10")


def test_restart_when_legs_of_a_lost_plan_rest_keeps_them_where_they_are():
    story = start(entry_intent(), positions=(venue_position(),), conditionals=legs())

    assert story.sent() == []
    assert story.cancels() == []
    assert story.position().stop_price == 98
    assert story.position().target_price == 104


def test_restart_when_a_stop_wish_survived_takes_its_price():
    wished = intent(Purpose.STOP, 97, created_ms=START_MS)
    later = intent(Purpose.STOP, 99, created_ms=START_MS + 1)
    story = start(entry_intent(), later, wished, positions=(venue_position(),))

    assert story.last(Purpose.STOP).trigger_price == 99


def test_restart_when_the_lost_entry_did_nothing_forgets_it():
    story = start(entry_intent())
    assert story.sent() == []
    assert story.view().books[0].unknown == 1
    assert story.entries(TradeOpened)

    dead = order(entry_intent().request, OrderStatus.EXPIRED)
    story.feed(OrderChanged(Book.PAPER, dead))
    story.later(4)
    story.snapshot()
    story.later(1)

    assert story.entries(TradeVoided)[0].trade_key == KEY
    assert story.entries(TradeEnded) == []


def test_restart_when_the_lost_entry_is_never_found_keeps_watching_for_it():
    story = start(entry_intent())
    story.feed(IntentExpired(Book.PAPER, ENTRY, "BTCUSDT"))
    story.later(4)
    story.snapshot()
    story.later(1)

    story.feed(OrderFilled(Book.PAPER, fill(1, 100, client_id=ENTRY, trade_id=50)))

    assert story.last(Purpose.STOP).trigger_price == d("98.10")


def test_restart_when_the_trade_of_an_open_intent_has_ended_proves_nothing():
    """Its outcome could not be written, its end could: the position there now is another's."""
    ended = ClosedTrade(
        trade_key=f"{KEY}#2",
        book=Book.PAPER,
        symbol="BTCUSDT",
        direction=Direction.LONG,
        setup_id=KEY,
        score=0.6,
        qty=d(1),
        entry_price=d(100),
        exit_price=d(98),
        risk=d(2),
        gross=d(-2),
        fees=Decimal(0),
        funding=Decimal(0),
        reason=ExitReason.STOP,
        opened_ms=START_MS,
        closed_ms=START_MS + MINUTE,
    )
    story = start(entry_intent(), recent=[ended], positions=(venue_position(qty=5),))

    assert story.sent() == []
    assert alarms(story, AlarmKind.FOREIGN_POSITION)


@pytest.mark.parametrize(
    ("wish", "stop"),
    [(intent(Purpose.STOP, 97), 97), (intent(Purpose.EXIT), 98)],
    ids=["stop", "exit"],
)
def test_restart_when_only_a_closing_intent_is_left_its_position_is_ours(wish, stop):
    story = start(wish, positions=(venue_position(),))

    assert story.last(Purpose.STOP).trigger_price == stop
    assert alarms(story, AlarmKind.ADOPTED)


@pytest.mark.parametrize(
    ("wish", "qty"),
    [
        (intent(Purpose.STOP, 97), -1),
        (intent(Purpose.STOP, 97, created_ms=START_MS - DAY_MS), 1),
    ],
    ids=["other side", "days old"],
)
def test_restart_when_a_closing_intent_fits_no_position_of_ours_leaves_it_alone(wish, qty):
    story = start(wish, positions=(venue_position(qty=qty),))

    assert story.sent() == []
    assert alarms(story, AlarmKind.FOREIGN_POSITION)


def test_claim_when_a_snapshot_has_judged_it_is_used_up():
    story = start(intent(Purpose.STOP, 97))
    story.later(4)

    story.snapshot(positions=(venue_position(),))

    assert story.sent() == []
    assert alarms(story, AlarmKind.FOREIGN_POSITION)


def test_old_entry_fill_of_ours_when_its_position_is_open_makes_it_ours():
    """Found by a query long after it happened: only the snapshot can tell what is left of it."""
    story = start()
    story.ms += 10 * MINUTE
    story.wall += 4
    old = fill(2, 100, client_id=ENTRY, trade_id=50, event_time_ms=START_MS)
    assert story.snapshots_asked(story.feed(OrderFilled(Book.PAPER, old))) == 1

    story.snapshot(positions=(venue_position(qty=2),))

    assert story.last(Purpose.STOP).qty == 2
    assert not alarms(story, AlarmKind.FOREIGN_POSITION)


def test_filled_entry_of_ours_when_its_position_was_shown_as_foreign_corrects_that():
    story = start(positions=(venue_position(),))
    assert alarms(story, AlarmKind.FOREIGN_POSITION)
    assert story.sent() == []
    story.wall += 4
    story.feed(OrderChanged(Book.PAPER, order(entry_intent().request, OrderStatus.FILLED)))

    story.snapshot(positions=(venue_position(),))

    assert story.last(Purpose.STOP).qty == 1
    assert [one.ours for one in story.view().positions] == [True]


def test_foreign_position_when_a_left_over_of_ours_lies_on_its_own_side_stays_untouched():
    """A SELL stop guards nothing beside a short: it is swept, the position is not ours."""
    left = leg_order(STOP, OrderType.STOP_MARKET)
    story = start(positions=(venue_position(qty=-3),), conditionals=(left,))

    assert story.sent() == []
    assert story.cancels() == [STOP]
    assert alarms(story, AlarmKind.FOREIGN_POSITION)
