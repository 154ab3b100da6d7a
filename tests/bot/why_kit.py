"""Explanations with defaults."""

from typing import Any

from bot.desk_why import (
    Contributions,
    Explanation,
    FeaturePart,
    GateLine,
    GateState,
    Judgement,
    KellyFigures,
)
from engine.domain.setup import Direction, Evidence, EvidenceKind
from engine.domain.signal import Rule
from models.schema import SMC12_V1
from tests.builders import MINUTE, START_MS, score, setup, signal

PARTS = tuple(FeaturePart(name, 0.5, (n - 6) / 10) for n, name in enumerate(SMC12_V1.names))


def evidence(kind: EvidenceKind, minute: int, *, way: Direction = Direction.LONG) -> Evidence:
    return Evidence(
        kind=kind, open_time_ms=START_MS - minute * MINUTE, direction=way, top=101.5, bottom=99.25
    )


def kelly_figures(**fields: Any) -> KellyFigures:
    values: dict[str, Any] = {
        "probability": 0.6,
        "payoff_ratio": 1.6,
        "fraction": 0.35,
        "share": 0.25,
        "floor_ratio": 0.005,
        "max_ratio": 0.01,
        "paper_ratio": 0.01,
        "at_floor": False,
        "live_refusal": "",
    }
    return KellyFigures(**(values | fields))


def judgement(**fields: Any) -> Judgement:
    gates = (
        GateLine(Rule.SPREAD, GateState.PASSED, "1.0% of R, at most 3.0%"),
        GateLine(Rule.MUTED, GateState.PASSED),
        GateLine(Rule.COST, GateState.REFUSED, "cost is 31% of R, at most 20%"),
        GateLine(Rule.SIZE, GateState.NOT_REACHED),
    )
    values: dict[str, Any] = {"at_ms": START_MS, "approved": False, "gates": gates, "size": ""}
    return Judgement(**(values | fields))


def explanation(symbol: str = "BTCUSDT", **fields: Any) -> Explanation:
    told = setup(symbol, evidence=(evidence(EvidenceKind.SWEEP, 9), evidence(EvidenceKind.BOS, 3)))
    values: dict[str, Any] = {
        "setup": told,
        "score": score(of=told),
        "fate": "signal",
        "at_ms": START_MS,
        "threshold": 0.5,
        "cost": signal(told).cost,
        "contributions": Contributions(parts=PARTS, base=-0.5, note=""),
        "kelly": kelly_figures(),
        "judgements": (judgement(),),
        "closed": (),
        "running": False,
    }
    return Explanation(**(values | fields))
