"""What the verb `parity` does: journal and candles in, one comparison out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import orjson

from bot.parity.candles import Candles, open_candles
from bot.parity.compare import compare
from bot.parity.errors import ParityError
from bot.parity.outcome import Parity
from bot.parity.reasons import WARM_MINUTES, excuse, is_starting, notes_of
from bot.parity.replay import Replay, RunPlan, run_config
from bot.parity.steps import MINUTE_MS
from bot.run_facts import settings_of
from engine.core.on_timer import THRESHOLD_HISTORY
from engine.core.settings import MODE, SCORER
from engine.domain.commands import ChangeModel, SetMode
from engine.domain.effects import RunStarted
from engine.domain.events import QuoteMoved
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.risk.threshold import SignalThreshold
from models.scorer import LoadedScorer
from storage.database import Database
from storage.migrate import current_revision
from storage.period import Period, read_period
from storage.queries import StoredSetup
from storage.tables import REVISION

FOR_EVER_MS = 1 << 62
_OBSERVED = frozenset({"signal", "below", "cap"})
"""Fates of setups whose scores the automatic threshold has seen."""
Told = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityOrder:
    """What a user asked for: a journal (file or URL), candles, and a period in exchange time."""

    journal: str
    data: tuple[Path, ...]
    since_ms: int | None = None
    until_ms: int | None = None


async def run_parity(order: ParityOrder, loaded: LoadedScorer, told: Told) -> Parity:
    """Replay the period and compare.

    Raises:
        ParityError: the journal or the candles cannot be compared; says why.
        JournalError: the journal cannot be read.
        InvalidCandles: the candles cannot be read.
        SettingsError: a start of the journal had settings this version does not know.
    """
    told("reading the journal", 0.0)
    period, since_ms, until_ms = await _read(order)
    runs = _chosen(period.runs, since_ms, until_ms)
    told("reading candles", 0.0)
    candles = open_candles(order.data, runs[0].started_ms, until_ms)
    replayed = [run for run in runs if not candles.exact or run.epoch in candles.recorded_until]
    if not replayed:
        raise ParityError(
            "none of the period's starts is in the recording: record with SMCBOT_RECORD_CANDLES=1, "
            "or give plain candles"
        )
    book, notes = _book(replayed, period)
    balance = period.wallets.get(book) or Decimal(settings_of(replayed[0]).paper_balance_usdt)
    replay = Replay(candles.series, candles.instruments, loaded, book, balance)
    end_ms = min(until_ms, candles.history.end_ms + MINUTE_MS)
    first_ms = replayed[0].started_ms

    def reached(at_ms: int) -> None:
        told("replaying", min((at_ms - first_ms) / max(end_ms - first_ms, 1), 1.0))

    for run in replayed:
        replay.replay(_plan(run, period, candles, loaded, book, end_ms), reached)
    notes = [*notes, *notes_of(runs, replayed, candles, period, loaded)]
    return compare(
        [one for one in period.setups if one.at_ms >= since_ms],
        replay.taken,
        since_ms=since_ms,
        until_ms=min(until_ms, end_ms + MINUTE_MS),
        exact=candles.exact,
        excuse=lambda one: excuse(one, runs, candles, loaded, end_ms),
        notes=notes,
        starting=lambda at_ms: not candles.exact and is_starting(runs, at_ms),
    )


async def _read(order: ParityOrder) -> tuple[Period, int, int]:
    """Return the journal from the start that the period begins in, and the period."""
    # Not opened for writing: the bot may be at work on it, and the check on opening locks it.
    database = _existing(order.journal)
    try:
        revision = await current_revision(database)
        if revision != REVISION:
            raise ParityError(
                f"{database.label} has schema {revision or 'none'}, this version reads {REVISION}: "
                "start the bot on it once, or run `migrate`"
            )
        wanted_ms, until_ms = order.since_ms or 0, order.until_ms or FOR_EVER_MS
        whole = await read_period(database, FOR_EVER_MS, until_ms)
        runs = _chosen(whole.runs, wanted_ms, until_ms)
        period = await read_period(database, runs[0].started_ms, until_ms)
    finally:
        await database.close()
    newest_ms = max(period.last_ms, runs[-1].started_ms)
    return period, max(wanted_ms, runs[0].started_ms), min(until_ms, newest_ms + 1)


def _existing(journal: str) -> Database:
    """Return a handle on the journal; opening a missing file would make an empty one."""
    database = Database(journal)
    if database.path is not None and not database.path.is_file():
        raise ParityError(f"there is no journal at {database.path}")
    return database


def _chosen(runs: Sequence[RunStarted], since_ms: int, until_ms: int) -> tuple[RunStarted, ...]:
    """Return the starts that reach into the period: the last one before it, and those within."""
    begun = [run for run in runs if run.started_ms < until_ms]
    before = [run for run in begun if run.started_ms <= since_ms]
    chosen = (*before[-1:], *(run for run in begun if run.started_ms > since_ms))
    if not chosen:
        raise ParityError(
            "the journal knows of no start before the end of the period"
            if runs
            else "the journal knows of no start: it was written before starts were journalled"
        )
    return chosen


def _plan(
    run: RunStarted,
    period: Period,
    candles: Candles,
    loaded: LoadedScorer,
    book: Book,
    end_ms: int,
) -> RunPlan:
    following = [one.started_ms for one in period.runs if one.started_ms > run.started_ms]
    next_ms = following[0] if following else FOR_EVER_MS
    commands = [
        one
        for one in period.commands
        if run.started_ms <= one.at_ms < next_ms and not isinstance(one.command, ChangeModel)
    ]
    begin_ms = run.started_ms
    if not candles.exact:
        begin_ms = max(begin_ms, candles.history.first_ms + WARM_MINUTES * MINUTE_MS)
        run = _later(run, begin_ms, period, loaded, book)
    lived_ms = period.ends.get(run.epoch, next_ms - MINUTE_MS) + MINUTE_MS
    until_ms = min(end_ms, lived_ms, next_ms)
    steps = candles.steps(run.epoch, begin_ms, until_ms, _quotes(period.setups))
    return RunPlan(run=run, steps=steps, commands=commands, prepared=candles.exact)


def _later(
    run: RunStarted, begin_ms: int, period: Period, loaded: LoadedScorer, book: Book
) -> RunStarted:
    """Return the start as it would stand where the candles begin: with the threshold of then."""
    if begin_ms <= run.started_ms:
        return run
    config = run_config(run, loaded, book)
    threshold = SignalThreshold(config.threshold, config.seed)
    stored = run.settings.get(THRESHOLD_HISTORY)
    # Another scorer's history was dropped by the start itself.
    if stored and run.settings.get(SCORER) == config.scorer:
        data = orjson.loads(stored)
        hours = [(int(h), {int(b): int(n) for b, n in counts}) for h, counts in data["hours"]]
        threshold.load(int(data["day"]), int(data["used"]), hours)
    for one in period.setups:
        if run.started_ms <= one.at_ms < begin_ms and one.fate in _OBSERVED and one.score:
            threshold.observe(one.score.value, one.at_ms)
            if one.fate == "signal":
                threshold.spend(one.at_ms)
    history = orjson.dumps(threshold.dump()).decode()
    settings = {**run.settings, THRESHOLD_HISTORY: history, SCORER: config.scorer}
    return replace(run, settings=settings, started_ms=begin_ms)


def _book(runs: Sequence[RunStarted], period: Period) -> tuple[Book, list[str]]:
    """Return the book whose entries are replayed: live if the bot ever traded live."""
    modes = {Mode(run.settings[MODE]) for run in runs if run.settings.get(MODE) in set(Mode)}
    modes |= {
        given.command.mode
        for given in period.commands
        if isinstance(given.command, SetMode) and given.at_ms >= runs[0].started_ms
    }
    if Mode.LIVE in modes and Mode.PAPER in modes:
        note = "Entries of the paper book are not replayed: one account at a time. Its signals are."
        return Book.LIVE, [note]
    return (Book.LIVE if Mode.LIVE in modes else Book.PAPER), []


def _quotes(setups: Sequence[StoredSetup]) -> dict[int, list[QuoteMoved]]:
    """Return by minute the spreads that the journal knows: those of its signals."""
    found: dict[int, list[QuoteMoved]] = {}
    for one in setups:
        if one.cost is None:
            continue
        setup, half = one.setup, one.cost.spread_ratio / 2
        quote = QuoteMoved(
            setup.symbol, setup.entry * (1 - half), setup.entry * (1 + half), one.at_ms
        )
        found.setdefault(setup.proved_at_ms, []).append(quote)
    return found
