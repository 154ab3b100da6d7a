"""Which scorer works, and why if it is not the model."""

from pathlib import Path

from bot.settings import Settings
from engine.risk.threshold import ThresholdSeed
from models.artifacts import SHIPPED
from models.heuristic import SEED_PER_SYMBOL_DAY, SEED_QUANTILES, HeuristicScorer
from models.scorer import LightGBMScorer, LoadedScorer, load_scorer

NO_MODEL = (
    "No model bundle yet: the heuristic scorer ranks setups. Its scores are not probabilities, and "
    "live trading refuses entries on them."
)


def model_path(settings: Settings) -> Path:
    """Return where the operator's bundle lies; a relative folder starts at the project."""
    return settings.model_dir / SHIPPED.name


def choose_scorer(settings: Settings) -> LoadedScorer:
    """Load the bundle, or fall back to the heuristic scorer with the reason."""
    path = model_path(settings)
    if not path.exists():
        return LoadedScorer(HeuristicScorer(), f"there is no model at {path}")
    return load_scorer(path, pinned_hash=settings.model_sha256)


def threshold_seed(loaded: LoadedScorer, symbols: int) -> ThresholdSeed:
    """Return the score distribution the automatic threshold starts from.

    Args:
        loaded: the scorer in use.
        symbols: how many symbols are scanned: the expected setups grow with them.
    """
    quantiles: tuple[float, ...] = SEED_QUANTILES
    if isinstance(loaded.scorer, LightGBMScorer):
        quantiles = loaded.scorer.bundle.manifest.quantiles
    return ThresholdSeed(quantiles=quantiles, per_day=SEED_PER_SYMBOL_DAY * symbols)
