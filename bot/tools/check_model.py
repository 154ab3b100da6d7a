"""Examines the model bundle as `run` would load it."""

from bot.scorer_choice import choose_scorer, model_path
from bot.settings import Settings
from bot.tools.findings import Finding, good, warning
from models.scorer import LightGBMScorer


def check_model(settings: Settings) -> Finding:
    """Load the bundle and say which scorer would work."""
    loaded = choose_scorer(settings)
    if loaded.problem:
        advice = "this works; its scores rank setups and are no probabilities"
        return warning("model", f"the heuristic scorer is used: {loaded.problem}", advice)
    name = f"{model_path(settings)} is {loaded.scorer.name}"
    scorer = loaded.scorer
    if isinstance(scorer, LightGBMScorer) and not scorer.bundle.manifest.edge:
        return warning(
            "model",
            f"{name}, which measured no edge after costs",
            "use it for signals and paper; live trading asks once more",
        )
    return good("model", name)
