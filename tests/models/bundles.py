"""A tiny model trained in the test run, and its manifest."""

from functools import cache
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models.bundling import training_histograms
from models.drift import Histogram
from models.manifest import Manifest, Steps
from models.schema import SMC12_V1, SMC_V2

ROUNDS = 40


@cache
def rows(count: int = 600, seed: int = 7) -> NDArray[np.float32]:
    """Return feature rows spread over each feature's range."""
    random = np.random.default_rng(seed)
    low = np.array([feature.low for feature in SMC12_V1.features])
    high = np.array([feature.high for feature in SMC12_V1.features])
    return (low + random.random((count, len(low))) * (high - low)).astype(np.float32)


@cache
def model_text(names: tuple[str, ...] = SMC12_V1.names) -> str:
    """Return the text of a model that prefers deep sweeps and strong bodies."""
    inputs = rows()[:, : len(names)]
    random = np.random.default_rng(11)
    wins = random.random(len(inputs)) < 0.15 + 0.15 * inputs[:, 3] + 0.05 * inputs[:, 2]
    data = lightgbm.Dataset(inputs, wins.astype(int), feature_name=list(names))
    settings = {
        "objective": "binary",
        "deterministic": True,
        "seed": 1,
        "num_threads": 1,
        "num_leaves": 7,
        "verbosity": -1,
    }
    return lightgbm.train(settings, data, ROUNDS).model_to_string()


@cache
def histograms() -> tuple[Histogram, ...]:
    """Return where `rows()` lie; the same for both timeframes."""
    inputs = rows()
    kinds = np.array(["1m", "15m"] * (len(inputs) // 2), dtype=object)
    return training_histograms(SMC12_V1.names, inputs, kinds)


def manifest(**changes: Any) -> Manifest:
    """Return a manifest for `model_text()`; `save_bundle` fills in the hash."""
    golden = rows()[:8]
    booster = lightgbm.Booster(model_str=model_text())
    outputs = np.asarray(booster.predict(golden, num_threads=1))
    values: dict[str, Any] = {
        "sha256": "0" * 64,
        "schema": SMC12_V1.name,
        "features": SMC12_V1.names,
        "recipes": ("sweep_bos_retest",),
        "timeframes": ("1m", "15m"),
        "knots_x": (0.1, 0.4, 0.8),
        "knots_y": (0.25, 0.35, 0.45),
        "payoff": Steps((0.1, 0.2), (1.8, 1.5, 1.1)),
        "outcomes": Steps((0.3, 0.6), (900.0, 450.0, 120.0)),
        "quantiles": (0.05, 0.2, 0.3, 0.5, 0.9),
        "threshold": 0.4,
        "round_trip_cost_ratio": 0.0013,
        "golden_inputs": tuple(tuple(row) for row in golden.astype(float).tolist()),
        "golden_outputs": tuple(outputs.tolist()),
        "edge": False,
        "histograms": histograms(),
        "costs": {"taker_ratio": 0.0005},
        "provenance": {"files": ["synthetic"]},
        "metrics": {"auc": 0.5},
        "versions": {"lightgbm": lightgbm.__version__},
        "created": "2026-11-22T00:00:00Z",
        "host": "a",
    }
    return Manifest(**{**values, **changes})


@cache
def surrounded_rows(count: int = 600, seed: int = 7) -> NDArray[np.float32]:
    """Return rows of `smc.v2`; a tenth of what a source may lack is unknown."""
    random = np.random.default_rng(seed)
    low = np.array([feature.low for feature in SMC_V2.features])
    high = np.array([feature.high for feature in SMC_V2.features])
    made = (low + random.random((count, len(low))) * (high - low)).astype(np.float32)
    may_lack = np.arange(len(low)) >= len(SMC12_V1.features)
    made[(random.random(made.shape) < 0.1) & may_lack] = np.nan
    return made


@cache
def surrounded() -> tuple[str, Manifest]:
    """Return text and manifest of a model of `smc.v2` that likes wide stops and a rising BTC."""
    inputs, random = surrounded_rows(), np.random.default_rng(11)
    stop, btc = (inputs[:, SMC_V2.names.index(name)] for name in ("stop_atr", "btc_15m_pct"))
    liking = 0.3 + 0.02 * np.nan_to_num(stop) + 0.04 * np.nan_to_num(btc)
    wins = random.random(len(inputs)) < liking
    names = list(SMC_V2.names)
    settings = {"objective": "binary", "seed": 1, "num_threads": 1, "verbosity": -1}
    booster = lightgbm.train(
        settings | {"num_leaves": 7},
        lightgbm.Dataset(inputs, wins.astype(int), feature_name=names),
        ROUNDS,
    )
    golden = inputs[:8]
    kinds = np.array(["1m", "15m"] * (len(inputs) // 2), dtype=object)
    return booster.model_to_string(), manifest(
        schema=SMC_V2.name,
        features=SMC_V2.names,
        golden_inputs=tuple(tuple(row) for row in golden.astype(float).tolist()),
        golden_outputs=tuple(np.asarray(booster.predict(golden, num_threads=1)).tolist()),
        histograms=training_histograms(SMC_V2.names, inputs, kinds),
    )
