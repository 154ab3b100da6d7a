"""Notices with defaults."""

from typing import Any

from engine.domain.notices import (
    AlarmKind,
    AlarmNotice,
    ExitNotice,
    FillNotice,
    LifeNotice,
    ModeNotice,
    ProtectionNotice,
    SignalNotice,
)
from engine.domain.order import Book, Purpose
from engine.domain.position import ClosedTrade, ExitReason
from engine.domain.setup import Direction
from engine.domain.signal import (
    Mode,
    Proposal,
    RiskApproved,
    RiskRefused,
    Rule,
    Score,
    Signal,
    Verdict,
)
from tests.builders import MINUTE, START_MS, d, fill, score, setup, signal


def setup_key(symbol: str = "BTCUSDT") -> str:
    """Return the id of the default setup of a symbol."""
    return setup(symbol).setup_id


def life(key: str = "1", text: str = "Started in paper mode.") -> LifeNotice:
    return LifeNotice(notice_id=f"start:{key}", at_ms=START_MS, text=text)


def alarm(key: str = "1", text: str = "Daily loss 5 %.", **fields: Any) -> AlarmNotice:
    values: dict[str, Any] = {"kind": AlarmKind.BREAKER}
    return AlarmNotice(notice_id=f"alarm:{key}", at_ms=START_MS, text=text, **(values | fields))


def mode_changed(command_id: str = "other", text: str = "Mode paper → signals.") -> ModeNotice:
    return ModeNotice(
        notice_id=f"mode:{command_id}",
        at_ms=START_MS,
        mode=Mode.SIGNALS,
        text=text,
        requested_by="ada",
    )


def approved(of: Signal) -> RiskApproved:
    proposal = Proposal(
        signal=of,
        book=Book.PAPER,
        qty=d("0.5"),
        limit_price=d("100.10"),
        stop_price=d("98.00"),
        target_price=d("104.00"),
        risk_ratio=0.01,
        risk=d(100),
        margin=d(5),
    )
    return RiskApproved(proposal=proposal)


def refused(of: Signal, rule: Rule = Rule.SIGNALS_ONLY, detail: str = "") -> RiskRefused:
    return RiskRefused(signal=of, rule=rule, detail=detail)


def signal_notice(
    symbol: str = "BTCUSDT",
    *,
    value: float = 0.6,
    traded: bool = False,
    verdict: Verdict | None = None,
    key: str | None = None,
    **score_fields: Any,
) -> SignalNotice:
    chosen = setup(symbol)
    scored: Score = score(value, of=chosen, **score_fields)
    told = signal(chosen, score=scored)
    plain = approved(told) if traded else refused(told)
    return SignalNotice(
        notice_id=key or f"signal:{chosen.setup_id}",
        at_ms=START_MS,
        signal=told,
        verdict=verdict or plain,
    )


def fill_notice(trade_id: int = 1, *, qty: object = 1, price: object = "100.02") -> FillNotice:
    return FillNotice(
        notice_id=f"fill:{trade_id}",
        at_ms=START_MS,
        book=Book.PAPER,
        fill=fill(qty, price, trade_id=trade_id, fee="0.05"),
        purpose=Purpose.ENTRY,
        setup_id=setup_key(),
        stop_price=d("98.00"),
        target_price=d("104.00"),
    )


def protection(*, confirmed: bool = True, detail: str = "") -> ProtectionNotice:
    return ProtectionNotice(
        notice_id=f"protection:{confirmed}",
        at_ms=START_MS,
        book=Book.PAPER,
        symbol="BTCUSDT",
        setup_id=setup_key(),
        confirmed=confirmed,
        detail=detail,
    )


def closed_trade(**fields: Any) -> ClosedTrade:
    values: dict[str, Any] = {
        "trade_key": "k",
        "book": Book.PAPER,
        "symbol": "BTCUSDT",
        "direction": Direction.LONG,
        "setup_id": setup_key(),
        "score": 0.6,
        "qty": d("0.5"),
        "entry_price": d("100.02"),
        "exit_price": d("104.00"),
        "risk": d("1.01"),
        "gross": d("1.99"),
        "fees": d("0.10"),
        "funding": d("0"),
        "reason": ExitReason.TARGET,
        "opened_ms": START_MS,
        "closed_ms": START_MS + 42 * MINUTE,
    }
    return ClosedTrade(**(values | fields))


def exit_notice(**fields: Any) -> ExitNotice:
    return ExitNotice(notice_id="exit:1", at_ms=START_MS, trade=closed_trade(**fields))
