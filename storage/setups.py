"""Setups, the signals among them, and what the gate said of those."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import SetupSeen, SignalRaised, VerdictGiven
from engine.domain.setup import Setup
from engine.domain.signal import GateFigure, Measure, Proposal, RiskApproved, Rule, Score
from storage.codec import dumps, to_row
from storage.statements import insert_new, upsert
from storage.tables import setups, signals, verdicts


async def write_setups(connection: AsyncConnection, entries: Sequence[SetupSeen]) -> None:
    """Store the setups with score and fate; seen again, the later word wins."""
    rows = [_setup_row(e.setup, e.score, e.fate, e.at_ms) for e in entries]
    await connection.execute(upsert(connection, setups), rows)


async def write_signals(connection: AsyncConnection, entries: Sequence[SignalRaised]) -> None:
    """Store the signals, and their setups where those are not known yet."""
    unseen = [_setup_row(e.signal.setup, e.signal.score, "signal", e.at_ms) for e in entries]
    await connection.execute(insert_new(connection, setups), unseen)
    rows = [
        {
            "setup_id": e.signal.setup.setup_id,
            "at_ms": e.at_ms,
            "threshold": e.signal.threshold,
            **to_row(e.signal.cost),
        }
        for e in entries
    ]
    await connection.execute(upsert(connection, signals), rows)


async def write_verdicts(connection: AsyncConnection, entries: Sequence[VerdictGiven]) -> None:
    """Append the verdicts; a signal may be judged more than once."""
    await connection.execute(verdicts.insert(), [_verdict_row(entry) for entry in entries])


def figures_text(figures: tuple[GateFigure, ...]) -> str:
    """Return the gate's numbers as JSON rows; six digits each, for they are only read."""
    return orjson.dumps(
        [
            [one.rule.value, one.measure.value, _short(one.value), _short(one.limit), one.passed]
            for one in figures
        ]
    ).decode()


def figures_of(text: str | None) -> tuple[GateFigure, ...]:
    """Return what `figures_text` wrote; nothing for a verdict from before they were kept.

    Raises:
        ValueError: the text is something else.
    """
    if not text:
        return ()
    try:
        return tuple(
            GateFigure(Rule(rule), Measure(measure), float(value), float(limit), bool(passed))
            for rule, measure, value, limit, passed in orjson.loads(text)
        )
    except TypeError as error:
        raise ValueError(f"no figures of the gate: {error}") from error


def _short(value: float) -> float | str:
    # JSON knows no infinity; `float` reads its name back.
    return float(f"{value:.6g}") if isfinite(value) else str(value)


def _setup_row(setup: Setup, score: Score | None, fate: str, at_ms: int) -> dict[str, Any]:
    return {
        "setup_id": setup.setup_id,
        "at_ms": at_ms,
        "symbol": setup.symbol,
        "timeframe": setup.timeframe.value,
        "recipe": setup.recipe.value,
        "direction": setup.direction.value,
        "proved_at_ms": setup.proved_at_ms,
        "fate": fate,
        "value": None if score is None else score.value,
        "probability": None if score is None else score.probability,
        "scorer": None if score is None else score.scorer,
        "setup": dumps(Setup, setup),
        "score": None if score is None else dumps(Score, score),
    }


def _verdict_row(entry: VerdictGiven) -> dict[str, Any]:
    verdict = entry.verdict
    approved = isinstance(verdict, RiskApproved)
    signal = verdict.proposal.signal if isinstance(verdict, RiskApproved) else verdict.signal
    return {
        "setup_id": signal.setup.setup_id,
        "at_ms": entry.at_ms,
        "approved": approved,
        "rule": None if isinstance(verdict, RiskApproved) else verdict.rule.value,
        "detail": "" if isinstance(verdict, RiskApproved) else verdict.detail,
        "figures": figures_text(entry.figures) if entry.figures else None,
        **_proposal_columns(verdict.proposal),
    }


def _proposal_columns(proposal: Proposal | None) -> dict[str, Any]:
    names = ("qty", "limit_price", "stop_price", "target_price", "risk", "margin")
    return {
        "book": None if proposal is None else proposal.book.value,
        **{name: None if proposal is None else str(getattr(proposal, name)) for name in names},
        "risk_ratio": None if proposal is None else proposal.risk_ratio,
        "at_floor": proposal is not None and proposal.at_floor,
    }
