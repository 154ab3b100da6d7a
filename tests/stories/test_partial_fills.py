"""Partial fills: protection grows by place, confirm, then cancel; sums are exact."""

from decimal import Decimal

import pytest

from engine.domain.order import OrderStatus, Purpose
from engine.domain.position import ExitReason
from tests.builders import setup
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    story.signal(setup())
    return story


def test_stop_when_a_second_part_fills_before_confirmation_waits_then_grows(story):
    entry = story.last(Purpose.ENTRY)
    half = entry.qty / 2
    story.fill(entry, half)
    small = story.last(Purpose.STOP)
    assert small.qty == half

    assert story.sent(Purpose.STOP, story.fill(entry, entry.qty - half)) == []
    effects = story.accept(small)

    [big] = story.sent(Purpose.STOP, effects)
    assert big.qty == entry.qty
    assert small.client_id not in story.cancels()
    assert not story.position().protected


def test_smaller_stop_when_the_bigger_one_is_confirmed_is_cancelled(story):
    entry = story.last(Purpose.ENTRY)
    half = entry.qty / 2
    story.fill(entry, half)
    small = story.last(Purpose.STOP)
    story.accept(small)
    story.fill(entry, entry.qty - half)
    big = story.last(Purpose.STOP)
    assert big.client_id != small.client_id

    effects = story.accept(big)

    assert story.cancels(effects) == [small.client_id]
    assert story.position().protected


def test_position_when_the_ioc_expires_partly_filled_keeps_the_part(story):
    entry = story.last(Purpose.ENTRY)
    part = entry.qty / 4
    story.fill(entry, part)

    story.change(entry, OrderStatus.EXPIRED, filled=part)

    assert story.held() == part
    assert story.last(Purpose.STOP).qty == part
    assert story.view().books[0].pending == 0


def test_entry_when_nothing_fills_is_released_and_its_memory_voided(story):
    from engine.domain.effects import TradeVoided

    entry = story.last(Purpose.ENTRY)
    assert story.view().books[0].open_risk_ratio > 0

    story.change(entry, OrderStatus.EXPIRED)

    assert story.view().books[0].open_risk_ratio == 0
    assert story.view().books[0].pending == 0
    assert len(story.entries(TradeVoided)) == 1
    assert story.closed() == []


def test_fills_when_they_come_after_the_final_status_are_waited_for(story):
    entry = story.last(Purpose.ENTRY)

    story.change(entry, OrderStatus.FILLED, filled=entry.qty)
    assert story.view().books[0].pending == 1
    story.fill(entry)

    assert story.held() == entry.qty
    assert story.view().books[0].pending == 0


def test_fills_when_they_stay_away_after_the_final_status_are_asked_for(story):
    entry = story.last(Purpose.ENTRY)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)

    effects = story.later(3.5)

    assert story.snapshots_asked(effects) == 1


def test_exit_when_it_fills_in_parts_goes_on_until_flat(story):
    from engine.domain.commands import ClosePosition

    entry = story.last(Purpose.ENTRY)
    story.fill(entry)
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)
    story.accept(story.last(Purpose.STOP))
    story.command(ClosePosition(command_id="c", requested_by="me", symbol="BTCUSDT"))
    first = story.last(Purpose.EXIT)
    part = entry.qty / 4
    story.fill(first, part)

    effects = story.change(first, OrderStatus.EXPIRED, filled=part)

    [second] = story.sent(Purpose.EXIT, effects)
    assert second.qty == entry.qty - part
    assert second.client_id != first.client_id
    story.fill(second)
    assert story.closed()[0].reason is ExitReason.OPERATOR
    assert story.closed()[0].qty == entry.qty


def test_twenty_parts_when_they_fill_add_up_exactly(story):
    entry = story.last(Purpose.ENTRY)
    step = Decimal("0.001")
    for _ in range(20):
        story.fill(entry, step)
        story.accept(story.last(Purpose.STOP))
    story.change(entry, OrderStatus.EXPIRED, filled=20 * step)

    assert story.held() == 20 * step
    assert story.position().protected
