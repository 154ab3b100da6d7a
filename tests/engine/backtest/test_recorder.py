"""What is kept of a run."""

from decimal import Decimal

from engine.backtest.recorder import Marks, Recorder
from engine.core.guard import breakers_to_text
from engine.domain.effects import (
    EquitySeen,
    SettingChanged,
    SetupSeen,
    SignalRaised,
    TradeEnded,
    VerdictGiven,
)
from engine.domain.notices import AlarmKind, AlarmNotice, Priority
from engine.domain.order import Book
from engine.domain.signal import RiskRefused, Rule
from engine.risk.breakers import BreakerState
from tests.builders import setup, signal
from tests.engine.backtest.trades import closed_trade


def test_recorder_when_a_trade_ends_keeps_it_with_signal_and_slippage() -> None:
    recorder, raised = Recorder(), signal(setup("AAAUSDT"))
    slippage = {"AAAUSDT": Decimal("1.5"), "BBBUSDT": Decimal(9)}
    recorder.record(SignalRaised(raised, 0), slippage)
    trade = closed_trade("AAAUSDT", setup_id=raised.setup.setup_id, gross="10")
    recorder.record(TradeEnded(trade), slippage)
    (kept,) = recorder.trades
    assert (kept.closed, kept.signal, kept.slippage) == (trade, raised, Decimal("1.5"))
    assert kept.gross_before_slippage == Decimal("11.5")
    assert slippage == {"BBBUSDT": Decimal(9)}
    assert not kept.end_of_data


def test_recorder_when_setups_and_verdicts_come_counts_them() -> None:
    recorder, raised = Recorder(), signal()
    recorder.record(SetupSeen(raised.setup, raised.score, "signal", 0), {})
    recorder.record(SetupSeen(raised.setup, raised.score, "cost", 0), {})
    recorder.record(
        VerdictGiven(RiskRefused(signal=raised, rule=Rule.SPREAD, detail="wide"), 0), {}
    )
    assert recorder.fates == {"signal": 1, "cost": 1}
    assert recorder.refusals == {"spread": 1}


def test_recorder_when_the_core_tells_its_state_keeps_the_newest() -> None:
    recorder = Recorder()
    assert (recorder.last_equity, recorder.marks) == (None, None)
    for value in (10, 11):
        recorder.record(EquitySeen(Book.PAPER, 1, Decimal(10), Decimal(value)), {})
    text = breakers_to_text(BreakerState(day_start=Decimal(5), high_water=Decimal(7)))
    recorder.record(SettingChanged("breakers.paper", text), {})
    recorder.record(SettingChanged("paused", "why"), {})
    assert (recorder.last_equity, recorder.marks) == (11.0, Marks(5.0, 7.0))
    assert recorder.paused == "why"


def test_recorder_when_a_pause_refuses_unseen_signals_counts_them_as_the_core_would() -> None:
    recorder = Recorder()
    recorder.refuse_paused(3)
    assert (recorder.fates, recorder.refusals) == ({"signal": 3}, {"paused": 3})


def test_recorder_when_a_breaker_trips_remembers_it() -> None:
    recorder = Recorder()
    for kind in (AlarmKind.REJECTED, AlarmKind.BREAKER):
        notice = AlarmNotice(notice_id="n", at_ms=0, kind=kind, text="", priority=Priority.CRITICAL)
        recorder.notice(notice)
        assert recorder.tripped is (kind is AlarmKind.BREAKER)
    assert recorder.alarms == {"rejected": 1, "breaker": 1}
