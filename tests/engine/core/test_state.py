"""The state answers questions about itself and stays bounded."""

import pytest

from engine.core.state import BookState, new_state, policy_of
from engine.core.trade import ExitPlan
from engine.domain.commands import Receipt
from engine.domain.events import MarkMoved
from engine.domain.order import Book
from engine.domain.position import ExitReason
from engine.domain.signal import Mode
from tests.builders import d
from tests.engine.core.samples import running, trade
from tests.stories.story import Story


@pytest.mark.parametrize(
    ("mode", "book", "edge", "approval"),
    [
        (Mode.SIGNALS, None, False, False),
        (Mode.PAPER, Book.PAPER, False, True),
        (Mode.LIVE, Book.LIVE, True, True),
    ],
)
def test_policy_when_a_mode_is_chosen_is_all_the_core_knows_of_it(mode, book, edge, approval):
    policy = policy_of(mode, False, approval=True)

    assert (policy.entry_book, policy.edge_required, policy.approval) == (book, edge, approval)


def test_fills_when_very_many_are_remembered_stay_bounded():
    book = BookState(Book.PAPER)
    assert all(book.first_sight("BTCUSDT", number) for number in range(20_500))

    assert len(book.fills_seen) == 20_000
    assert not book.first_sight("BTCUSDT", 20_499)


def test_receipts_and_finished_trades_stay_bounded():
    state = new_state(Story().config)
    book = state.books[Book.PAPER]
    for number in range(2_500):
        state.remember_receipt(Receipt(command_id=str(number), accepted=True, detail=""))
        book.remember_finished(str(number), number)

    assert len(state.receipts) == 2_000
    assert "0" not in state.receipts
    assert len(book.finished) == 500


def test_equity_when_no_mark_is_known_is_the_wallet_plus_what_is_known():
    one = trade(2)
    story, state, book = running(one)
    story.feed(MarkMoved("BTCUSDT", 103.0, 0.0, 0, 0))

    assert state.equity(book) == 10_006
    del state.symbols["BTCUSDT"]
    assert state.price_of("BTCUSDT") is None
    assert state.equity(book) == 10_000


def test_exposure_when_counted_takes_reservations_positions_and_no_leftovers():
    pending = trade(0, entered=False)
    held = trade(10, symbol="ETHUSDT", direction=1)
    cleaning = trade(0, symbol="SOLUSDT")
    cleaning.confirm_by_snapshot = True
    _, state, book = running(pending, held, cleaning)

    exposure = state.exposure(book)

    assert exposure.positions == 2
    assert exposure.long_risk_ratio == pytest.approx(0.01 + 20 / 10_000)
    assert exposure.short_risk_ratio == 0
    assert exposure.margin == 10 + d(1000) / 10


def test_risk_when_restored_without_a_reservation_is_its_money_over_equity():
    one = trade(0, entered=False)
    one.risk_ratio = 0.0
    _, state, _ = running(one)

    assert state.open_risk_ratio(one, d(100)) == 0.02
    assert state.open_risk_ratio(one, d(0)) == 0.0


def test_exiting_trade_still_counts_until_it_is_flat():
    one = trade(10)
    one.exit_plan = ExitPlan(ExitReason.TIME)
    _, state, book = running(one)

    assert state.exposure(book).positions == 1
