"""One backtest: recorded minutes in, the core's decisions and their results out.

A run is a pure function of candles, funding, plan and scorer. Two ways lead to the same result:
the slow one shows every minute to the core, which detects by itself; the fast one detects in
bulk, works out beforehand which setups become signals, and visits only minutes in which something
can happen: a day begins, a signal is due, or something that is open may change.
"""

from collections.abc import Iterator, Mapping, Sequence

from engine.backtest.curve import equity_curve
from engine.backtest.floor import TradingFloor
from engine.backtest.payments import Payments
from engine.backtest.plan import BacktestResult, BreakerRule, Plan, Progress
from engine.backtest.preparation import period_of, prepare
from engine.backtest.recorder import Recorder
from engine.backtest.selection import Selection
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.backtest.skipping import Skipper
from engine.backtest.timetable import Timetable
from engine.backtest.universe import Universe
from engine.backtest.venue import BacktestVenue
from engine.core.engine import Engine
from engine.domain.commands import CloseAll, Command, ResetBreaker, Resume
from engine.domain.events import (
    CandleClosed,
    CommandGiven,
    Origin,
    SnapshotTaken,
    StateRestored,
    SymbolPrepared,
    Ticked,
)
from engine.domain.instrument import Instrument
from engine.ports import Scorer
from engine.risk.limits import DAY_MS
from engine.risk.threshold import HOUR_MS

OWNER = "backtest"
_DECISION_MS = 1_000
"""How long after a fill's journey the core looks at its deadlines; live it looks all the time."""
_LAST_MINUTES = 5
"""Minutes after the end in which what was open is closed."""


def run_backtest(
    series: Sequence[SymbolSeries],
    instruments: Sequence[Instrument],
    plan: Plan,
    scorer: Scorer,
    progress: Progress = lambda _ms: None,
    selection: Selection | None = None,
) -> BacktestResult:
    """Replay the recording and return what came of it.

    Args:
        series: minutes of the symbols, each once.
        instruments: the contract of each.
        plan: what to do.
        scorer: judges setups.
        progress: told the exchange time reached, now and then.
        selection: signals of the fast path where they are known already, by
            `preparation.look_ahead`; None works them out.
    """
    return Backtest(series, instruments, plan, scorer, selection).run(progress)


class Backtest:
    """The state of one run."""

    def __init__(
        self,
        series: Sequence[SymbolSeries],
        instruments: Sequence[Instrument],
        plan: Plan,
        scorer: Scorer,
        selection: Selection | None = None,
    ) -> None:
        self._series = {one.symbol: one for one in sorted(series, key=lambda one: one.symbol)}
        self._instruments = {one.symbol: one for one in instruments}
        self._plan = plan
        period = self._start_ms, self._end_ms = period_of(series, plan)
        self._recorder = Recorder()
        self._scorer_name = scorer.name
        ready = prepare(series, instruments, plan, scorer, selection)
        self._recorder.fates.update(ready.selection.fates)
        self._setups, self._threshold = ready.setups, ready.threshold
        self._universe = Universe(self._series, self._instruments, *period)
        self._payments = Payments(plan.funding, self._end_ms)
        self._engine = Engine(ready.config)
        self._venue = BacktestVenue(plan.book, self._instruments.values(), plan.assumptions)
        self._floor = TradingFloor(
            self._engine,
            self._venue,
            self._series,
            ready.scorer,
            self._recorder,
            latency_ms=plan.assumptions.latency_ms,
            every_corner=not plan.fast,
        )
        # Deadlines count from the fill, two journeys after the close that proved the setup.
        self._tick_after_ms = 2 * plan.assumptions.latency_ms + _DECISION_MS
        skipper = Skipper(
            self._venue,
            self._recorder,
            self._series,
            ready.config.limits,
            self._payments.next_minute,
            tick_after_ms=self._tick_after_ms,
            marks_matter=plan.breakers is not BreakerRule.OFF,
        )
        self._timetable = Timetable(
            *period, self._setups.moments, self._floor, skipper, self._recorder
        )
        self._day = -1
        self._commands = 0

    def run(self, progress: Progress) -> BacktestResult:
        """Go through the recording once."""
        self._open()
        timetable = self._timetable
        minutes = timetable.needed_minutes() if self._plan.fast else timetable.every_minute()
        for minute_ms in minutes:
            if minute_ms % DAY_MS == 0:
                progress(minute_ms)
            self._visit(minute_ms)
        self._close()
        progress(self._end_ms)
        start_ms = min(self._start_ms, self._end_ms)
        assumptions = self._plan.assumptions
        return BacktestResult(
            recorder=self._recorder,
            equity=equity_curve(
                self._recorder.trades,
                self._series,
                start_ms,
                self._end_ms,
                float(assumptions.balance),
            ),
            assumptions=assumptions,
            start_ms=start_ms,
            end_ms=self._end_ms,
            candles=sum(map(len, self._series.values())),
            symbols=tuple(self._series),
            scorer=self._scorer_name,
        )

    # --- the beginning ---------------------------------------------------------------------------

    def _open(self) -> None:
        at_ms = self._start_ms - 1
        book = self._plan.book
        self._floor.tell(StateRestored({}, (), (), (), ()), at_ms)
        self._read_volumes(self._start_ms, at_ms)
        leverage = self._plan.config.limits.leverage
        for symbol in self._series:
            prepared = self._venue.prepare(symbol, leverage)
            self._floor.tell(SymbolPrepared(book, prepared), at_ms)
        if not self._plan.fast:
            self._warm_up(at_ms)
        self._floor.tell(SnapshotTaken(book, self._venue.snapshot(at_ms)), at_ms)

    def _warm_up(self, at_ms: int) -> None:
        """Show the first minutes; the last of them closes at the start and is told by `_visit`."""
        first = self._start_ms - self._plan.warm_minutes * MINUTE_MS
        for open_ms in range(first, self._start_ms - MINUTE_MS, MINUTE_MS):
            for event in self._candles(open_ms, self._series, Origin.PRELOAD):
                self._floor.tell(event, at_ms)

    # --- one minute ------------------------------------------------------------------------------

    def _visit(self, minute_ms: int) -> None:
        """Close the minute before, decide, then live through the minute that opens."""
        floor = self._floor
        if self._threshold is not None:
            self._threshold.advance(minute_ms)
        self._pass_hours(minute_ms)
        if minute_ms % DAY_MS == 0:
            self._owner_resets(minute_ms)
        origin = Origin.PRELOAD if minute_ms == self._start_ms else Origin.LIVE
        for event in self._candles(minute_ms - MINUTE_MS, self._told(minute_ms), origin):
            floor.tell(event, minute_ms)
        floor.score(minute_ms)
        floor.begin_minute(minute_ms)
        if floor.active or not self._plan.fast:
            floor.tick_at(minute_ms + self._tick_after_ms)
        for symbol in tuple(self._venue.busy):
            for at_ms, rate in self._payments.within(symbol, minute_ms):
                floor.fund(symbol, rate, at_ms)
        floor.end_minute()

    def _pass_hours(self, minute_ms: int) -> None:
        """Catch up with the volumes and the venue's time; the core's hour strikes when it does."""
        self._read_volumes(minute_ms, minute_ms)
        if minute_ms % HOUR_MS == 0:
            self._floor.tell(Ticked(), minute_ms)
        day = minute_ms // DAY_MS
        if day != self._day:
            self._day = day
            self._venue.pass_time(minute_ms)

    def _told(self, minute_ms: int) -> Sequence[str]:
        """Symbols whose closed minute the core is shown, in order."""
        if not self._plan.fast:
            return tuple(self._series)
        proved = self._setups.symbols_at.get(minute_ms, ())
        return sorted(self._floor.watched.union(proved))

    def _candles(
        self, open_ms: int, symbols: Sequence[str] | Mapping[str, SymbolSeries], origin: Origin
    ) -> Iterator[CandleClosed]:
        for symbol in symbols:
            series = self._series[symbol]
            row = series.row_of(open_ms)
            if row >= 0:
                yield CandleClosed(series.candle(row), origin, 0.0)

    def _read_volumes(self, volumes_at_ms: int, now_ms: int) -> None:
        changed = self._universe.due(volumes_at_ms)
        if changed is not None:
            self._venue.learn_volumes(changed.quote_volume_24h)
            self._floor.tell(changed, now_ms)

    def _owner_resets(self, now_ms: int) -> None:
        if self._plan.breakers is BreakerRule.DAILY and self._recorder.tripped:
            self._recorder.tripped = False
            self._command(ResetBreaker(command_id=self._id(), requested_by=OWNER), now_ms)
            self._command(Resume(command_id=self._id(), requested_by=OWNER), now_ms)

    # --- the end ---------------------------------------------------------------------------------

    def _close(self) -> None:
        """Close what is open at the last prices; such trades are marked."""
        end_ms = self._end_ms
        for event in self._candles(end_ms - MINUTE_MS, self._told(end_ms), Origin.BACKFILL):
            self._floor.tell(event, end_ms)
        self._recorder.ending = True
        self._command(CloseAll(command_id=self._id(), requested_by=OWNER), end_ms)
        for minute_ms in range(end_ms, end_ms + _LAST_MINUTES * MINUTE_MS, MINUTE_MS):
            if not self._floor.active:
                return
            self._floor.begin_minute(minute_ms)
            self._floor.end_minute()
            self._floor.tell(Ticked(), minute_ms + MINUTE_MS)

    def _command(self, command: Command, now_ms: int) -> None:
        self._floor.tell(CommandGiven(command), now_ms)

    def _id(self) -> str:
        self._commands += 1
        return f"{OWNER}:{self._commands}"
