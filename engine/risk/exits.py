"""The one exit policy by time: the core, the backtest and the labels all use this file.

Stop and target rest at the exchange; what is left is leaving a trade that takes too long or
that never came to life.
"""

import math
from dataclasses import dataclass

from engine.domain.candle import Timeframe
from engine.domain.position import ExitReason
from engine.domain.setup import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitPolicy:
    """Candles are candles of the setup's own timeframe: 120 of 1m are the 2 h of the design.

    Attributes:
        time_candles: age at which a trade is closed whatever its result.
        stagnation_candles: age at which it is closed unless it was once at `stagnation_r`.
        stagnation_r: best result since entry, in R, that proves life.
    """

    time_candles: int = 120
    stagnation_candles: int = 30
    stagnation_r: float = 0.25


@dataclass(frozen=True, slots=True)
class ExitDeadlines:
    """Exchange times at which a trade is judged."""

    time_exit_ms: int
    stagnation_ms: int


def deadlines(policy: ExitPolicy, timeframe: Timeframe, opened_ms: int) -> ExitDeadlines:
    """Return when a trade opened at `opened_ms` on `timeframe` must be left."""
    return ExitDeadlines(
        time_exit_ms=opened_ms + policy.time_candles * timeframe.ms,
        stagnation_ms=opened_ms + policy.stagnation_candles * timeframe.ms,
    )


def due_exit(
    policy: ExitPolicy, due: ExitDeadlines, best_r: float, now_ms: int
) -> ExitReason | None:
    """Return why the trade must be left now, or None. Time goes before stagnation."""
    if now_ms >= due.time_exit_ms:
        return ExitReason.TIME
    if now_ms >= due.stagnation_ms and best_r < policy.stagnation_r:
        return ExitReason.STAGNATION
    return None


def r_multiple(direction: Direction, entry: float, stop: float, price: float) -> float:
    """Return the result at `price` in units of |entry - stop|; 0 when that is not a number > 0."""
    risk = abs(entry - stop)
    if not math.isfinite(risk) or risk <= 0 or not math.isfinite(price):
        return 0.0
    return (price - entry) * int(direction) / risk
