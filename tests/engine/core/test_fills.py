"""One execution applied to a running trade."""

import pytest

from engine.core.fills import apply_fill, in_usdt
from engine.domain.order import Purpose, Side
from engine.domain.position import ExitReason
from tests.builders import START_MS, d, fill, setup
from tests.engine.core.samples import running, trade
from tests.stories.story import Story


def test_fill_when_it_opens_starts_the_clocks_from_its_own_time():
    one = trade(0, entered=False)
    story, state, book = running(one)
    apply_fill(state, book, one, fill(2, 101, event_time_ms=START_MS + 777), story.now)

    assert one.memory.opened_ms == START_MS + 777
    assert one.memory.time_exit_ms == START_MS + 777 + 7_200_000
    assert one.memory.risk == 2 * 3
    assert one.memory.entry_price == 101.0


def test_fill_when_it_adds_keeps_the_clocks_and_grows_the_risk():
    one = trade(1)
    story, state, book = running(one)
    apply_fill(state, book, one, fill(1, 102, trade_id=2, event_time_ms=START_MS + 5), story.now)

    assert one.memory.opened_ms == START_MS
    assert one.memory.risk == 2 * 3  # average entry 101, stop 98


def test_fill_when_it_closes_more_than_is_held_takes_only_what_is_held():
    one = trade(1)
    story, state, book = running(one)
    effects = apply_fill(state, book, one, fill(5, 99, Side.SELL, trade_id=2), story.now)
    story.log += effects

    assert one.qty == 0
    assert story.closed()[0].qty == 1
    assert story.closed()[0].reason is ExitReason.EXTERNAL


def test_fill_when_nothing_is_held_and_it_opens_the_other_way_is_left_to_the_snapshot():
    one = trade(0)
    story, state, book = running(one)

    assert apply_fill(state, book, one, fill(1, 99, Side.SELL), story.now) == []
    assert one.qty == 0


@pytest.mark.parametrize(("seen", "held"), [(1, 3), (3, 3), (4, 4)])
def test_fill_when_its_quantity_was_taken_from_a_snapshot_pays_that_off_first(seen, held):
    one = trade(3)
    one.unaccounted, one.truth_ms = d(3), START_MS
    story, state, book = running(one)
    apply_fill(state, book, one, fill(seen, 100, trade_id=2, fee="0.1"), story.now)

    assert one.qty == held
    assert one.position.fees == d("0.1")


def test_fill_when_newer_than_the_snapshot_counts_in_full():
    one = trade(3)
    one.unaccounted, one.truth_ms = d(3), START_MS
    story, state, book = running(one)
    late = fill(1, 100, trade_id=2, event_time_ms=START_MS + 2_001)
    apply_fill(state, book, one, late, story.now)

    assert one.qty == 4


def test_fee_when_paid_in_an_asset_without_a_price_is_taken_at_the_taker_rate():
    _, state, _ = running()

    valued = in_usdt(state, fill(2, 100, fee="0.003", fee_asset="BNB"))

    assert valued.fee == d("0.1")
    assert valued.fee_asset == "USDT"


def test_fill_of_our_entry_is_told_and_of_our_stop_is_not():
    from engine.domain.notices import FillNotice

    one = trade(0, entered=False)
    story, state, book = running(one)
    entry = one.entry
    assert entry is not None
    bought = fill(1, 100, client_id=entry.client_id)
    story.log += apply_fill(state, book, one, bought, story.now)
    stop = fill(1, 98, Side.SELL, trade_id=2, client_id=one.names.next(Purpose.STOP))
    story.log += apply_fill(state, book, one, stop, story.now)

    (told,) = story.notices(FillNotice)
    assert told.fill == bought


def test_fill_when_told_carries_the_plans_price_of_its_signal():
    from engine.domain.notices import FillNotice

    story = Story()
    story.start()
    plan = setup()
    story.enter(plan)

    assert [told.planned_price for told in story.notices(FillNotice)] == [d(plan.entry)]
