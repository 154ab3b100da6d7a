"""What /model shows: the card of the bundle in use, or that there is none."""

from dataclasses import dataclass


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
    """The scorer's name; `card` None and the `problem` in words where it is not a model."""

    scorer: str
    card: ModelCard | None
    problem: str
