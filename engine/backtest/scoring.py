"""Scores of found setups as columns, before any Setup is made of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from engine.backtest.detection import Found
from engine.backtest.series import Floats, Ints
from engine.backtest.surroundings import Surroundings
from engine.domain.setup import Setup
from engine.domain.signal import Score
from engine.ports import Scorer
from engine.risk.costs import CostModel
from engine.smc.params import DetectorParams
from engine.smc.setup_row import BAR, ENTRY, STOP
from engine.smc.setups import SetupMaker

SCORE_CHUNK = 20_000

Flags = NDArray[np.bool_]
BulkScorer = Callable[[Sequence[Found]], Sequence[Floats]]
"""Returns the `Score.value` of every row of each part, equal to what the scorer port gives."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Found setups that may pass the cost gate, with their scores.

    Attributes:
        found: the rows kept.
        values: `Score.value` of each.
        costly: close times of the rows left out: too costly under every assumption of the runs.
    """

    found: Found
    values: Floats
    costly: Ints


def score_found(
    found: Sequence[Found],
    ticks: dict[str, float],
    cheapest: CostModel,
    max_cost_r: float,
    score: BulkScorer,
) -> list[Scored]:
    """Score what may pass the cost gate.

    Args:
        found: setups of the wanted timeframes.
        ticks: tick size by symbol.
        cheapest: the lowest costs of any run: what fails under these fails in all.
        max_cost_r: the gate's limit; infinite keeps everything.
        score: scores whole parts.
    """
    passing = [cost_r(part, ticks[part.symbol], cheapest) <= max_cost_r for part in found]
    kept = [
        Found(part.symbol, part.timeframe, part.rows[passes], part.times[passes])
        for part, passes in zip(found, passing, strict=True)
    ]
    return [
        Scored(rows, values, part.times[~passes] + part.timeframe.ms)
        for rows, values, part, passes in zip(kept, score(kept), found, passing, strict=True)
    ]


def score_one_by_one(
    scorer: Scorer, params: DetectorParams, around: Surroundings | None = None
) -> BulkScorer:
    """Return a bulk scorer that makes a Setup of every row: for scorers without a faster way."""

    def values(parts: Sequence[Found]) -> list[Floats]:
        return [
            _values(scorer, setups_of(part, params, range(len(part.rows)), around))
            for part in parts
        ]

    return values


def setups_of(
    part: Found,
    params: DetectorParams,
    numbers: Sequence[int],
    around: Surroundings | None = None,
) -> list[Setup]:
    """Make Setups of the rows with these numbers, with their market where it is asked for."""
    setups = list(_made(part, params, numbers))
    return setups if around is None else around.given_to(setups)


def _made(part: Found, params: DetectorParams, numbers: Sequence[int]) -> Iterator[Setup]:
    maker = SetupMaker(part.symbol, part.timeframe, params)
    for number in numbers:
        # One row at a time: the flat view of all rows as Python floats would be far larger.
        value = part.rows[number].tolist()
        yield maker.setup(value, 0, int(value[BAR]), int(part.times[number]))


def cost_r(part: Found, tick_size: float, costs: CostModel) -> Floats:
    """Return the round-trip cost of each row in R, to the last digit what the core reckons."""
    entry, stop = part.rows[:, ENTRY], part.rows[:, STOP]
    spread = np.maximum(costs.spread_ratio, tick_size / entry)
    risk = np.abs(entry - stop) / entry
    with np.errstate(divide="ignore"):
        ratio: Floats = (2.0 * costs.taker_fee + spread + costs.impact_ratio) / risk
    return np.where(risk > 0, ratio, inf)


def score_setups(scorer: Scorer, setups: Sequence[Setup]) -> tuple[Score, ...]:
    """Score many Setups, some thousands at a time; a score does not depend on its batch."""
    return tuple(
        score
        for first in range(0, len(setups), SCORE_CHUNK)
        for score in scorer.score(setups[first : first + SCORE_CHUNK])
    )


def _values(scorer: Scorer, setups: Sequence[Setup]) -> Floats:
    return np.array([one.value for one in score_setups(scorer, setups)], dtype=np.float64)
