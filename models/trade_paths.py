"""The exit policy followed forward on minutes: where each trade would have ended, before costs.

Entry at market at the open of the minute after the proof, stop and target resting at the exchange,
time and stagnation exits of `engine.risk.exits`. Inside a minute the pessimistic order holds:
stop before target, and a gap beyond the stop is filled at its open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from engine.domain.position import ExitReason
from engine.smc.machine_code import compiled as compiled_code
from models.label_rules import LabelRules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STOP, TARGET, TIME, STAGNATION, NOT_ENTERED, UNRESOLVED = range(6)
"""Codes of outcomes; the first four are exits, in this order in `EXITS`."""
EXITS: tuple[ExitReason, ...] = (
    ExitReason.STOP,
    ExitReason.TARGET,
    ExitReason.TIME,
    ExitReason.STAGNATION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """Trades to follow on one contiguous series of minutes, as columns of equal length.

    Attributes:
        start: row of the minute at whose open the entry fills.
        direction: +1 or -1.
        entry: intended entry price.
        stop: price that invalidates.
        target: price that fulfils.
        minutes: minutes in one candle of the setup's timeframe.
    """

    start: Ints
    direction: Ints
    entry: Floats
    stop: Floats
    target: Floats
    minutes: Ints

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """A contiguous series of minutes as columns of equal length."""

    open: Floats
    high: Floats
    low: Floats

    def __len__(self) -> int:
        return len(self.open)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where trades ended, before costs; NaN and -1 where there was no trade.

    Attributes:
        outcome: STOP, TARGET, TIME, STAGNATION, NOT_ENTERED or UNRESOLVED.
        end: row of the minute of the exit.
        entry: price entered at, without slippage.
        exit: price left at, without slippage.
        best_r: best result lived through before the minute of the exit, in R of the fill.
    """

    outcome: Ints
    end: Ints
    entry: Floats
    exit: Floats
    best_r: Floats


def follow(minutes: Minutes, plans: Plans, rules: LabelRules, *, compiled: bool = False) -> Paths:
    """Follow every plan on the minutes.

    A plan whose longest possible life goes beyond the series is UNRESOLVED even if it would have
    ended sooner: keeping only the quick ones would favour stops.

    Args:
        minutes: the series.
        plans: the trades.
        rules: exits and the entry rule.
        compiled: use machine code; takes numba.

    Returns:
        One path a plan, equal bit for bit whether compiled or not.
    """
    run: Callable[..., None] = _compiled() if compiled else _follow_all
    size = len(plans)
    outcome, end = np.full(size, UNRESOLVED, np.int64), np.full(size, -1, np.int64)
    entry, exit_, best = (np.full(size, np.nan) for _ in range(3))
    policy = rules.exits
    run(
        *(minutes.open, minutes.high, minutes.low),
        *(plans.start, plans.direction, plans.entry, plans.stop, plans.target, plans.minutes),
        policy.time_candles,
        policy.stagnation_candles,
        policy.stagnation_r,
        rules.max_moved_r,
        *(outcome, end, entry, exit_, best),
    )
    return Paths(outcome=outcome, end=end, entry=entry, exit=exit_, best_r=best)


@cache
def _compiled() -> Callable[..., None]:
    return compiled_code(_follow_all, __file__)


def _follow_all(  # noqa: PLR0915 - one loop in numba's subset
    opens: Floats,
    highs: Floats,
    lows: Floats,
    starts: Ints,
    directions: Ints,
    entries: Floats,
    stops: Floats,
    targets: Floats,
    lengths: Ints,
    time_candles: int,
    stagnation_candles: int,
    stagnation_r: float,
    max_moved_r: float,
    outcome: Ints,
    end: Ints,
    entry: Floats,
    exit_: Floats,
    best_r: Floats,
) -> None:
    """Fill the last five columns. Runs as it stands and compiled by numba."""
    for i in range(len(starts)):
        first = starts[i]
        last = first + time_candles * lengths[i]
        if last >= len(opens):
            continue
        d = directions[i]
        stop = stops[i]
        fill = opens[first]
        risk = d * (fill - stop)
        if abs(fill - entries[i]) > max_moved_r * abs(entries[i] - stop) or risk <= 0.0:
            outcome[i] = NOT_ENTERED
            continue
        stagnation = first + stagnation_candles * lengths[i]
        best = 0.0
        reason = TIME
        j = first
        price = fill
        while True:
            price = opens[j]
            low = lows[j] if d > 0 else highs[j]
            high = highs[j] if d > 0 else lows[j]
            if d * (price - stop) <= 0.0:
                reason = STOP
                break
            if j == last:
                break
            if j == stagnation and best < stagnation_r:
                reason = STAGNATION
                break
            if d * (low - stop) <= 0.0:
                reason = STOP
                price = stop
                break
            if d * (high - targets[i]) >= 0.0:
                reason = TARGET
                price = targets[i]
                break
            best = max(best, d * (high - fill) / risk)
            j += 1
        outcome[i] = reason
        end[i] = j
        entry[i] = fill
        exit_[i] = price
        best_r[i] = best
