"""How good scores were on rows they were not fitted on, in plain numbers for the card.

Everything is reported for all rows and for the tradable ones, whose assumed costs are within the
cost gate's limit. AUC is given on gross wins too: on net wins a model mostly learns which stops
are narrower than the costs.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.measures import (
    Interval,
    auc,
    brier,
    calibration_bins,
    calibration_error,
    day_bootstrap,
    deflated_sharpe,
    log_loss,
)
from models.trade_paths import EXITS
from models.walkforward import DAY_MS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
THRESHOLDS = (0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80)
MAX_COST_R = 0.20
"""The cost gate's default: dearer setups are never traded."""
LEAST_OUTCOMES = 200
LEAST_DAYS = 20
Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Rows with what a model said about them.

    Attributes:
        rows: labelled rows as `models.dataset.load_rows` returns them.
        outputs: the model's raw outputs.
        probability: calibrated.
        base_rate: share of net wins in the rows the model learnt from, as the constant forecast.
    """

    rows: pl.DataFrame
    outputs: Floats
    probability: Floats
    base_rate: float

    @property
    def tradable(self) -> Flags:
        """Rows whose assumed costs pass the cost gate."""
        return (self.rows["cost_r"] <= MAX_COST_R).to_numpy()

    @property
    def days(self) -> NDArray[np.int64]:
        """UTC day of each row."""
        return self.rows["proved_at_ms"].to_numpy() // DAY_MS

    def column(self, name: str) -> Floats:
        """Return a label column."""
        return self.rows[name].cast(pl.Float64).to_numpy()


def evaluate(scored: Scored, threshold: float, *, seed: int) -> Report:
    """Return the whole report on scored rows at a raw-output threshold."""
    rows = scored.rows
    days = len(np.unique(scored.days))
    chosen = scored.tradable & (scored.outputs >= threshold)
    return {
        "setups": len(rows),
        "tradable": int(scored.tradable.sum()),
        "days": days,
        "setups_a_day": len(rows) / days if days else math.nan,
        "first_ms": int(rows["proved_at_ms"].min() or 0),  # type: ignore[arg-type]
        "last_ms": int(rows["proved_at_ms"].max() or 0),  # type: ignore[arg-type]
        "ranking": {
            "all": _ranking(scored, np.ones(len(rows), dtype=np.bool_)),
            "tradable": _ranking(scored, scored.tradable),
        },
        "probability": _probability(scored),
        "thresholds": [_at(scored, level, days, seed) for level in THRESHOLDS],
        "expectancy": {
            "all": expectancy(scored, np.ones(len(rows), dtype=np.bool_), seed),
            "tradable": expectancy(scored, scored.tradable, seed),
            "chosen": expectancy(scored, chosen, seed),
            "heuristic_same_count": expectancy(scored, _best_by_heuristic(scored, chosen), seed),
        },
        "by_timeframe": _grouped(scored, "timeframe", seed),
        "by_source": _grouped(scored, "source", seed),
        "by_exit": _by_exit(scored),
    }


def expectancy(scored: Scored, kept: Flags, seed: int) -> Report:
    """Return net and gross R of some rows, of random entries like them, and the difference."""
    days = scored.days[kept]
    net, null = scored.column("net_r")[kept], scored.column("null_net_r")[kept]
    wins = net[net > 0]
    losses = net[net <= 0]
    return {
        "count": len(net),
        "a_day": len(net) / max(1, len(np.unique(scored.days))),
        "hit_rate": float(np.mean(net > 0)) if len(net) else math.nan,
        "net_r": asdict(day_bootstrap(net, days, seed)),
        "gross_r": asdict(day_bootstrap(scored.column("gross_r")[kept], days, seed)),
        "net_bps": asdict(day_bootstrap(scored.column("net_bps")[kept], days, seed)),
        "null_net_r": asdict(day_bootstrap(null, days, seed)),
        "above_null_r": asdict(day_bootstrap(net - null, days, seed)),
        "payoff_ratio": payoff_ratio(wins, losses),
        "cost_r": float(np.median(scored.column("cost_r")[kept])) if len(net) else math.nan,
    }


def payoff_ratio(wins: Floats, losses: Floats) -> float:
    """Return the mean net win over the mean net loss; NaN without one of them."""
    if not len(wins) or not len(losses) or losses.mean() == 0:
        return math.nan
    return float(wins.mean() / -losses.mean())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether there is an edge, and why."""

    edge: bool
    reason: str


def verdict(report: Report | None) -> Verdict:
    """Return the edge by the rule of the design: judged once, on the test report.

    Net expectancy at the chosen threshold must have its 95 % interval above 0 and above that of
    random entries with the same exits, on enough outcomes and days.
    """
    if report is None:
        return Verdict(False, "no test data were given, so no edge can be claimed")
    chosen = report["expectancy"]["chosen"]
    net = Interval(**chosen["net_r"])
    null = Interval(**chosen["null_net_r"])
    if net.count < LEAST_OUTCOMES or net.days < LEAST_DAYS:
        return Verdict(
            False,
            f"{net.count} outcomes on {net.days} days at the threshold, it takes "
            f"{LEAST_OUTCOMES} on {LEAST_DAYS}",
        )
    told = f"net expectancy {net.mean:+.3f} R [{net.low:+.3f}, {net.high:+.3f}]"
    if not net.low > 0:
        return Verdict(False, f"{told} is not above 0")
    if not (net.low > null.mean and chosen["above_null_r"]["low"] > 0):
        return Verdict(False, f"{told} is not above random entries ({null.mean:+.3f} R)")
    return Verdict(True, f"{told} is above 0 and above random entries ({null.mean:+.3f} R)")


def choose_threshold(scored: Scored, *, seed: int) -> float:
    """Return the raw output whose tradable rows had the best lower bound of net expectancy.

    Only outputs that leave enough outcomes and days are candidates; without any, 1.0 says that
    nothing is a signal by score. Rows must be out of fold and must not be the test.
    """
    outputs = scored.outputs[scored.tradable]
    if not len(outputs):
        return 1.0
    best, threshold = -math.inf, 1.0
    for level in np.unique(np.quantile(outputs, np.arange(0.0, 1.0, 0.02))).tolist():
        kept = scored.tradable & (scored.outputs >= level)
        net = day_bootstrap(scored.column("net_r")[kept], scored.days[kept], seed)
        enough = net.count >= LEAST_OUTCOMES and net.days >= LEAST_DAYS
        if enough and net.low > best:
            best, threshold = net.low, level
    return threshold


def luck(scored: Scored, threshold: float, tries: int) -> float:
    """Return the deflated Sharpe ratio of the trades at the threshold after so many tries."""
    kept = scored.tradable & (scored.outputs >= threshold)
    return deflated_sharpe(scored.column("net_r")[kept], tries)


def _ranking(scored: Scored, kept: Flags) -> Report:
    net, gross = scored.column("net_r")[kept] > 0, scored.column("gross_r")[kept] > 0
    heuristic = scored.column("confidence_ensemble")[kept]
    return {
        "count": int(kept.sum()),
        "auc_net": auc(scored.outputs[kept], net),
        "auc_gross": auc(scored.outputs[kept], gross),
        "heuristic_auc_net": auc(heuristic, net),
        "heuristic_auc_gross": auc(heuristic, gross),
    }


def _probability(scored: Scored) -> Report:
    wins = scored.column("net_r") > 0
    constant = np.full(len(wins), scored.base_rate)
    bins = calibration_bins(scored.probability, wins)
    return {
        "win_rate": float(np.mean(wins)) if len(wins) else math.nan,
        "base_rate": scored.base_rate,
        "brier": brier(scored.probability, wins),
        "brier_heuristic": brier(scored.column("confidence_ensemble"), wins),
        "brier_base_rate": brier(constant, wins),
        "log_loss": log_loss(scored.probability, wins),
        "log_loss_base_rate": log_loss(constant, wins),
        "calibration_error": calibration_error(bins),
        "calibration": [asdict(b) for b in bins],
    }


def _at(scored: Scored, level: float, days: int, seed: int) -> Report:
    kept = scored.probability >= level
    net = scored.column("net_r")[kept]
    return {
        "threshold": level,
        "count": int(kept.sum()),
        "a_day": float(kept.sum()) / max(1, days),
        "precision": float(np.mean(net > 0)) if len(net) else math.nan,
        "net_r": asdict(day_bootstrap(net, scored.days[kept], seed)),
    }


def _best_by_heuristic(scored: Scored, chosen: Flags) -> Flags:
    """Return as many tradable rows as were chosen, best by the heuristic score."""
    count = int(chosen.sum())
    score = np.where(scored.tradable, scored.column("confidence_ensemble"), -1.0)
    kept = np.zeros(len(score), dtype=np.bool_)
    kept[np.argsort(-score, kind="stable")[:count]] = True
    return kept


def _grouped(scored: Scored, name: str, seed: int) -> list[Report]:
    names = scored.rows[name].to_numpy()
    return [
        {"name": str(value), **expectancy(scored, names == value, seed)}
        for value in sorted(set(names.tolist()))
    ]


def _by_exit(scored: Scored) -> list[Report]:
    outcome, net = scored.column("outcome"), scored.column("net_r")
    groups = [(reason.value, net[outcome == code]) for code, reason in enumerate(EXITS)]
    return [
        {
            "reason": reason,
            "count": len(values),
            "share": len(values) / max(1, len(net)),
            "net_r": float(values.mean()) if len(values) else math.nan,
        }
        for reason, values in groups
    ]
