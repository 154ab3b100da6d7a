"""The replay's records, and what a restart of the replayed core needs of them."""

from decimal import Decimal

from bot.parity.taken import Replayed
from engine.domain.effects import (
    FillSeen,
    SetupSeen,
    SignalRaised,
    TradeEnded,
    TradeOpened,
    TradeVoided,
    VerdictGiven,
)
from engine.domain.order import Book
from engine.domain.signal import RiskApproved
from tests.bot.notice_kit import alarm, approved, closed_trade, refused
from tests.builders import fill, score, setup, signal
from tests.storage import samples


def test_setup_when_judged_twice_keeps_the_last_word():
    taken, found = Replayed(), setup()

    taken.record(SetupSeen(found, None, "stale", 1), {})
    taken.record(SetupSeen(found, score(of=found), "signal", 2), {})
    taken.record(SignalRaised(signal(found), 3), {})

    assert taken.setups[found.setup_id].fate == "signal"
    assert taken.signals == {found.setup_id: 3}


def test_verdict_when_once_approved_stays_so():
    taken, raised = Replayed(), signal()
    key = raised.setup.setup_id

    for verdict in (refused(raised), approved(raised), refused(raised)):
        taken.record(VerdictGiven(verdict, 1), {})

    assert isinstance(taken.verdicts[key], RiskApproved)


def test_trade_when_it_ends_is_closed_and_no_longer_running():
    taken = Replayed()
    memory = samples.memory()
    slippage = {memory.symbol: Decimal(3)}

    taken.record(TradeOpened(memory), slippage)
    taken.record(FillSeen(memory.book, memory.trade_key, fill()), slippage)
    assert list(taken.running.values()) == [memory]
    assert list(taken.filled) == [(memory.book, memory.trade_key)]

    ended = closed_trade(
        trade_key=f"{memory.trade_key}#2", book=memory.book, symbol=memory.symbol, setup_id="s"
    )
    taken.record(TradeEnded(ended), slippage)

    assert taken.running == taken.filled == slippage == {}
    assert taken.closed == {"s": ended}


def test_trade_when_it_was_never_filled_is_forgotten():
    taken, memory = Replayed(), samples.memory()

    taken.record(TradeOpened(memory), {})
    taken.record(TradeVoided(Book(memory.book), memory.trade_key), {})

    assert taken.running == {}


def test_notice_when_given_is_told_nobody():
    taken = Replayed()

    taken.notice(alarm())

    assert taken.alarms == {}
