"""The model card: what a bundle was trained on, what it is worth, and where it fails."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.reports.card_data import data_section
from bot.reports.card_facts import CardFacts, Tried
from bot.reports.document import Block, Heading, Picture, Table, Text
from bot.reports.plots import (
    bars_picture,
    calibration_picture,
    equity_picture,
    score_groups_picture,
)
from models.evaluation import MAX_COST_R, Report, luck
from models.study import Study

SHIFT = 0.2
"""Stability index from which a feature is called shifted."""


def model_card(facts: CardFacts) -> list[Block]:
    """Return the card; render it with `bot.reports.document`."""
    study = facts.study
    blocks = [*_opening(facts), *data_section(facts), *_folds(study)]
    blocks += _judged("Out of fold (training data)", study.pooled, threshold_in_sample=True)
    if study.test is not None:
        blocks += _judged("Test data (never fitted)", study.test)
    blocks += _pictures(facts)
    blocks += _failures(study)
    return [*blocks, *_reading()]


def _opening(facts: CardFacts) -> list[Block]:
    manifest, verdict = facts.manifest, facts.study.verdict
    edge = "EDGE SHOWN" if verdict.edge else "NO EDGE SHOWN"
    return [
        Heading(f"Model card {facts.bundle[:12]}", 1),
        Text(f"{edge}: {verdict.reason}.", strong=True),
        Text(
            f"Bundle {facts.bundle}. Schema {manifest.schema}, recipes "
            f"{', '.join(manifest.recipes)}, timeframes {', '.join(manifest.timeframes)}, "
            f"{facts.study.rounds} trees, seed {facts.seed}. Created {manifest.created}."
        ),
        Text(
            "Net means after taker fees both ways "
            f"({manifest.costs['taker_fee']:.3%} a side), spread "
            f"{manifest.costs['spread_ratio']:.3%}, impact "
            f"{manifest.costs['impact_ratio']:.3%} and funding where known: "
            f"{manifest.round_trip_cost_ratio * 1e4:.0f} bps a round trip before funding. "
            f"Tradable rows are those whose costs are at most {MAX_COST_R:.0%} of the risk."
        ),
        Text(
            f"Threshold {manifest.threshold:.4f} (raw output), chosen on the training folds. "
            f"Parameter shapes tried: {_tried(facts.tried)}. Different bundles judged on these "
            f"test data so far: {facts.evaluations}. {_luck(facts)}"
        ),
    ]


def _tried(tried: Tried) -> str:
    if tried.minutes is None:
        return f"{tried.shapes}"
    return (
        f"{tried.shapes}, as many as {tried.minutes:g} minutes gave here "
        f"(--trials {tried.shapes - 1} repeats exactly these)"
    )


def _luck(facts: CardFacts) -> str:
    study = facts.study
    if study.tested is None:
        return "No deflated Sharpe ratio without test data."
    tries = max(1, facts.evaluations)
    value = luck(study.tested, study.threshold, tries)
    return (
        f"Deflated Sharpe ratio on the test: {_share(value)} chance that the result is better "
        f"than the luckiest of {tries}."
    )


def _folds(study: Study) -> list[Block]:
    head = ("fold from", "learnt from", "purged", "judged", "trees", "AUC net", "AUC gross")
    rows = [
        (
            *(_day(f["start_ms"]), f"{f['train']:,}", f"{f['purged']:,}", f"{f['test']:,}"),
            *(str(f["rounds"]), _plain(f["auc_net"]), _plain(f["auc_gross"])),
            *(_plain(f["log_loss"]), _plain(f["log_loss_base_rate"])),
            *(_signed(f["net_r"]), _signed(f["null_net_r"])),
        )
        for f in study.folds
    ]
    more = ("log-loss", "log-loss of the base rate", "net R", "random net R")
    return [
        Heading("Walk-forward"),
        Text("Fold k is calibrated by folds before k; the first cannot be calibrated."),
        Table((*head, *more), rows),
    ]


def _judged(title: str, report: Report, *, threshold_in_sample: bool = False) -> list[Block]:
    probability = report["probability"]
    blocks: list[Block] = [
        Heading(title),
        Text(
            f"{report['setups']:,} setups on {report['days']} days "
            f"({_day(report['first_ms'])} to {_day(report['last_ms'])}), "
            f"{report['setups_a_day']:.0f} a day, {report['tradable']:,} of them tradable. "
            f"Net wins {_share(probability['win_rate'])}."
        ),
        Table(
            ("ranking", "rows", "AUC net", "AUC gross", "heuristic net", "heuristic gross"),
            [
                (name, f"{r['count']:,}", *(_plain(r[key]) for key in _RANKS))
                for name, r in report["ranking"].items()
            ],
        ),
        Table(
            ("probability", "model", "heuristic", "base rate"),
            [
                ("Brier", *(_plain(probability[f"brier{n}"]) for n in ("", "_heuristic", _BASE))),
                (
                    "log-loss",
                    _plain(probability["log_loss"]),
                    "",
                    _plain(probability[f"log_loss{_BASE}"]),
                ),
                ("calibration error", _plain(probability["calibration_error"]), "", ""),
            ],
        ),
        _expectancies(report["expectancy"]),
    ]
    if threshold_in_sample:
        blocks.append(Text("The threshold was chosen on these rows, so its line flatters."))
    return [*blocks, _thresholds(report), _exits(report)]


_RANKS = ("auc_net", "auc_gross", "heuristic_auc_net", "heuristic_auc_gross")
_BASE = "_base_rate"


def _expectancies(parts: dict[str, Report]) -> Table:
    return Table(_EXPECTANCY_HEAD, [_expectancy(n.replace("_", " "), r) for n, r in parts.items()])


_EXPECTANCY_HEAD = (
    *("rows", "count", "a day", "hit rate", "net R [95 %]", "random entries net R"),
    *("above random R", "gross R", "net bps", "payoff b", "cost/R"),
)


def _expectancy(name: str, report: Report) -> list[str]:
    return [
        *(name, f"{report['count']:,}", f"{report['a_day']:.1f}", _share(report["hit_rate"])),
        *(_interval(report[key]) for key in ("net_r", "null_net_r", "above_null_r", "gross_r")),
        *(_signed(report["net_bps"]["mean"], 1), _plain(report["payoff_ratio"], 2)),
        _plain(report["cost_r"], 2),
    ]


def _thresholds(report: Report) -> Table:
    rows = [
        (
            *(f"p ≥ {at['threshold']:.2f}", f"{at['count']:,}", f"{at['a_day']:.1f}"),
            *(_share(at["precision"]), _interval(at["net_r"])),
        )
        for at in report["thresholds"]
    ]
    return Table(("calibrated threshold", "count", "a day", "precision", "net R [95 %]"), rows)


def _exits(report: Report) -> Table:
    rows = [
        (e["reason"], f"{e['count']:,}", _share(e["share"]), _signed(e["net_r"]))
        for e in report["by_exit"]
    ]
    return Table(("exit", "count", "share", "net R"), rows)


def _pictures(facts: CardFacts) -> list[Block]:
    study = facts.study
    reports = [("out of fold", study.pooled)]
    parts = [("out of fold", study.out_of_fold)]
    if study.test is not None and study.tested is not None:
        reports.append(("test", study.test))
        parts.append(("test", study.tested))
    pictures: list[Block] = [
        Heading("Pictures"),
        Picture("Calibration: said against observed", calibration_picture(reports)),
    ]
    pictures += [
        Picture(f"Net R by tenth of the score, {name}", score_groups_picture(part, facts.seed))
        for name, part in parts
    ]
    pictures += [
        Picture("Running net R at the threshold", equity_picture(parts, study.threshold)),
        Picture("Share of the splits' gain", bars_picture(study.gains, "share of the gain")),
    ]
    if study.drift:
        caption = f"Feature drift, test against training (above {SHIFT} is a shift)"
        pictures.append(Picture(caption, bars_picture(study.drift, "PSI", limit=SHIFT)))
    return pictures


def _failures(study: Study) -> list[Block]:
    report = study.test or study.pooled
    shifted = sorted(name for name, value in study.drift.items() if value > SHIFT)
    groups = [*report["by_timeframe"], *report["by_source"]]
    worst = sorted(groups, key=lambda group: group["net_r"]["mean"])
    drift = f"Shifted features: {', '.join(shifted)}." if shifted else "No feature shifted."
    return [
        Heading("Where it fails"),
        Table(_EXPECTANCY_HEAD, [_expectancy(group["name"], group) for group in worst]),
        Text(drift if study.drift else "Drift was not measured: there were no test data."),
    ]


def _reading() -> Sequence[Block]:
    return [
        Heading("How to read this"),
        Text(
            "Intervals resample whole days. Random entries share symbol, day, distances, exits and "
            "costs with the setups; only minute and direction differ, each with its own fill. AUC "
            "on net wins mostly says which stops are narrower than the costs, so look at gross. "
            "A hit rate means nothing without its payoff ratio."
        ),
    ]


def _interval(interval: Any) -> str:  # noqa: ANN401 - a JSON object
    if not interval["count"]:
        return "–"
    return f"{interval['mean']:+.3f} [{interval['low']:+.3f}, {interval['high']:+.3f}]"


def _plain(value: float | None, digits: int = 4) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _signed(value: float, digits: int = 3) -> str:
    return "–" if math.isnan(value) else f"{value:+.{digits}f}"


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1%}"


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d")
