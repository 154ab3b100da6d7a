"""One backtest: recorded minutes in, the core's decisions and their results out.

A run is a pure function of candles, funding, plan and scorer. Two ways lead to the same result:
the slow one shows every minute to the core, which detects by itself; the fast one detects in bulk
and visits only minutes in which something can happen: an hour begins, a setup is proved, or
something that is open may change.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from math import inf

from engine.backtest.curve import equity_curve
from engine.backtest.detection import (
    Chosen,
    Found,
    ReplayedScores,
    ReplayedSetups,
    choose,
    detect_all,
)
from engine.backtest.floor import TradingFloor
from engine.backtest.plan import BacktestResult, BreakerRule, Plan, Progress
from engine.backtest.recorder import Recorder
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.backtest.skipping import Skipper
from engine.backtest.timetable import HOUR_MS, Timetable
from engine.backtest.venue import BacktestVenue
from engine.core.config import EngineConfig
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
    UniverseChanged,
)
from engine.domain.instrument import Instrument
from engine.ports import Scorer
from engine.risk.limits import RiskLimits

DAY_MS = 24 * HOUR_MS
UNIVERSE_MS = 2 * HOUR_MS
"""How often the 24 h volumes are read, as the live scanner does."""
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
    found: Sequence[Found] | None = None,
) -> BacktestResult:
    """Replay the recording and return what came of it.

    Args:
        series: minutes of the symbols, each once.
        instruments: the contract of each.
        plan: what to do.
        scorer: judges setups.
        progress: told the exchange time reached, now and then.
        found: setups of the fast path where they are known already; None detects them.
    """
    return Backtest(series, instruments, plan, scorer, found).run(progress)


class Backtest:
    """The state of one run."""

    def __init__(
        self,
        series: Sequence[SymbolSeries],
        instruments: Sequence[Instrument],
        plan: Plan,
        scorer: Scorer,
        found: Sequence[Found] | None = None,
    ) -> None:
        self._series = {one.symbol: one for one in sorted(series, key=lambda one: one.symbol)}
        self._instruments = {one.symbol: one for one in instruments}
        self._plan = plan
        first = min(one.first_ms for one in series)
        self._start_ms = first + plan.warm_minutes * MINUTE_MS
        self._end_ms = max(one.end_ms for one in series)
        self._recorder = Recorder()
        self._scorer_name = scorer.name
        self._setups = ReplayedSetups(())
        config = _config(plan)
        if plan.fast:
            chosen = self._choose(found, config)
            self._recorder.fates["cost"] += chosen.too_costly
            self._setups = ReplayedSetups(chosen.setups)
            scorer = ReplayedScores(scorer, chosen.setups)
            config = replace(config, detector=self._setups.detector)
        self._engine = Engine(config)
        self._venue = BacktestVenue(plan.book, self._instruments.values(), plan.assumptions)
        self._floor = TradingFloor(
            self._engine,
            self._venue,
            self._series,
            scorer,
            self._recorder,
            latency_ms=plan.assumptions.latency_ms,
            every_corner=not plan.fast,
        )
        self._funding = {
            symbol: ([at for at, _ in payments], payments)
            for symbol, payments in plan.funding.items()
        }
        # Deadlines count from the fill, two journeys after the close that proved the setup.
        self._tick_after_ms = 2 * plan.assumptions.latency_ms + _DECISION_MS
        skipper = Skipper(
            self._venue,
            self._recorder,
            self._series,
            config.limits,
            self._next_funding,
            tick_after_ms=self._tick_after_ms,
            marks_matter=plan.breakers is not BreakerRule.OFF,
        )
        self._timetable = Timetable(
            self._start_ms, self._end_ms, self._setups.moments, self._floor, skipper
        )
        self._commands = 0

    def _choose(self, found: Sequence[Found] | None, config: EngineConfig) -> Chosen:
        plan = self._plan
        if found is None:
            found = detect_all(
                list(self._series.values()), self._instruments, plan.params, config.timeframes
            )
        wanted = config.alert_timeframes | config.trade_timeframes
        return choose(
            [part for part in found if part.timeframe in wanted],
            plan.params,
            self._instruments,
            config.costs,
            inf if config.alert_costly else config.limits.max_cost_r,
            self._start_ms,
        )

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

    def _next_funding(self, symbol: str, from_ms: int) -> int:
        """Return the minute of a symbol's first payment from a minute on."""
        times, _ = self._funding.get(symbol, ([], ()))
        at = bisect_right(times, from_ms - 1)
        return times[at] - times[at] % MINUTE_MS if at < len(times) else self._end_ms

    # --- the beginning ---------------------------------------------------------------------------

    def _open(self) -> None:
        at_ms = self._start_ms - 1
        book = self._plan.book
        self._floor.tell(StateRestored({}, (), (), (), ()), at_ms)
        self._universe(self._start_ms, at_ms)
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
        if minute_ms % UNIVERSE_MS == 0:
            self._universe(minute_ms, minute_ms)
        if minute_ms % HOUR_MS == 0:
            floor.tell(Ticked(), minute_ms)
            self._venue.pass_time(minute_ms)
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
            self._fund(symbol, minute_ms)
        floor.end_minute()

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

    def _fund(self, symbol: str, minute_ms: int) -> None:
        known = self._funding.get(symbol)
        if known is None:
            return
        times, payments = known
        at = bisect_right(times, minute_ms - 1)
        while at < len(times) and times[at] < minute_ms + MINUTE_MS:
            self._floor.fund(symbol, payments[at][1], times[at])
            at += 1

    def _universe(self, volumes_at_ms: int, now_ms: int) -> None:
        volumes = {name: one.day_volume(volumes_at_ms) for name, one in self._series.items()}
        for symbol, volume in volumes.items():
            self._venue.learn_volume(symbol, volume)
        listed = tuple(self._instruments[symbol] for symbol in self._series)
        self._floor.tell(UniverseChanged(listed, volumes, {}), now_ms)

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


def _config(plan: Plan) -> EngineConfig:
    """Return the core's constants with the assumed costs, and breakers as the plan wants them."""
    limits: RiskLimits = plan.config.limits
    if plan.breakers is BreakerRule.OFF:
        never = Decimal(1_000_000)
        limits = replace(
            limits,
            daily_loss_ratio=never,
            drawdown_ratio=never,
            loss_streak=1 << 60,
            reject_budget=1 << 30,
        )
    return replace(
        plan.config,
        limits=limits,
        costs=plan.assumptions.cost_model(),
        books=(plan.book,),
        scorer="",
        speed=1.0,
    )
