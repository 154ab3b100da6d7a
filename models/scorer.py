"""The scorer with a model: LightGBM trees, isotonic calibration, measured payoffs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import ScorerError
from engine.domain.setup import Setup
from engine.domain.signal import Score
from engine.ports import Scorer
from models.artifacts import Bundle, load_bundle
from models.features import matrix_of, reads_market
from models.heuristic import HeuristicScorer, unscored
from models.probe import Probe, probe_in_child
from models.schema import SCHEMAS, Schema

if TYPE_CHECKING:
    import polars as pl


class LightGBMScorer:
    """Implements `ports.Scorer` with a checked bundle.

    A score's `value` is the model's raw output, which ranks without the ties that an isotonic
    calibration makes; `probability` is calibrated. Setups of recipes or timeframes the model was
    not fitted on get the heuristic value under the heuristic's name and no probability.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        manifest = bundle.manifest
        self._schema = SCHEMAS[manifest.schema]
        self._recipes = frozenset(manifest.recipes)
        self._timeframes = frozenset(manifest.timeframes)
        self._name = f"lgbm:{bundle.hash[:8]}"

    @property
    def name(self) -> str:
        """The bundle's identity, shortened."""
        return self._name

    def covers(self, setup: Setup) -> bool:
        """Return whether the model was fitted on setups of this recipe and timeframe."""
        return setup.recipe.value in self._recipes and setup.timeframe.value in self._timeframes

    @property
    def schema(self) -> Schema:
        """The features it reads."""
        return self._schema

    @property
    def reads_market(self) -> bool:
        """Whether its setups must carry their market context."""
        return reads_market(self._schema)

    def matrix(self, setups: Sequence[Setup]) -> NDArray[np.float32]:
        """Return the features of setups, by the schema and the cost assumption of the model."""
        return matrix_of(setups, self._schema, self.bundle.manifest.round_trip_cost_ratio)

    def score(self, setups: Sequence[Setup]) -> tuple[Score, ...]:
        """Return one score a setup, in order; it does not depend on the other setups."""
        matrix = self.matrix(setups)
        covered = [self.covers(setup) for setup in setups]
        outputs = iter(self._outputs(matrix[covered]).tolist())
        rows = matrix.tolist()
        return tuple(
            self._score(setup, next(outputs), row) if ours else unscored(setup, row)
            for setup, row, ours in zip(setups, rows, covered, strict=True)
        )

    def values(self, table: "pl.DataFrame") -> NDArray[np.float64]:
        """Return `Score.value` of every row of a table of setups, as `score` gives it.

        The table has `models.features.inputs_of(schema)`, less `cost_r`, and the columns recipe
        and timeframe.
        """
        # Here and not above: the live process never scores tables and need not load Polars.
        from models.feature_table import is_among, table_matrix  # noqa: PLC0415

        matrix = table_matrix(table, self._schema, self.bundle.manifest.round_trip_cost_ratio)
        ours = is_among(table, self._recipes, self._timeframes)
        values: NDArray[np.float64] = table_matrix(table)[:, -1].astype(np.float64)
        values[ours] = self._outputs(matrix[ours])
        return values

    def _outputs(self, matrix: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.clip(self.bundle.trees.outputs(matrix), 0.0, 1.0)

    def _score(self, setup: Setup, output: float, row: list[float]) -> Score:
        manifest = self.bundle.manifest
        return Score(
            setup_id=setup.setup_id,
            value=output,
            scorer=self._name,
            probability=manifest.calibrated(output),
            payoff_ratio=manifest.payoff.at(self._cost_r(setup)),
            outcomes=int(manifest.outcomes.at(output)),
            edge=manifest.edge,
            features=tuple(row),
        )

    def _cost_r(self, setup: Setup) -> float:
        # Payoffs were measured by the cost assumptions of the training, so they are looked up by
        # these and not by the costs of the day, which the gate judges on its own.
        return self.bundle.manifest.round_trip_cost_ratio * setup.entry / setup.risk


@dataclass(frozen=True, slots=True)
class LoadedScorer:
    """A scorer to work with; `problem` says why it is not the model, "" if it is."""

    scorer: Scorer
    problem: str


def load_scorer(
    path: Path, *, pinned_hash: str = "", probe: Probe = probe_in_child
) -> LoadedScorer:
    """Return the model's scorer, or the heuristic one and the reason, which must be told loudly."""
    try:
        return LoadedScorer(
            LightGBMScorer(load_bundle(path, pinned_hash=pinned_hash, probe=probe)), ""
        )
    except ScorerError as error:
        return LoadedScorer(HeuristicScorer(), str(error))
