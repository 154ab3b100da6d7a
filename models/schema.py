"""The ordered features of a model, by schema name.

A model is trained on one schema and names it; its inputs are positional, so order is part of the
contract and is compared when a model is loaded.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature and the closed range it is clipped to."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Schema:
    """An ordered list of features under a name that never changes its meaning."""

    name: str
    features: tuple[Feature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The feature names in order."""
        return tuple(feature.name for feature in self.features)


SMC12_V1 = Schema(
    "smc12.v1",
    (
        Feature("market_structure", -1.0, 1.0),
        Feature("order_blocks_count", 0.0, 1.0),
        Feature("institutional_candle", 0.0, 5.0),
        Feature("liquidity_grab", 0.0, 3.0),
        Feature("fvg_size_atr", 0.0, 5.0),
        Feature("fvg_proximity", -5.0, 5.0),
        Feature("ob_proximity", -5.0, 5.0),
        Feature("atr_normalized_volume", -3.0, 3.0),
        Feature("rsi_14", 0.0, 1.0),
        Feature("momentum_atr", -10.0, 10.0),
        Feature("time_to_next_level", 0.0, 1.0),
        Feature("confidence_ensemble", 0.0, 1.0),
    ),
)
