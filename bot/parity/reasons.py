"""What cannot be compared and why, and what was assumed: named, never silently dropped."""

from collections.abc import Sequence
from itertools import pairwise

from bot.parity.candles import Candles
from bot.parity.steps import MINUTE_MS
from engine.domain.effects import CommandAnswered, RunStarted
from models.scorer import LoadedScorer
from storage.period import Period
from storage.queries import StoredSetup

WARM_MINUTES = 400
"""History a setup may rest on."""
_START_S = 60.0
"""Wall seconds a start may take."""


def excuse(
    one: StoredSetup,
    runs: Sequence[RunStarted],
    candles: Candles,
    loaded: LoadedScorer,
    end_ms: int,
) -> str:
    """Return why a setup of the journal cannot be compared, "" if it can."""
    if one.score is not None and one.score.scorer != loaded.scorer.name:
        return f"scored by {one.score.scorer}, replayed with {loaded.scorer.name}"
    if candles.exact:
        return _unrecorded(one, runs, candles)
    symbol, proved_ms = one.setup.symbol, one.setup.proved_at_ms
    if symbol not in candles.series:
        return f"no candles of {symbol}"
    if one.at_ms >= end_ms:
        return "after the end of the candles"
    first_ms = proved_ms - WARM_MINUTES * MINUTE_MS
    found = candles.history.between(symbol, first_ms, proved_ms - MINUTE_MS)
    if len(found) < WARM_MINUTES:
        return f"only {len(found)} of the {WARM_MINUTES} minutes before it are in the candles"
    return ""


def _unrecorded(one: StoredSetup, runs: Sequence[RunStarted], candles: Candles) -> str:
    run = max(run.epoch for run in runs if run.started_ms <= one.at_ms)
    until_ms = candles.recorded_until.get(run)
    if until_ms is None:
        return f"start {run} was not recorded"
    return "after the recording ended" if one.at_ms > until_ms else ""


def is_starting(runs: Sequence[RunStarted], at_ms: int) -> bool:
    """Whether a start was younger than the time it may take to load the history."""
    return any(0 <= at_ms - run.started_ms < _START_S * 1000 * run.speed for run in runs)


def notes_of(
    runs: Sequence[RunStarted],
    replayed: Sequence[RunStarted],
    candles: Candles,
    period: Period,
    loaded: LoadedScorer,
) -> list[str]:
    """Return what was assumed or left out, in words."""
    notes = [_settings_note(period.commands, runs[0].started_ms)]
    left = [str(run.epoch) for run in runs if run not in replayed]
    if left:
        notes.append(f"Starts {', '.join(left)} were not recorded.")
    for run, following in pairwise(runs):
        ended = period.ends.get(run.epoch)
        if ended is not None:
            minutes = (following.started_ms - ended) / MINUTE_MS
            notes.append(f"Down for about {minutes:.0f} min before start {following.epoch}.")
    scorers = {one.score.scorer for one in period.setups if one.score is not None}
    others = (scorers | {run.scorer for run in runs}) - {loaded.scorer.name}
    if others:
        notes.append(f"Scorer now: {loaded.scorer.name}; then also: {', '.join(sorted(others))}.")
    if not candles.exact:
        notes.append(
            "Plain candles: arrival in time, no blind spells, spreads only where the journal has "
            "them, contracts read off prices."
        )
    notes.append(
        "Trades are replayed on minute candles, worst order inside a minute, assumed spread and "
        "impact, no funding; breakers and balance follow the replay's own results."
    )
    return notes


def _settings_note(commands: Sequence[CommandAnswered], since_ms: int) -> str:
    kinds: dict[str, int] = {}
    for one in commands:
        if one.at_ms >= since_ms:
            name = type(one.command).__name__
            kinds[name] = kinds.get(name, 0) + 1
    if not kinds:
        return "No commands were given in the period."
    told = ", ".join(f"{name} ×{count}" for name, count in sorted(kinds.items()))
    return f"Commands repeated at their times: {told}."
