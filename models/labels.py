"""What each setup would have become: the exit policy followed forward on minutes.

Entry at market at the open of the minute after the proof, stop and target resting at the exchange,
time and stagnation exits of `engine.risk.exits`. Inside a minute the pessimistic order holds:
stop before target, and a gap beyond the stop is filled at its open.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.position import ExitReason
from engine.risk.costs import CostModel
from engine.risk.exits import ExitPolicy

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
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRules:
    """How trades are simulated.

    Attributes:
        exits: the exit policy, the same object the core uses.
        costs: fees, spread and impact; half of spread and impact is paid on each side.
        max_moved_r: no entry if the open lies farther than this from the setup's entry, as the
            gate rules.
    """

    exits: ExitPolicy = field(default_factory=ExitPolicy)
    costs: CostModel = field(default_factory=CostModel)
    max_moved_r: float = 0.2

    @property
    def side_cost_ratio(self) -> float:
        """Cost of one side as a share of that side's notional."""
        return self.costs.taker_fee + (self.costs.spread_ratio + self.costs.impact_ratio) / 2

    @property
    def round_trip_cost_ratio(self) -> float:
        """Cost of both sides as a share of the entry price."""
        return 2 * self.side_cost_ratio


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
    # Here and not above: numba is optional, and 90 MB.
    import numba  # noqa: PLC0415

    njit: Any = numba.njit
    function: Callable[..., None] = njit(_follow_all)
    return function


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingHistory:
    """Funding of one symbol; times rise strictly.

    A long pays `rate` of its notional at each time it holds through, a short receives it.
    """

    time_ms: Ints
    rate: Floats

    def paid(self, direction: Ints, opened_ms: Ints, closed_ms: Ints) -> Floats:
        """Return what trades paid, as a share of the notional at entry; negative = received.

        A trade opened exactly at a funding time does not take part in it, one closed there does.
        """
        total = np.concatenate(([0.0], np.cumsum(self.rate)))
        through = np.searchsorted(self.time_ms, closed_ms, side="right")
        before = np.searchsorted(self.time_ms, opened_ms, side="right")
        paid: Floats = direction * (total[through] - total[before])
        return paid


NO_FUNDING = FundingHistory(time_ms=np.empty(0, np.int64), rate=np.empty(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What trades earned, as columns; NaN where there was no trade. 1 R = |entry - stop| planned.

    Attributes:
        gross_r: before costs.
        net_r: after fees, slippage and funding.
        gross_bps: before costs, in 1/10,000 of the fill price.
        net_bps: after costs.
        known_at_ms: close of the minute of the exit: when the label is known.
        held_minutes: minutes from the entry to that minute's open.
    """

    gross_r: Floats
    net_r: Floats
    gross_bps: Floats
    net_bps: Floats
    known_at_ms: Ints
    held_minutes: Ints


def results(
    plans: Plans,
    paths: Paths,
    rules: LabelRules,
    *,
    first_open_ms: int,
    funding: FundingHistory = NO_FUNDING,
) -> Results:
    """Return the results of followed trades.

    Args:
        plans: the trades.
        paths: where they ended.
        rules: the costs.
        first_open_ms: open time of the series' first minute.
        funding: rates of the symbol; none by default, which the caller must then say.
    """
    entered = paths.outcome < NOT_ENTERED
    opened_ms = first_open_ms + plans.start * MINUTE_MS
    closed_ms = first_open_ms + (np.where(entered, paths.end, plans.start) + 1) * MINUTE_MS
    gross = plans.direction * (paths.exit - paths.entry) / paths.entry
    costs = rules.side_cost_ratio * (1.0 + paths.exit / paths.entry)
    # The funding at the very end of the minute of the exit was no longer paid.
    net = gross - costs - funding.paid(plans.direction, opened_ms, closed_ms - 1)
    to_r = paths.entry / np.abs(plans.entry - plans.stop)
    return Results(
        gross_r=gross * to_r,
        net_r=net * to_r,
        gross_bps=gross * 1e4,
        net_bps=net * 1e4,
        known_at_ms=np.where(entered, closed_ms, -1),
        held_minutes=np.where(entered, paths.end - plans.start, -1),
    )
