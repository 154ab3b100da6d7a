"""Which scorer works, and why if it is not the model."""

from pathlib import Path

from bot.settings import Settings
from engine.domain.errors import ScorerError
from engine.risk.threshold import ThresholdSeed
from models.artifacts import SHIPPED
from models.bundle_store import NO_BUNDLE, BundleStore, hash_of_file
from models.heuristic import SEED_PER_SYMBOL_DAY, SEED_QUANTILES, HeuristicScorer
from models.scorer import LightGBMScorer, LoadedScorer, load_scorer

NO_MODEL = (
    "No model bundle yet: the heuristic scorer ranks setups. Its scores are not probabilities, and "
    "live trading refuses entries on them."
)


def model_folder(settings: Settings) -> Path:
    """Return the folder of the operator's bundles."""
    return settings.data_dir / "model" if settings.model_dir is None else settings.model_dir


def operator_path(settings: Settings) -> Path:
    """Return where the operator puts a bundle; a relative folder starts where we were started."""
    return model_folder(settings) / SHIPPED.name


def model_path(settings: Settings) -> Path:
    """Return the bundle that is to work: the operator's, else the one of the program."""
    ours = operator_path(settings)
    return SHIPPED if SHIPPED.exists() and not ours.exists() else ours


def challenger_path(folder: Path, name: str, *, inside: bool) -> Path:
    """Return the model text a challenger's name means: a file or a folder in the model folder.

    Args:
        folder: of the operator's models.
        name: a path, by itself or in the folder.
        inside: nothing outside the folder may be named: names come from a chat.

    Raises:
        ScorerError: there is no such file, or it lies outside.
    """
    try:
        path = (folder / name).resolve()
        if inside and not path.is_relative_to(folder.resolve()):
            raise ScorerError(f"{name} is not in the model folder {folder}")
        if path.is_dir():
            path /= SHIPPED.name
        if path.is_file():
            return path
    except (OSError, ValueError):
        pass  # no name of a file: too long, or with a zero in it
    raise ScorerError(f"there is no model {name} in {folder}")


def bundle_store(settings: Settings) -> BundleStore:
    """Return the copies of bundles that worked."""
    return BundleStore(settings.data_dir / "models")


def choose_scorer(settings: Settings) -> LoadedScorer:
    """Load the bundle, or fall back to the heuristic scorer with the reason.

    A rollback holds until the operator reloads or puts another file in place.
    """
    path = model_path(settings)
    store = bundle_store(settings)
    choice = store.choice()
    if choice.passed_over is not None and choice.holds_against(hash_of_file(path)):
        if not choice.in_use:
            return LoadedScorer(HeuristicScorer(), f"the model at {path} was rolled back")
        path = store.path_of(choice.in_use)
    if not path.exists():
        return LoadedScorer(HeuristicScorer(), f"there is no model at {path}")
    return load_scorer(path, pinned_hash=settings.model_sha256)


def bundle_hash_of(loaded: LoadedScorer) -> str:
    """Return the hash of the bundle that works, `NO_BUNDLE` where it is the heuristic scorer."""
    scorer = loaded.scorer
    return scorer.bundle.hash if isinstance(scorer, LightGBMScorer) else NO_BUNDLE


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
