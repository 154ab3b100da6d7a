"""What a model card tells."""

from dataclasses import dataclass

from models.dataset_rules import Counts
from models.manifest import Manifest
from models.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a search did.

    Attributes:
        shapes: parameter shapes judged on the training folds, the default among them.
        minutes: the budget of time that ended the search, None if it was not time that did.
    """

    shapes: int
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """Everything a card tells.

    Attributes:
        manifest: the bundle's manifest.
        bundle: its hash.
        study: the study behind it.
        counts: what the training data held.
        test_counts: what the test data held; None without.
        evaluations: how often the test data have been judged by different bundles.
        tried: the search on the training folds.
        seed: of everything random.
        both: symbols that are in spot and in futures sources of the training data.
        spot_share: share of the training rows that were made from spot candles.
    """

    manifest: Manifest
    bundle: str
    study: Study
    counts: Counts
    test_counts: Counts | None
    evaluations: int
    tried: Tried
    seed: int
    both: tuple[str, ...] = ()
    spot_share: float = 0.0
