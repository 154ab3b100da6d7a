"""What /model shows: the card of the bundle in use, how it fares, and what may replace it."""

from dataclasses import dataclass

from engine.domain.order import Book
from models.drift import Drift, Stability
from models.live_calibration import Bucket

__all__ = [
    "Bucket",
    "Calibrated",
    "Drift",
    "Judged",
    "ModelCard",
    "ModelEvidence",
    "ModelProposal",
    "ModelView",
    "Rivalry",
    "Stability",
    "Traded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Validation figures of one set of data; None where the bundle does not hold them.

    `net_r` is the mean net result in R at the threshold, `low` and `high` its 95 % interval.
    """

    where: str
    count: int | None
    net_r: float | None
    low: float | None
    high: float | None
    auc_net: float | None
    auc_gross: float | None
    brier: float | None
    brier_base_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """A bundle in figures. Probabilities are the calibration's ends, costs a round trip's."""

    bundle: str
    edge: bool
    verdict: str
    recipes: tuple[str, ...]
    timeframes: tuple[str, ...]
    threshold: float
    lowest_probability: float
    highest_probability: float
    lowest_payoff: float
    highest_payoff: float
    cost_ratio: float
    sources: tuple[str, ...]
    rows: int | None
    first_ms: int | None
    last_ms: int | None
    created: str
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """The scorer's name; `card` None and the `problem` in words where it is not a model.

    Attributes:
        scorer: its name.
        card: of its bundle.
        problem: why it is not a model.
        place: where a bundle is looked for.
        pinned: hash of the only bundle that is accepted, "" for any.
        previous: name of what `/model rollback` goes back to; None where there is nothing.
        rolled_back: a rollback holds against the file.
        shadow: name of the challenger, "" for none.
        shadow_problem: why the challenger that was asked for does not score.
    """

    scorer: str
    card: ModelCard | None
    problem: str
    place: str = ""
    pinned: str = ""
    previous: str | None = None
    rolled_back: bool = False
    shadow: str = ""
    shadow_problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProposal:
    """A model that was loaded and checked for a change, or the `problem` that ends it.

    `bundle` is its hash, "" for the heuristic scorer; `card` is None then.
    """

    scorer: str = ""
    bundle: str = ""
    card: ModelCard | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Probabilities beside what came true.

    Attributes:
        count: outcomes.
        wins: of them, net of costs.
        expected: wins the probabilities promised.
        surprise: wins above the promise, in standard deviations of independent outcomes.
        brier: mean squared error; None without outcomes.
        brier_base_rate: the same for one who always says the share of wins that came.
        buckets: by probability, with what the card measured there.
        enough: there are enough outcomes to judge by.
    """

    count: int
    wins: int
    expected: float
    surprise: float
    brier: float | None
    brier_base_rate: float | None
    buckets: tuple[Bucket, ...]
    enough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """The closed trades of one book on the model's probabilities."""

    book: Book
    count: int
    wins: int
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivalry:
    """The model in use and its challenger on the same outcomes.

    `low` and `high` bound the challenger's Brier less the model's; below 0 favours the challenger.
    """

    challenger: str
    scored: int
    count: int
    brier: float | None
    brier_challenger: float | None
    low: float | None
    high: float | None
    enough: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEvidence:
    """How the model fares since it works here.

    Attributes:
        scorer: its name.
        days: longest time looked back on, `drift_days` that of the drift.
        scored: setups it scored in that time.
        ended: of them followed to their end, traded or not, with a result.
        paid: of these, net of costs.
        net_r: mean net result of these in R, 0 without any.
        calibrated: outcomes of followed setups, traded or not; None for the heuristic scorer.
        traded: closed trades, a row a book.
        card_brier: what the card says.
        drift: of each feature in the last days, largest first.
        drift_note: why there is none.
        rivalry: with the challenger; None without one.
    """

    scorer: str
    days: int
    drift_days: int
    scored: int
    ended: int
    paid: int
    net_r: float
    calibrated: Calibrated | None
    traded: tuple[Traded, ...]
    card_brier: float | None
    drift: tuple[Drift, ...]
    drift_note: str
    rivalry: Rivalry | None
