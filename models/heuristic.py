"""The scorer that needs no model, and says so in its name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.domain.setup import Setup
from engine.domain.signal import Score
from models.features import matrix_of
from models.schema import SMC12_V1

if TYPE_CHECKING:
    import polars as pl

HEURISTIC = "heuristic"

SEED_QUANTILES: tuple[float, ...] = (
    *(0.2272, 0.2425, 0.2481, 0.2514, 0.2548, 0.2583, 0.2601, 0.2614, 0.2634, 0.2651),
    *(0.2662, 0.2674, 0.2686, 0.2696, 0.2712, 0.2721, 0.2729, 0.2743, 0.2751, 0.2762),
    *(0.2770, 0.2780, 0.2790, 0.2798, 0.2813, 0.2821, 0.2828, 0.2836, 0.2847, 0.2856),
    *(0.2867, 0.2877, 0.2887, 0.2898, 0.2904, 0.2911, 0.2918, 0.2927, 0.2939, 0.2948),
    *(0.2955, 0.2962, 0.2971, 0.2978, 0.2987, 0.3000, 0.3008, 0.3023, 0.3037, 0.3046),
    *(0.3056, 0.3070, 0.3080, 0.3086, 0.3097, 0.3109, 0.3120, 0.3132, 0.3150, 0.3163),
    *(0.3173, 0.3182, 0.3192, 0.3207, 0.3220, 0.3240, 0.3254, 0.3276, 0.3300, 0.3323),
    *(0.3340, 0.3357, 0.3378, 0.3399, 0.3431, 0.3450, 0.3469, 0.3491, 0.3515, 0.3531),
    *(0.3554, 0.3576, 0.3595, 0.3618, 0.3648, 0.3676, 0.3700, 0.3722, 0.3755, 0.3790),
    *(0.3820, 0.3853, 0.3890, 0.3929, 0.4002, 0.4055, 0.4149, 0.4216, 0.4333, 0.4447),
    *(0.5740,),
)
"""Scores at the quantiles 0, 1 % ... 100 % of setups whose costs are at most 20 % of the risk.

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
        return tuple(unscored(setup, row) for setup, row in zip(setups, rows, strict=True))

    def values(self, table: "pl.DataFrame") -> NDArray[np.float64]:
        """Return `Score.value` of every row of a table of setups, as `score` gives it."""
        # Here and not above: the live process never scores tables and need not load Polars.
        from models.feature_table import table_matrix  # noqa: PLC0415

        values: NDArray[np.float64] = table_matrix(table)[:, -1].astype(np.float64)
        return values


def unscored(setup: Setup, row: Sequence[float]) -> Score:
    """Return the heuristic score of a setup that no model scores.

    Args:
        setup: the setup.
        row: its features by any schema that begins with those of `smc12.v1`.
    """
    twelve = tuple(row[: len(SMC12_V1.features)])
    return Score(setup_id=setup.setup_id, value=twelve[-1], scorer=HEURISTIC, features=twelve)
