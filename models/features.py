"""The features of a schema as arithmetic over columns of raw setup quantities.

The same formulas serve a burst of live setups and the rows of a data set, bit for bit: a column is
a float64 array without gaps in memory, NaN where a quantity is unknown. Every feature is mirrored
by the setup's direction d (+1 long, -1 short), clipped to its range, float32; those of `smc12.v1`,
which are written here, are finite, later ones may be NaN.

Nothing here needs a table library: the live process would pay 35 MB for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from engine.domain.candle import Timeframe
from engine.domain.setup import MarketContext, Recipe, Setup, SmcContext
from models.confidence import confidence
from models.features_v2 import raw_v2
from models.schema import SCHEMAS, SMC12_V1, Schema

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]

CONTEXT: tuple[str, ...] = tuple(field.name for field in fields(SmcContext))
MARKET: tuple[str, ...] = tuple(field.name for field in fields(MarketContext))
COST = "cost_r"
"""The assumed round trip over |entry - stop|."""
WORDS: Mapping[str, tuple[str, ...]] = {
    "timeframe": tuple(timeframe.value for timeframe in Timeframe),
    "recipe": tuple(recipe.value for recipe in Recipe),
}
"""Columns of words; as a number each is its place in here, shortest timeframe first."""
_OWN = ("direction", "entry", "stop", *CONTEXT)
_INPUTS = (*WORDS, *_OWN, COST, *MARKET)
_CONFIDENCE = "confidence_ensemble"

SWEEP_FADE_CANDLES = 10.0
NO_LEVEL_CANDLES = 120.0


def inputs_of(schema: Schema) -> tuple[str, ...]:
    """Return the columns a schema's features are computed from."""
    return _SETS[schema.name].reads


def reads_market(schema: Schema) -> bool:
    """Return whether a schema's features look at the other symbols."""
    return not set(MARKET).isdisjoint(inputs_of(schema))


def features_of(columns: Columns, schema: Schema = SMC12_V1) -> NDArray[np.float32]:
    """Return the features of setups as an array of shape (setups, features).

    Args:
        columns: of equal length, contiguous; has at least `inputs_of(schema)`.
        schema: which features.
    """
    made = _SETS[schema.name]
    with np.errstate(all="ignore"):
        raw: dict[str, Floats] = {}
        for formulas in made.formulas:
            raw |= formulas(columns)
        rows = np.stack([raw[name] for name in made.names])
    # Adding 0 turns -0 into 0, which are one value to a model and two to a comparison of bytes.
    rows = np.minimum(np.maximum(rows, made.low), made.high) + 0.0
    # The confidence is a sum of the others as they are clipped.
    last = confidence(dict(zip(made.names, rows, strict=True)))
    return np.ascontiguousarray(np.insert(rows, made.confidence_at, last, axis=0).T, np.float32)


def matrix_of(
    setups: Sequence[Setup], schema: Schema = SMC12_V1, cost_ratio: float = 0.0
) -> NDArray[np.float32]:
    """Return the features of setups as an array of shape (setups, features).

    Args:
        setups: the setups.
        schema: which features.
        cost_ratio: round trip as a ratio of the price, as the model assumes it.
    """
    names = inputs_of(schema)
    columns = _columns(setups, tuple(name for name in names if name in _OWN))
    if COST in names:
        columns[COST] = costs(columns["entry"], columns["stop"], cost_ratio)
    if reads_market(schema):
        around = [setup.market or _NOWHERE for setup in setups]
        columns |= _read(around, tuple(name for name in names if name in MARKET))
    for word in WORDS.keys() & set(names):
        places = [_PLACES[getattr(setup, word).value] for setup in setups]
        columns[word] = np.array(places, dtype=np.float64)
    return features_of(columns, schema)


def costs(entry: Floats, stop: Floats, cost_ratio: float) -> Floats:
    """Return the column `cost_r` of setups at these assumed costs."""
    return cost_ratio * entry / np.abs(entry - stop)


_NOWHERE = MarketContext(**dict.fromkeys(MARKET))
_PLACES = {word: place for words in WORDS.values() for place, word in enumerate(words)}


def _columns(setups: Sequence[Setup], names: tuple[str, ...]) -> dict[str, Floats]:
    paths = tuple(f"context.{name}" if name in CONTEXT else name for name in names)
    return dict(zip(names, _read(setups, paths).values(), strict=True))


def _read(things: Sequence[object], paths: tuple[str, ...]) -> dict[str, Floats]:
    """Return attributes of things as columns, NaN for None; two paths or more."""
    read = _reader(paths)
    # Attributes are plain numbers or None, which becomes NaN here.
    table = np.array([read(thing) for thing in things], dtype=np.float64)
    return dict(zip(paths, np.ascontiguousarray(table.reshape(-1, len(paths)).T), strict=True))


@cache
def _reader(paths: tuple[str, ...]) -> Callable[[object], tuple[float | None, ...]]:
    return attrgetter(*paths)


@dataclass(frozen=True, slots=True)
class _FeatureSet:
    """How a schema is computed: all but the confidence by formulas, that one by those.

    `low` and `high` are columns of the clipping bounds of `names`.
    """

    formulas: tuple[Callable[[Columns], dict[str, Floats]], ...]
    names: tuple[str, ...]
    low: Floats
    high: Floats
    confidence_at: int
    reads: tuple[str, ...]


class _Asked(dict[str, Floats]):
    """Gives out columns of no rows and so learns which ones formulas read."""

    def __missing__(self, name: str) -> Floats:
        self[name] = np.empty(0)
        return self[name]


def _feature_set(schema: Schema) -> _FeatureSet:
    asked = _Asked()
    formulas = tuple(
        formula for formula in (_raw, raw_v2) if formula(_Asked()).keys() & set(schema.names)
    )
    for formula in formulas:
        formula(asked)
    clipped = [feature for feature in schema.features if feature.name != _CONFIDENCE]
    return _FeatureSet(
        formulas=formulas,
        names=tuple(feature.name for feature in clipped),
        low=np.array([[feature.low] for feature in clipped]),
        high=np.array([[feature.high] for feature in clipped]),
        confidence_at=schema.names.index(_CONFIDENCE),
        reads=tuple(name for name in _INPUTS if name in asked),
    )


def _raw(c: Columns) -> dict[str, Floats]:
    """Return features 1-11, not yet clipped."""
    d, atr, close = c["direction"], c["atr"], c["close"]
    gap, block = c["gap_near_edge"], c["block_near_edge"]
    fade = np.exp(-c["sweep_age_candles"] / SWEEP_FADE_CANDLES)
    return {
        "market_structure": _market_structure(c),
        "order_blocks_count": _within(c["live_order_blocks_near"], 5.0) / 5.0,
        "institutional_candle": c["best_body_5"] / atr,
        "liquidity_grab": c["sweep_depth"] / atr * fade,
        "fvg_size_atr": _or(np.abs(gap - c["gap_far_edge"]) / atr, 0.0),
        "fvg_proximity": _or(d * (close - gap) / atr, 5.0),
        "ob_proximity": _or(d * (close - block) / atr, 5.0),
        "atr_normalized_volume": _effort_against_result(c),
        "rsi_14": 0.5 + d * (c["rsi"] / 100.0 - 0.5),
        "momentum_atr": d * (close - c["close_10_ago"]) / atr,
        "time_to_next_level": _candles_to_next_level(c) / NO_LEVEL_CANDLES,
    }


def _market_structure(c: Columns) -> Floats:
    # At most one of the two runs is positive.
    return (_within(c["breaks_with_trend"], 3.0) - _within(c["breaks_against_trend"], 3.0)) / 3.0


def _effort_against_result(c: Columns) -> Floats:
    mean = c["mean_quote_volume_20"]
    effort = np.where(mean > 0, c["quote_volume"] / mean, 1.0)
    # A ratio of 0 goes to its bound; where both are 0 (NaN) there was no effort, which comes first.
    return _or(np.log(effort / (c["true_range"] / c["atr"])), -3.0)


def _candles_to_next_level(c: Columns) -> Floats:
    distance = np.abs(c["nearest_opposing_pool"] - c["close"])
    # At no pace the level is infinitely far; at no distance either (NaN) it says nothing.
    return _or(distance / c["mean_abs_change_20"], NO_LEVEL_CANDLES)


def _within(column: Floats, most: float) -> Floats:
    return np.minimum(np.maximum(column, 0.0), most)


def _or(column: Floats, unknown: float) -> Floats:
    return np.where(np.isnan(column), unknown, column)


_SETS = {name: _feature_set(schema) for name, schema in SCHEMAS.items()}
