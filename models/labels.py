"""What each setup would have become, after costs: the labels a model learns from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.label_rules import LabelRules
from models.trade_paths import NOT_ENTERED, Paths, Plans

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MINUTE_MS = 60_000


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
