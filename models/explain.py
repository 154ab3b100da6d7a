"""Why a setup got its score: what each feature added, in log-odds."""

from dataclasses import dataclass

from engine.domain.setup import Setup
from models.confidence import INTERCEPT, NEUTRAL, WEIGHTS
from models.features import matrix_of
from models.schema import SMC12_V1
from models.scorer import LightGBMScorer


@dataclass(frozen=True, slots=True)
class Contribution:
    """One feature's value and what it added to the log-odds."""

    name: str
    value: float
    log_odds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`base` plus all contributions is the log-odds of the scorer's raw output."""

    scorer: str
    base: float
    contributions: tuple[Contribution, ...]

    @property
    def log_odds(self) -> float:
        """The sum."""
        return self.base + sum(part.log_odds for part in self.contributions)

    @property
    def strongest(self) -> tuple[Contribution, ...]:
        """The contributions, largest effect of either sign first."""
        return tuple(sorted(self.contributions, key=lambda part: -abs(part.log_odds)))


def explain_heuristic(setup: Setup) -> Explanation:
    """Return how the heuristic's weighted sum came about; feature 12 is that sum itself."""
    values = dict(zip(SMC12_V1.names, matrix_of([setup])[0].tolist(), strict=True))
    parts = tuple(
        Contribution(name, value, WEIGHTS.get(name, 0.0) * (value - NEUTRAL.get(name, 0.0)))
        for name, value in values.items()
    )
    return Explanation("heuristic", INTERCEPT, parts)


def explain(scorer: LightGBMScorer, setup: Setup) -> Explanation:
    """Return the trees' contributions (SHAP values, LightGBM's `pred_contrib`).

    A setup the model was not fitted on is explained by the heuristic that scored it.
    """
    if not scorer.covers(setup):
        return explain_heuristic(setup)
    matrix = scorer.matrix([setup])
    *added, base = scorer.bundle.trees.contributions(matrix)[0].tolist()
    names, values = scorer.schema.names, matrix[0].tolist()
    parts = tuple(Contribution(*part) for part in zip(names, values, added, strict=True))
    return Explanation(scorer.name, base, parts)
