"""What must be known before a run's first minute: the core's constants and the coming signals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.backtest.detection import detect_all
from engine.backtest.plan import BreakerRule, Plan
from engine.backtest.replay import ReplayedScores, ReplayedSetups
from engine.backtest.scoring import Scored, score_found, score_one_by_one
from engine.backtest.selection import ReplayedThreshold, Selection, max_cost_r, select
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.backtest.surroundings import Surroundings
from engine.core.config import EngineConfig
from engine.domain.candle import Timeframe
from engine.domain.instrument import Instrument
from engine.ports import Scorer
from engine.risk.limits import RiskLimits


@dataclass(frozen=True, slots=True)
class Prepared:
    """The core's constants, its scorer, and what the fast path knows of the future.

    Attributes:
        config: constants; on the fast path with replayed detectors and threshold.
        scorer: judges what the detectors give.
        setups: what will be shown, empty on the slow path.
        selection: what became of the rest.
        threshold: the core's, None on the slow path; it must be moved along by hand, as the core
            is not visited every hour.
    """

    config: EngineConfig
    scorer: Scorer
    setups: ReplayedSetups
    selection: Selection
    threshold: ReplayedThreshold | None = None


def prepare(
    series: Sequence[SymbolSeries],
    instruments: Sequence[Instrument],
    plan: Plan,
    scorer: Scorer,
    selection: Selection | None,
) -> Prepared:
    """Return what a run needs; the fast path's signals are worked out unless they are given."""
    config = core_config(plan)
    if not plan.fast:
        return Prepared(config, scorer, ReplayedSetups(()), Selection())
    if selection is None:
        selection = look_ahead(series, instruments, plan, scorer)
    setups = ReplayedSetups(selection.setups)
    threshold = ReplayedThreshold(selection.thresholds, config.threshold)
    config = replace(
        config,
        detector=setups.detector,
        new_threshold=lambda _rule, _seed: threshold,
        look_around=False,
    )
    scores = ReplayedScores(selection.scorer, selection.scores)
    return Prepared(config, scores, setups, selection, threshold)


def look_ahead(
    series: Sequence[SymbolSeries],
    instruments: Sequence[Instrument],
    plan: Plan,
    scorer: Scorer,
    scored: Sequence[Scored] | None = None,
) -> Selection:
    """Return the signals of a whole recording; detects and scores where nobody did."""
    config = core_config(plan)
    by_name = {one.symbol: one for one in instruments}
    ticks = tick_sizes(by_name)
    around = plan.around
    if config.look_around and around is None:
        around = Surroundings(series)
    if scored is None:
        found = detect_all(series, by_name, plan.params, wanted_timeframes(config))
        bulk = score_one_by_one(scorer, plan.params, around)
        scored = score_found(found, ticks, config.costs, max_cost_r(config), bulk)
    period = period_of(series, plan)
    return select(scored, plan.params, ticks, config, scorer, *period, around)


def period_of(series: Sequence[SymbolSeries], plan: Plan) -> tuple[int, int]:
    """Return the first minute of decisions and the end of the recording, exchange ms."""
    first = min(one.first_ms for one in series)
    return first + plan.warm_minutes * MINUTE_MS, max(one.end_ms for one in series)


def tick_sizes(instruments: Mapping[str, Instrument]) -> dict[str, float]:
    """Return the tick size of each symbol."""
    return {symbol: float(one.tick_size) for symbol, one in instruments.items()}


def wanted_timeframes(config: EngineConfig) -> tuple[Timeframe, ...]:
    """Return the timeframes whose setups may become alerts, shortest first."""
    wanted = config.alert_timeframes | config.trade_timeframes
    return tuple(sorted(wanted, key=lambda timeframe: timeframe.ms))


def core_config(plan: Plan) -> EngineConfig:
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
