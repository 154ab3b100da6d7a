"""Orders that come to light after we stopped looking where they should have been."""

from engine.domain.events import CancelRefused
from engine.domain.order import Book, OrderStatus, OrderType, Purpose
from tests.builders import leg_order, setup, venue_position
from tests.stories.story import Story


def test_unknown_entry_when_fresh_asks_for_positions_every_three_seconds_and_rarely_later():
    """Queries may lie and the stream may be mute; a position does not lie."""
    story = Story()
    story.start()
    story.signal(setup())
    story.unknown(story.last(Purpose.ENTRY))
    asked_at = []
    for second in range(1, 61):
        if story.snapshots_asked(story.later(1)):
            asked_at.append(second)
            story.snapshot()

    assert asked_at[0] <= 3
    assert len([second for second in asked_at if second <= 15]) >= 4
    assert len([second for second in asked_at if second > 15]) <= 2


def _with_a_stop_given_up() -> tuple[Story, str]:
    """Two stops were sent, one was confirmed, and the cancel of the other found nothing."""
    story = Story()
    story.start()
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    story.fill(entry)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)
    first = story.last(Purpose.STOP)
    story.later(2)
    second = story.last(Purpose.STOP)
    assert second.client_id != first.client_id
    effects = story.accept(first)
    assert story.cancels(effects) == [second.client_id]
    story.feed(CancelRefused(Book.PAPER, second.client_id, second.symbol, -2011))
    return story, second.client_id


def test_stop_when_it_comes_to_rest_after_its_cancel_found_nothing_is_cancelled_again():
    story, client_id = _with_a_stop_given_up()
    request = next(one for one in story.sent(Purpose.STOP) if one.client_id == client_id)

    effects = story.change(request, OrderStatus.NEW, conditional=True)

    assert story.cancels(effects) == [client_id]


def test_stop_when_given_up_and_seen_resting_in_a_snapshot_is_swept():
    story, client_id = _with_a_stop_given_up()
    legs = {one.client_id: one for one in (story.last(Purpose.TARGET), *story.sent(Purpose.STOP))}
    qty = next(iter(legs.values())).qty
    resting = tuple(
        leg_order(
            one.client_id,
            OrderType.STOP_MARKET if one.purpose is Purpose.STOP else OrderType.TAKE_PROFIT_MARKET,
            qty=qty,
            trigger=one.trigger_price,
        )
        for one in legs.values()
    )
    story.later(1)

    effects = story.snapshot(positions=(venue_position(qty=qty),), conditionals=resting)

    assert story.cancels(effects) == [client_id]
