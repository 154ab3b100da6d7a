"""How a model fares, with defaults."""

from typing import Any

from bot.desk_model import (
    Bucket,
    Calibrated,
    Drift,
    ModelEvidence,
    Rivalry,
    Traded,
)
from engine.domain.order import Book


def bucket(predicted: float = 0.3, **fields: Any) -> Bucket:
    values: dict[str, Any] = {
        "low": predicted - 0.02,
        "high": predicted + 0.02,
        "count": 400,
        "observed": 0.29,
        "least": 0.25,
        "most": 0.34,
        "card": 0.31,
    }
    return Bucket(predicted=predicted, **(values | fields))


def calibrated(**fields: Any) -> Calibrated:
    values: dict[str, Any] = {
        "count": 1200,
        "wins": 350,
        "expected": 362.4,
        "surprise": -0.8,
        "brier": 0.2041,
        "brier_base_rate": 0.2066,
        "buckets": (bucket(0.26), bucket(0.34)),
        "enough": True,
    }
    return Calibrated(**(values | fields))


def drift(feature: str = "rsi_14", index: float = 0.02, noise: float = 0.01) -> Drift:
    return Drift(feature=feature, index=index, noise=noise, count=1500)


def rivalry(**fields: Any) -> Rivalry:
    values: dict[str, Any] = {
        "challenger": "lgbm:cdcdcdcd",
        "scored": 1400,
        "count": 1100,
        "brier": 0.2041,
        "brier_challenger": 0.2012,
        "low": -0.0041,
        "high": -0.0017,
        "enough": True,
    }
    return Rivalry(**(values | fields))


def evidence(**fields: Any) -> ModelEvidence:
    values: dict[str, Any] = {
        "scorer": "lgbm:abababab",
        "days": 14,
        "drift_days": 7,
        "scored": 1500,
        "ended": 1200,
        "paid": 350,
        "net_r": -0.214,
        "calibrated": calibrated(),
        "traded": (Traded(book=Book.PAPER, count=9, wins=3, expected=2.8),),
        "card_brier": 0.2101,
        "drift": (drift("liquidity_grab", 0.31), drift()),
        "drift_note": "",
        "rivalry": None,
    }
    return ModelEvidence(**(values | fields))
