"""The ordered features of a model, by schema name.

A model is trained on one schema and names it; its inputs are positional, so order is part of the
contract and is compared when a model is loaded.
"""

from collections.abc import Mapping
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

SMC_V2 = Schema(
    "smc.v2",
    (
        *SMC12_V1.features,
        Feature("stop_atr", 0.0, 20.0),
        Feature("log_atr_price", -12.0, 0.0),
        Feature("cost_to_risk", 0.0, 5.0),
        Feature("volatility_regime", -3.0, 3.0),
        Feature("range_ahead_atr", 0.0, 50.0),
        Feature("range_behind_atr", 0.0, 50.0),
        Feature("return_15_atr", -15.0, 15.0),
        Feature("return_60_atr", -30.0, 30.0),
        Feature("relative_15m_atr", -15.0, 15.0),
        Feature("relative_60m_atr", -30.0, 30.0),
        Feature("btc_15m_pct", -5.0, 5.0),
        Feature("market_breadth", 0.0, 1.0),
        Feature("recipe_id", 0.0, 2.0),
        Feature("timeframe_id", 0.0, 3.0),
    ),
)
"""The twelve and what surrounds a Setup; `models.features_v2` defines each.

A value is null (NaN in a matrix) where a source lacks it: no candle 60 ago yet, no BTC among the
symbols, fewer than five symbols. Funding and taker volume are left out on purpose: the live process
is told the funding of the symbols it holds only, and hardly a minute of history has taker volume.
"""

SCHEMAS: Mapping[str, Schema] = {schema.name: schema for schema in (SMC12_V1, SMC_V2)}
"""Every schema this program computes, by name."""


def schema_of_width(features: int) -> Schema | None:
    """Return the schema with so many features, which no two share; None where there is none."""
    for schema in SCHEMAS.values():
        if len(schema.features) == features:
            return schema
    return None
