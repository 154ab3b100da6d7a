"""The scorer that needs no model, and says so in its name."""

from collections.abc import Sequence

from engine.domain.setup import Setup
from engine.domain.signal import Score
from models.features import matrix_of

HEURISTIC = "heuristic"

SEED_QUANTILES = (
    *(0.2272, 0.2583, 0.2662, 0.2721, 0.2770, 0.2821, 0.2867),
    *(0.2911, 0.2955, 0.3000, 0.3056, 0.3109, 0.3173, 0.3240),
    *(0.3340, 0.3450, 0.3554, 0.3676, 0.3820, 0.4055, 0.5740),
)
"""Scores at the quantiles 0, 5 % ... 100 % of setups whose costs are at most 20 % of the risk.

Measured on 1,798 `sweep_bos_retest` setups of 20 symbols x 12 days of real 1m candles (spot 2021-04
and 2023-03, futures 2023-07 and 2025-01); the automatic threshold starts from them.
"""
SEED_PER_SYMBOL_DAY = 7.5
"""Such setups a symbol and day, in the same measurement."""


class HeuristicScorer:
    """Implements `ports.Scorer` with feature 12, the documented weighted sum.

    Its value ranks setups; it has no calibration, hence no probability, no payoff and no edge.
    """

    @property
    def name(self) -> str:
        """Which scorer this is."""
        return HEURISTIC

    def score(self, setups: Sequence[Setup]) -> tuple[Score, ...]:
        """Return one score a setup, in order."""
        rows = matrix_of(setups).tolist()
        return tuple(
            Score(setup_id=setup.setup_id, value=row[-1], scorer=HEURISTIC, features=tuple(row))
            for setup, row in zip(setups, rows, strict=True)
        )
