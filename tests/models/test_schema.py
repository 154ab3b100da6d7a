"""The schema's order is a contract: a model trained on it reads positions, not names."""

from models.schema import SCHEMAS, SMC12_V1, SMC_V2, schema_of_width


def test_schema_when_named_v1_never_changes() -> None:
    assert SMC12_V1.name == "smc12.v1"
    assert [(f.name, f.low, f.high) for f in SMC12_V1.features] == [
        ("market_structure", -1, 1),
        ("order_blocks_count", 0, 1),
        ("institutional_candle", 0, 5),
        ("liquidity_grab", 0, 3),
        ("fvg_size_atr", 0, 5),
        ("fvg_proximity", -5, 5),
        ("ob_proximity", -5, 5),
        ("atr_normalized_volume", -3, 3),
        ("rsi_14", 0, 1),
        ("momentum_atr", -10, 10),
        ("time_to_next_level", 0, 1),
        ("confidence_ensemble", 0, 1),
    ]


def test_schemas_when_listed_are_known_by_name_and_width() -> None:
    assert {name: schema.name for name, schema in SCHEMAS.items()} == {
        "smc12.v1": "smc12.v1",
        "smc.v2": "smc.v2",
    }
    for schema in SCHEMAS.values():
        assert schema_of_width(len(schema.features)) is schema
        assert len(set(schema.names)) == len(schema.names)
        assert all(feature.low < feature.high for feature in schema.features)
    assert schema_of_width(3) is None


def test_schema_v2_when_named_begins_with_the_twelve_and_adds_fourteen() -> None:
    assert SMC_V2.features[:12] == SMC12_V1.features
    assert SMC_V2.names[12:] == (
        "stop_atr",
        "log_atr_price",
        "cost_to_risk",
        "volatility_regime",
        "range_ahead_atr",
        "range_behind_atr",
        "return_15_atr",
        "return_60_atr",
        "relative_15m_atr",
        "relative_60m_atr",
        "btc_15m_pct",
        "market_breadth",
        "recipe_id",
        "timeframe_id",
    )
