"""The JSON beside a model: what it was trained on, how to read its scores, how to check it."""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise
from typing import Any

import orjson

from engine.domain.candle import Timeframe
from engine.domain.errors import ScorerError
from engine.domain.setup import Recipe
from models.drift import Histogram

FORMAT = 2
"""Of the manifests this program writes.

1: without `format` and `histograms`; still read, but nothing can be said of drift.
2: with the histograms of the training.
"""
_UNHASHED = ("created", "host")
_SINCE_2 = ("format", "histograms")


@dataclass(frozen=True, slots=True)
class Steps:
    """A step function: `values[i]` holds below `edges[i]`, the last one above all edges."""

    edges: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, x: float) -> float:
        """Return the value of the step that holds `x`; an edge belongs to the step above it."""
        return self.values[bisect_right(self.edges, x)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything a scorer must know beside the trees.

    Attributes:
        sha256: of the model text, 64 hex digits.
        schema: name of the feature schema.
        features: its ordered feature names.
        recipes: recipes it was fitted on; it scores no others.
        timeframes: timeframes it was fitted on; it scores no others.
        knots_x: model outputs at the knots of the isotonic calibration, strictly rising.
        knots_y: calibrated probabilities there, not falling.
        payoff: net win over net loss by cost/R.
        outcomes: number of validated outcomes by model output.
        quantiles: model outputs at evenly spaced quantiles 0..1, for the automatic threshold.
        threshold: model output from which setups are signals by default.
        round_trip_cost_ratio: cost both ways as a ratio of the price, assumed when measuring.
        golden_inputs: feature rows whose outputs are known.
        golden_outputs: the model's outputs for them, uncalibrated.
        edge: True only if net expectancy was shown to lie above zero and above the null.
        histograms: of every feature in training, in the order of `features`; empty in format 1.
        format: of this manifest.
        costs: cost assumptions, for the card.
        provenance: data files, periods, symbols, for the card.
        metrics: validation results, for the card.
        versions: of the libraries that trained it.
        created: when, ISO 8601; not part of the bundle's hash.
        host: where; not part of the bundle's hash.
    """

    sha256: str
    schema: str
    features: tuple[str, ...]
    recipes: tuple[str, ...]
    timeframes: tuple[str, ...]
    knots_x: tuple[float, ...]
    knots_y: tuple[float, ...]
    payoff: Steps
    outcomes: Steps
    quantiles: tuple[float, ...]
    threshold: float
    round_trip_cost_ratio: float
    golden_inputs: tuple[tuple[float, ...], ...]
    golden_outputs: tuple[float, ...]
    edge: bool
    histograms: tuple[Histogram, ...] = ()
    format: int = FORMAT
    costs: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""
    host: str = ""

    def calibrated(self, output: float) -> float:
        """Return the probability at a model output: linear between knots, flat beyond them."""
        above = bisect_right(self.knots_x, output)
        if above == 0:
            return self.knots_y[0]
        if above == len(self.knots_x):
            return self.knots_y[-1]
        left, right = self.knots_x[above - 1], self.knots_x[above]
        low, high = self.knots_y[above - 1], self.knots_y[above]
        return min(high, low + (high - low) * (output - left) / (right - left))

    def to_json(self) -> bytes:
        """Return the manifest as indented JSON with sorted keys."""
        values = _plain(self, left_out=())
        return orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def bundle_hash(text: bytes, manifest: Manifest) -> str:
    """Return the identity of a bundle: SHA-256 of the model text and the canonical manifest.

    Time and place of the training are left out, so that a repeated training is the same bundle.
    """
    kept = _plain(manifest, left_out=_UNHASHED)
    return hashlib.sha256(text + orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(manifest: Manifest, *, left_out: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields as they are written; those of a later format stay away from format 1.

    The identity of an old bundle, which somebody may have pinned, must not change with us.
    """
    if manifest.format == 1:
        left_out = (*left_out, *_SINCE_2)
    return {key: value for key, value in asdict(manifest).items() if key not in left_out}


def parse_manifest(raw: bytes) -> Manifest:
    """Return the manifest in these bytes.

    Raises:
        ScorerError: not JSON, a field is missing or unknown, or a value is out of its range.
    """
    try:
        values = orjson.loads(raw)
        _refuse_other_formats(values)
        _refuse_other_fields(values)
        manifest = _manifest(values)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ScorerError(f"model manifest cannot be read: {error}") from error
    check_manifest(manifest)
    return manifest


def check_manifest(manifest: Manifest) -> None:
    """Refuse a manifest whose numbers cannot be meant.

    Raises:
        ScorerError: the first fault, in words.
    """
    for fault, broken in _faults(manifest):
        if broken:
            raise ScorerError(f"model manifest: {fault}")


def _faults(m: Manifest) -> list[tuple[str, bool]]:
    width = len(m.features)
    return [
        ("sha256 must be 64 hex digits", not _is_sha256(m.sha256)),
        (f"unknown recipe in {m.recipes}", not _are_values(m.recipes, set(Recipe))),
        (
            f"unknown timeframe in {m.timeframes}",
            not _are_values(m.timeframes, {t.value for t in Timeframe}),
        ),
        ("calibration needs 2 or more knots", len(m.knots_x) < 2),
        ("calibration knots differ in number", len(m.knots_x) != len(m.knots_y)),
        ("calibration knots_x must rise", not _rises(m.knots_x, strictly=True)),
        ("calibration knots_y must not fall", not _rises(m.knots_y, strictly=False)),
        ("calibration knots_y must lie in 0..1", not _within(m.knots_y, 0.0, 1.0)),
        ("payoff needs one ratio more than edges, all above 0", not _are_steps(m.payoff, 1e-9)),
        ("outcomes needs one count more than edges", not _are_steps(m.outcomes, 0.0)),
        ("quantiles must not fall", not m.quantiles or not _rises(m.quantiles, strictly=False)),
        ("threshold must lie in 0..1", not _within((m.threshold,), 0.0, 1.0)),
        ("cost ratio must lie in 0..1", not _within((m.round_trip_cost_ratio,), 0.0, 1.0)),
        ("golden vectors are missing", not m.golden_inputs),
        ("golden vectors differ in number", len(m.golden_inputs) != len(m.golden_outputs)),
        ("golden vectors differ in width", any(len(row) != width for row in m.golden_inputs)),
        ("golden outputs must lie in 0..1", not _within(m.golden_outputs, 0.0, 1.0)),
        (
            "histograms must be of the features, in their order",
            m.format > 1 and tuple(one.feature for one in m.histograms) != m.features,
        ),
        *(
            (f"histogram of {one.feature}: {one.fault()}", one.fault() != "")
            for one in m.histograms
        ),
    ]


def _manifest(values: Mapping[str, Any]) -> Manifest:
    return Manifest(
        sha256=str(values["sha256"]),
        schema=str(values["schema"]),
        features=tuple(str(name) for name in values["features"]),
        recipes=tuple(str(name) for name in values["recipes"]),
        timeframes=tuple(str(name) for name in values["timeframes"]),
        knots_x=_floats(values["knots_x"]),
        knots_y=_floats(values["knots_y"]),
        payoff=_steps(values["payoff"]),
        outcomes=_steps(values["outcomes"]),
        quantiles=_floats(values["quantiles"]),
        threshold=float(values["threshold"]),
        round_trip_cost_ratio=float(values["round_trip_cost_ratio"]),
        golden_inputs=tuple(_inputs(row) for row in values["golden_inputs"]),
        golden_outputs=_floats(values["golden_outputs"]),
        edge=_flag(values["edge"]),
        histograms=tuple(_histogram(one) for one in values.get("histograms", ())),
        format=int(values.get("format", 1)),
        costs=dict(values.get("costs", {})),
        provenance=dict(values.get("provenance", {})),
        metrics=dict(values.get("metrics", {})),
        versions=dict(values.get("versions", {})),
        created=str(values.get("created", "")),
        host=str(values.get("host", "")),
    )


def _refuse_other_formats(values: Mapping[str, Any]) -> None:
    # Before the fields: a later format has fields that we do not know.
    given = values.get("format", 1)
    if given not in {1, FORMAT}:
        raise ValueError(
            f"it has format {given}, this program reads 1 to {FORMAT}: update the program"
        )


def _refuse_other_fields(values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - {known.name for known in fields(Manifest)})
    if unknown:
        raise ValueError(f"unknown field {unknown[0]}")


def _floats(values: Sequence[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _inputs(row: Sequence[Any]) -> tuple[float, ...]:
    # A missing value is null: JSON has no NaN.
    return tuple(math.nan if value is None else float(value) for value in row)


def _histogram(values: Mapping[str, Any]) -> Histogram:
    shares = {str(name): _floats(row) for name, row in values["shares"].items()}
    return Histogram(str(values["feature"]), _floats(values["edges"]), shares)


def _steps(values: Mapping[str, Any]) -> Steps:
    return Steps(_floats(values["edges"]), _floats(values["values"]))


def _flag(value: object) -> bool:
    # "false" is a true string; money hangs on this one.
    if not isinstance(value, bool):
        raise TypeError(f"edge must be true or false, not {value!r}")
    return value


def _are_steps(steps: Steps, least: float) -> bool:
    return (
        len(steps.values) == len(steps.edges) + 1
        and _rises(steps.edges, strictly=True)
        and _within(steps.values, least, math.inf)
    )


def _are_values(names: Sequence[str], known: set[Any]) -> bool:
    return bool(names) and set(names) <= known


def _rises(values: Sequence[float], *, strictly: bool) -> bool:
    finite = all(math.isfinite(value) for value in values)
    return finite and all(a < b or (a == b and not strictly) for a, b in pairwise(values))


def _within(values: Sequence[float], low: float, high: float) -> bool:
    return all(math.isfinite(value) and low <= value <= high for value in values)


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and all(digit in "0123456789abcdef" for digit in text)
