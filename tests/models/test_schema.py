"""The schema's order is a contract: a model trained on it reads positions, not names."""

from models.schema import SMC12_V1


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
