"""Panic, mode switching, live safeguards and approve-to-trade."""

import pytest

from engine.domain.commands import (
    AllowNegativeEdge,
    BreakEven,
    CloseAll,
    Panic,
    Resume,
    SetApproval,
    SetMode,
    TakeSignal,
)
from engine.domain.effects import SettingChanged
from engine.domain.events import OrderFilled, PriceMoved
from engine.domain.order import Book, OrderStatus, Purpose
from engine.domain.position import ExitReason
from engine.domain.signal import Mode, RiskApproved, RiskRefused, Rule
from tests.builders import MINUTE, d, setup, venue_position
from tests.stories.story import Story


def story_of(mode: Mode = Mode.PAPER, **config) -> Story:
    book = Book.LIVE if mode is Mode.LIVE else Book.PAPER
    story = Story(mode=mode, book=book, **config)
    story.start()
    return story


def who(key: str) -> dict:
    return {"command_id": key, "requested_by": "me"}


# --- panic -------------------------------------------------------------------------------------


def test_panic_when_positions_are_open_flattens_pauses_and_switches_to_signals():
    story = story_of()
    story.enter(setup())
    story.enter(setup("ETHUSDT"))

    receipt = story.command(Panic(**who("p")))

    assert receipt.accepted
    exits = story.sent(Purpose.EXIT)
    assert {one.symbol for one in exits} == {"BTCUSDT", "ETHUSDT"}
    assert all(one.reduce_only for one in exits)
    view = story.view()
    assert (view.mode, view.paused) == (Mode.SIGNALS, "panic")
    stored = {one.key: one.value for one in story.entries(SettingChanged)}
    assert stored["mode"] == "signals"
    assert stored["paused"] == "panic"


def test_panic_when_an_entry_is_running_cancels_it_and_closes_what_it_fills():
    story = story_of()
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)

    story.command(Panic(**who("p")))
    assert entry.client_id in story.cancels()
    effects = story.fill(entry)

    assert [one.purpose for one in story.sent(effects=effects)] == [
        Purpose.STOP,
        Purpose.TARGET,
        Purpose.EXIT,
    ]
    story.fill(story.last(Purpose.EXIT))
    assert story.closed()[0].reason is ExitReason.OPERATOR


def test_panic_when_a_foreign_position_is_open_leaves_it_alone():
    story = story_of()
    story.snapshot(positions=(venue_position(qty=3),))

    receipt = story.command(Panic(**who("p")))

    assert "BTCUSDT" in receipt.detail
    assert story.sent() == []


def test_exits_when_paused_and_in_signals_mode_still_run():
    story = story_of()
    story.enter(setup())
    story.command(SetMode(**who("m"), mode=Mode.SIGNALS))

    story.jump(121 * MINUTE)

    assert len(story.sent(Purpose.EXIT)) == 1


# --- modes -------------------------------------------------------------------------------------


def test_mode_when_switched_keeps_positions_in_their_book():
    story = story_of()
    story.enter(setup())

    receipt = story.command(SetMode(**who("m"), mode=Mode.LIVE))

    assert "BTCUSDT (paper)" in receipt.detail
    assert story.position().book is Book.PAPER
    story.command(CloseAll(**who("c")))
    assert story.log[-1].__class__.__name__ in {"Acknowledge", "WatchPrices"}
    assert story.sent(Purpose.EXIT)[0].symbol == "BTCUSDT"


def test_mode_when_its_book_is_not_connected_is_refused():
    story = story_of(books=(Book.PAPER,))

    receipt = story.command(SetMode(**who("m"), mode=Mode.LIVE))

    assert not receipt.accepted
    assert story.view().mode is Mode.PAPER


def test_both_books_when_holding_the_same_symbol_do_not_mix():
    story = story_of()
    paper = story.enter(setup())
    story.command(SetMode(**who("m"), mode=Mode.LIVE))
    story.book = Book.LIVE
    story.feed(prepared())
    story.signal(setup(), edge=True)
    live = story.last(Purpose.ENTRY)
    story.fill(live)

    held = {one.book: one.qty for one in story.view().positions}
    assert held == {Book.PAPER: paper.qty, Book.LIVE: live.qty}
    assert live.client_id != paper.client_id


def prepared():
    from engine.domain.events import SymbolPrepared
    from tests.builders import symbol_setup

    return SymbolPrepared(Book.LIVE, symbol_setup())


# --- live --------------------------------------------------------------------------------------


def test_first_live_entry_is_at_the_minimum_and_the_second_waits_for_its_stop():
    story = story_of(Mode.LIVE)

    first = story.signal(setup())
    assert isinstance(first, RiskApproved)
    assert first.proposal.qty == d("0.05")  # 5 USDT at 100
    second = story.signal(setup("ETHUSDT"))
    assert isinstance(second, RiskRefused)
    assert second.rule is Rule.FIRST_LIVE

    story.fill(story.last(Purpose.ENTRY))
    story.accept(story.last(Purpose.STOP))
    third = story.signal(setup("ETHUSDT"))
    assert isinstance(third, RiskApproved)
    assert third.proposal.qty > 1


def test_live_when_no_edge_is_proved_refuses_until_overridden():
    story = story_of(Mode.LIVE)

    refused = story.signal(setup(), edge=False)
    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.EDGE

    story.command(AllowNegativeEdge(**who("a"), allowed=True))
    assert isinstance(story.signal(setup(), edge=False), RiskApproved)
    assert story.view().allow_negative_edge


def test_live_when_a_symbol_is_not_prepared_is_not_tradable():
    story = Story(mode=Mode.LIVE, book=Book.PAPER)  # prepares the other book only
    story.start()

    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.NOT_TRADABLE


# --- approve-to-trade --------------------------------------------------------------------------


def test_approval_when_required_waits_for_take_and_runs_the_gate_again():
    story = story_of()
    story.command(SetApproval(**who("s"), required=True))
    refused = story.signal(setup())
    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.APPROVAL
    key = refused.signal.setup.setup_id

    story.ms += 60_000
    receipt = story.command(TakeSignal(**who("t"), setup_id=key))

    assert receipt.accepted
    assert len(story.sent(Purpose.ENTRY)) == 1
    assert not story.command(TakeSignal(**who("t2"), setup_id=key)).accepted


def test_take_when_the_price_has_run_away_is_refused_with_the_reason():
    story = story_of(approval=True)
    refused = story.signal(setup())
    assert isinstance(refused, RiskRefused)
    story.feed(PriceMoved("BTCUSDT", 101.0, story.ms))

    receipt = story.command(TakeSignal(**who("t"), setup_id=refused.signal.setup.setup_id))

    assert not receipt.accepted
    assert "price_moved" in receipt.detail
    assert story.sent() == []


def test_take_when_the_setup_has_expired_is_refused():
    story = story_of(approval=True)
    refused = story.signal(setup())
    assert isinstance(refused, RiskRefused)
    story.jump(16 * MINUTE)

    receipt = story.command(TakeSignal(**who("t"), setup_id=refused.signal.setup.setup_id))

    assert not receipt.accepted


# --- break-even --------------------------------------------------------------------------------


def test_break_even_when_in_profit_places_confirms_then_cancels():
    story = story_of()
    story.enter(setup())
    old = story.last(Purpose.STOP)
    story.feed(PriceMoved("BTCUSDT", 101.5, story.ms))

    receipt = story.command(BreakEven(**who("b"), symbol="BTCUSDT"))
    new = story.last(Purpose.STOP)
    assert receipt.accepted
    assert new.trigger_price == 100
    assert story.cancels() == []
    assert story.position().protected

    assert story.cancels(story.accept(new)) == [old.client_id]
    assert story.position().stop_price == 100
    assert story.view().books[0].open_risk_ratio == 0


@pytest.mark.parametrize("price", [99.0, 100.0])
def test_break_even_when_not_in_profit_is_refused(price):
    story = story_of()
    story.enter(setup())
    story.feed(PriceMoved("BTCUSDT", price, story.ms))

    assert not story.command(BreakEven(**who("b"), symbol="BTCUSDT")).accepted
    assert story.position().stop_price == 98


def test_resume_when_panicked_trades_again_only_after_a_mode_is_chosen():
    story = story_of()
    story.command(Panic(**who("p")))
    story.command(Resume(**who("r")))
    refused = story.signal(setup())
    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.SIGNALS_ONLY

    story.command(SetMode(**who("m"), mode=Mode.PAPER))
    assert isinstance(story.signal(setup()), RiskApproved)


def test_late_fill_when_it_comes_after_panic_is_protected():
    story = story_of()
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)
    story.unknown(entry)
    story.command(Panic(**who("p")))
    story.expire(entry)
    late = story.execution(entry)

    story.feed(OrderFilled(story.book, late))
    story.change(entry, OrderStatus.FILLED, filled=entry.qty)

    assert Purpose.STOP in [one.purpose for one in story.sent()]
