"""What works as the scorer: the card of the bundle, or why there is no model."""

from collections.abc import Mapping
from typing import Any

from bot.desk_model import Judged, ModelCard, ModelView
from engine.ports import Scorer
from models.artifacts import Bundle
from models.scorer import LightGBMScorer


def model_view(scorer: Scorer, problem: str) -> ModelView:
    """Return what there is to say of a scorer."""
    card = card_of(scorer.bundle) if isinstance(scorer, LightGBMScorer) else None
    return ModelView(scorer=scorer.name, card=card, problem=problem)


def card_of(bundle: Bundle) -> ModelCard:
    """Return a bundle's card; what its free-form parts lack is left out."""
    manifest = bundle.manifest
    metrics, provenance = manifest.metrics, manifest.provenance
    named = (("out of fold", metrics.get("out_of_fold")), ("test", metrics.get("test")))
    sources = provenance.get("sources", ())
    return ModelCard(
        bundle=bundle.hash,
        edge=manifest.edge,
        verdict=str(metrics.get("verdict", "")),
        recipes=manifest.recipes,
        timeframes=manifest.timeframes,
        threshold=manifest.threshold,
        lowest_probability=manifest.knots_y[0],
        highest_probability=manifest.knots_y[-1],
        lowest_payoff=min(manifest.payoff.values),
        highest_payoff=max(manifest.payoff.values),
        cost_ratio=manifest.round_trip_cost_ratio,
        sources=tuple(str(one.get("name", "?")) for one in sources if isinstance(one, Mapping)),
        rows=_whole(provenance, "rows"),
        first_ms=_whole(provenance, "first_ms"),
        last_ms=_whole(provenance, "last_ms"),
        created=manifest.created,
        judged=tuple(_judged(name, report) for name, report in named if report),
    )


def _judged(where: str, report: object) -> Judged:
    def number(*path: str) -> float | None:
        found = _at(report, *path)
        return float(found) if isinstance(found, int | float) else None

    count = number("expectancy", "chosen", "count")
    return Judged(
        where=where,
        count=None if count is None else int(count),
        net_r=number("expectancy", "chosen", "net_r", "mean"),
        low=number("expectancy", "chosen", "net_r", "low"),
        high=number("expectancy", "chosen", "net_r", "high"),
        auc_net=number("ranking", "all", "auc_net"),
        auc_gross=number("ranking", "all", "auc_gross"),
        brier=number("probability", "brier"),
        brier_base_rate=number("probability", "brier_base_rate"),
    )


def _at(report: object, *path: str) -> object:
    for key in path:
        if not isinstance(report, Mapping):
            return None
        report = report.get(key)
    return report


def _whole(values: Mapping[str, Any], key: str) -> int | None:
    found = values.get(key)
    return found if isinstance(found, int) else None
