"""Commands about positions that find nothing, or too little."""

import pytest

from engine.domain.commands import BreakEven, CloseAll, ClosePosition, Panic
from engine.domain.events import PriceMoved
from engine.domain.order import Purpose
from tests.builders import setup, venue_position
from tests.engine.core.samples import running, trade
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def close(key: str = "c", share: int = 100) -> ClosePosition:
    return ClosePosition(command_id=key, requested_by="me", symbol="BTCUSDT", share_pct=share)


@pytest.mark.parametrize("share", [0, -5, 101])
def test_close_when_the_share_is_no_share_is_refused(story, share):
    story.enter(setup())

    receipt = story.command(close(share=share))

    assert not receipt.accepted
    assert "1 to 100" in receipt.detail


def test_close_when_nothing_is_open_says_so(story):
    assert "No open position" in story.command(close()).detail
    assert story.command(CloseAll(command_id="a", requested_by="me")).detail == "No open positions."


def test_close_when_the_entry_is_still_running_says_so(story):
    story.signal(setup())

    receipt = story.command(close())

    assert not receipt.accepted
    assert "entering" in receipt.detail


def test_close_when_the_position_is_foreign_sends_the_person_to_the_exchange(story):
    story.snapshot(positions=(venue_position(),))

    assert "not ours" in story.command(close()).detail


def test_close_when_a_share_is_below_the_step_is_refused(story):
    entry = story.enter(setup())
    almost = entry.qty - entry.qty.copy_abs().__class__("0.001")
    story.fill(story.last(Purpose.STOP), almost)

    receipt = story.command(close(share=50))

    assert not receipt.accepted
    assert "cannot be split" in receipt.detail


def test_close_when_a_half_is_running_can_still_become_the_whole(story):
    story.enter(setup())
    story.command(close("half", 50))
    half = story.last(Purpose.EXIT)
    story.command(close("whole", 100))
    story.fill(half)

    from engine.domain.order import OrderStatus

    effects = story.change(half, OrderStatus.FILLED, filled=half.qty)

    [rest] = story.sent(Purpose.EXIT, effects)
    assert rest.qty == story.held()


def test_break_even_when_nothing_is_open_or_it_is_there_already_is_refused(story):
    even = BreakEven(command_id="1", requested_by="me", symbol="BTCUSDT")
    assert not story.command(even).accepted
    story.enter(setup())
    story.feed(PriceMoved("BTCUSDT", 102.0, 0))
    assert story.command(BreakEven(command_id="2", requested_by="me", symbol="BTCUSDT")).accepted

    again = story.command(BreakEven(command_id="3", requested_by="me", symbol="BTCUSDT"))

    assert not again.accepted
    assert "already" in again.detail


def test_panic_when_nothing_is_open_still_pauses(story):
    receipt = story.command(Panic(command_id="p", requested_by="me"))

    assert "nothing was open" in receipt.detail
    assert story.view().paused == "panic"


def test_close_when_only_other_symbols_are_held_says_so():
    story, _, _ = running(trade(1, symbol="ETHUSDT"))

    receipt = story.command(
        ClosePosition(command_id="c", requested_by="me", symbol="BTCUSDT", share_pct=100)
    )

    assert not receipt.accepted
    assert receipt.detail == "No open position in BTCUSDT."
