"""Examines the model bundle as `run` would load it."""

from bot.scorer_choice import (
    bundle_store,
    challenger_path,
    choose_scorer,
    model_folder,
    model_path,
    operator_path,
)
from bot.settings import Settings
from bot.tools.findings import Finding, good, warning
from engine.domain.errors import ScorerError
from models.artifacts import load_bundle
from models.scorer import LightGBMScorer


def check_model(settings: Settings) -> Finding:
    """Load the bundle and say which scorer would work, and where it comes from."""
    loaded = choose_scorer(settings)
    scorer = loaded.scorer
    if not isinstance(scorer, LightGBMScorer):
        advice = "this works; its scores rank setups and are no probabilities"
        return warning("model", f"the heuristic scorer is used: {loaded.problem}", advice)
    manifest = scorer.bundle.manifest
    pinned = "pinned" if settings.model_sha256 else "not pinned"
    name = f"{_origin(settings, scorer.bundle.hash)} is {scorer.name}, {pinned}"
    if manifest.created:
        name += f", made {manifest.created[:10]}"
    if not manifest.edge:
        advice = "use it for signals and paper; live trading asks once more"
        return warning("model", f"{name}, which measured no edge after costs", advice)
    if not manifest.histograms:
        advice = "train it anew to be told of drift"
        return warning("model", f"{name}, without the histograms of its training", advice)
    return good("model", name)


def check_challenger(settings: Settings) -> Finding:
    """Load the challenger that the settings name."""
    name = settings.shadow_model
    if not name:
        return good("challenger", "none is set")
    try:
        path = challenger_path(model_folder(settings), name, inside=False)
        bundle = load_bundle(path)
    except ScorerError as error:
        return warning("challenger", f"it cannot be loaded: {error}", "the model works without it")
    return good("challenger", f"{path} is {LightGBMScorer(bundle).name}; it decides nothing")


def _origin(settings: Settings, bundle: str) -> str:
    path = model_path(settings)
    choice = bundle_store(settings).choice()
    if choice.passed_over is not None and choice.in_use == bundle:
        return f"the model before {path}, which was rolled back,"
    return str(path) if path == operator_path(settings) else f"the program's own {path.name}"
