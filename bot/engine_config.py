"""From the operator's settings to the core's constants."""

from decimal import Decimal

from bot.settings import Settings
from engine.core.config import CandleDetector, EngineConfig
from engine.domain.candle import Timeframe
from engine.domain.order import Book
from engine.domain.setup import Evidence, Recipe
from engine.domain.signal import Mode
from engine.risk.exits import ExitPolicy
from engine.risk.limits import MINUTE_MS, RiskLimits
from engine.risk.threshold import ThresholdRule, ThresholdSeed
from engine.smc.detector import Detector, Scratch
from engine.smc.params import DetectorParams


def engine_config(
    settings: Settings,
    *,
    books: tuple[Book, ...],
    epoch: int,
    speed: float,
    mode: Mode | None,
    allow_negative_edge: bool,
    scorer: str,
    seed: ThresholdSeed,
) -> EngineConfig:
    """Return the constants of one run."""
    params = DetectorParams(recipes=tuple(Recipe(name) for name in settings.recipes))
    scratch = Scratch(params)

    def detector(symbol: str, timeframe: Timeframe, tick_size: float) -> CandleDetector:
        return Detector(symbol, timeframe, params, tick_size=tick_size, scratch=scratch)

    return EngineConfig(
        detector=detector,
        evidence=_live_findings,
        books=books,
        epoch=epoch,
        mode=mode or Mode.SIGNALS,
        speed=speed,
        alert_timeframes=_timeframes(settings.alert_timeframes),
        trade_timeframes=_timeframes(settings.trade_timeframes),
        allow_negative_edge=allow_negative_edge,
        scorer=scorer,
        limits=risk_limits(settings),
        exits=ExitPolicy(
            time_candles=settings.time_exit_candles,
            stagnation_candles=settings.stagnation_candles,
        ),
        threshold=ThresholdRule(fixed=settings.score_threshold, per_day=settings.signals_per_day),
        seed=seed,
    )


def _live_findings(detector: CandleDetector) -> tuple[Evidence, ...]:
    return detector.live_findings() if isinstance(detector, Detector) else ()


def risk_limits(settings: Settings) -> RiskLimits:
    """Return the limits; percentages become ratios here and nowhere else."""
    return RiskLimits(
        leverage=settings.leverage,
        max_positions=settings.max_positions,
        total_risk_ratio=settings.max_total_risk_pct / 100,
        side_risk_ratio=settings.max_side_risk_pct / 100,
        cool_down_ms=round(settings.cool_down_minutes * MINUTE_MS),
        max_cost_r=settings.max_cost_pct_of_r / 100,
        max_spread_r=settings.max_spread_pct_of_r / 100,
        min_quote_volume=settings.entry_min_volume_usdt,
        max_moved_r=settings.max_price_moved_r,
        max_slippage_ratio=_exact(settings.max_slippage_bps) / 10_000,
        daily_loss_ratio=_exact(settings.max_daily_loss_pct) / 100,
        drawdown_ratio=_exact(settings.max_drawdown_pct) / 100,
        loss_streak=settings.max_losses_in_a_row,
    )


def _timeframes(names: tuple[str, ...]) -> frozenset[Timeframe]:
    return frozenset(Timeframe(name) for name in names)


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))
