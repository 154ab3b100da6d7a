"""The manifest: read back as written, refused when its numbers cannot be meant."""

import hashlib
import math
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.errors import ScorerError
from models.manifest import Steps, bundle_hash, parse_manifest
from tests.models.bundles import manifest

PLAIN = manifest()


def test_manifest_when_written_is_read_back_equal() -> None:
    assert parse_manifest(manifest().to_json()) == manifest()


def test_steps_when_asked_hold_from_their_edge_on() -> None:
    steps = Steps((0.1, 0.2), (1.0, 2.0, 3.0))
    assert [steps.at(x) for x in (0.0, 0.1, 0.15, 0.2, 9.0)] == [1.0, 2.0, 2.0, 3.0, 3.0]


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=30, unique=True).map(sorted),
    st.lists(st.floats(0, 1), min_size=30, max_size=30).map(sorted),
    st.floats(0, 1),
)
@settings(max_examples=50)
def test_calibration_when_asked_anywhere_interpolates_and_never_falls(
    knots_x: list[float], levels: list[float], output: float
) -> None:
    knots_y = tuple(levels[: len(knots_x)])
    told = replace(PLAIN, knots_x=tuple(knots_x), knots_y=knots_y)
    assert told.calibrated(output) == pytest.approx(np.interp(output, knots_x, knots_y), abs=1e-9)
    at_knots = [told.calibrated(x) for x in knots_x]
    assert at_knots == pytest.approx(knots_y)
    assert knots_y[0] <= told.calibrated(output) <= knots_y[-1]


def test_hash_when_only_time_and_place_differ_is_the_same() -> None:
    plain = manifest()
    elsewhere = replace(plain, created="2030-01-01", host="b")
    assert bundle_hash(b"trees", plain) == bundle_hash(b"trees", elsewhere)
    assert bundle_hash(b"trees", plain) != bundle_hash(b"other", plain)
    assert bundle_hash(b"trees", plain) != bundle_hash(b"trees", replace(plain, edge=True))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sha256": "abc"}, "64 hex digits"),
        ({"recipes": ("moon",)}, "unknown recipe"),
        ({"recipes": ()}, "unknown recipe"),
        ({"timeframes": ("2m",)}, "unknown timeframe"),
        ({"knots_x": (0.1,), "knots_y": (0.2,)}, "2 or more knots"),
        ({"knots_y": (0.2, 0.3)}, "differ in number"),
        ({"knots_x": (0.1, 0.1, 0.8)}, "knots_x must rise"),
        ({"knots_x": (0.1, float("inf"), 0.8)}, "cannot be read|knots_x must rise"),
        ({"knots_y": (0.3, 0.2, 0.4)}, "knots_y must not fall"),
        ({"knots_y": (0.3, 0.4, 1.4)}, "lie in 0..1"),
        ({"payoff": Steps((0.1,), (1.0,))}, "payoff needs"),
        ({"payoff": Steps((), (0.0,))}, "payoff needs"),
        ({"outcomes": Steps((0.5, 0.4), (1.0, 2.0, 3.0))}, "outcomes needs"),
        ({"quantiles": ()}, "quantiles"),
        ({"threshold": 1.5}, "threshold"),
        ({"round_trip_cost_ratio": -0.1}, "cost ratio"),
        ({"golden_inputs": (), "golden_outputs": ()}, "golden vectors are missing"),
        ({"golden_outputs": (0.5,)}, "golden vectors differ in number"),
        ({"golden_inputs": ((1.0,),) * 8}, "golden vectors differ in width"),
        ({"golden_outputs": (2.0,) * 8}, "golden outputs"),
    ],
)
def test_manifest_when_a_number_cannot_be_meant_is_refused(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ScorerError, match=told):
        parse_manifest(manifest(**changes).to_json())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"edge": "false"}, "edge must be true or false"),
        ({"edge": 1}, "edge must be true or false"),
        ({"pickle": "x"}, "unknown field pickle"),
        ({"knots_x": ["a"]}, "could not convert"),
        ({"payoff": [1, 2]}, "cannot be read"),
    ],
)
def test_manifest_when_a_field_has_another_type_is_refused(
    change: dict[str, Any], told: str
) -> None:
    values = orjson.loads(manifest().to_json())
    with pytest.raises(ScorerError, match=told):
        parse_manifest(orjson.dumps({**values, **change}))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b"null", b"\xff\xfe"])
def test_manifest_when_it_is_no_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(ScorerError, match="cannot be read"):
        parse_manifest(raw)


def old_format(**changes: Any) -> bytes:
    values = orjson.loads(replace(PLAIN, format=1, histograms=()).to_json())
    return orjson.dumps({**values, **changes})


def test_manifest_when_of_format_1_is_read_and_says_nothing_of_drift() -> None:
    raw = old_format()
    assert b"histograms" not in raw
    assert b'"format"' not in raw
    told = parse_manifest(raw)
    assert (told.format, told.histograms) == (1, ())
    assert told.payoff == PLAIN.payoff


def test_hash_when_the_manifest_is_of_format_1_does_not_know_later_fields() -> None:
    told = parse_manifest(old_format())
    kept = {k: v for k, v in orjson.loads(old_format()).items() if k not in {"created", "host"}}
    canonical = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    assert bundle_hash(b"trees", told) == hashlib.sha256(b"trees" + canonical).hexdigest()


def test_manifest_when_of_a_later_format_asks_for_a_newer_program() -> None:
    raw = orjson.dumps({**orjson.loads(PLAIN.to_json()), "format": 3, "moon": 1})
    with pytest.raises(ScorerError, match="format 3, this program reads 1 to 2: update"):
        parse_manifest(raw)


def test_manifest_when_histograms_are_of_other_features_is_refused() -> None:
    raw = replace(PLAIN, histograms=PLAIN.histograms[1:]).to_json()
    with pytest.raises(ScorerError, match="histograms must be of the features"):
        parse_manifest(raw)


def test_manifest_when_a_histogram_is_broken_names_the_feature() -> None:
    first, *rest = PLAIN.histograms
    broken = replace(first, edges=tuple(reversed(first.edges)))
    with pytest.raises(ScorerError, match=f"histogram of {first.feature}: edges must rise"):
        parse_manifest(replace(PLAIN, histograms=(broken, *rest)).to_json())


def test_golden_inputs_when_a_value_is_missing_are_null_in_json() -> None:
    row = (math.nan, *PLAIN.golden_inputs[0][1:])
    told = parse_manifest(replace(PLAIN, golden_inputs=(row, *PLAIN.golden_inputs[1:])).to_json())
    assert math.isnan(told.golden_inputs[0][0])
    assert told.golden_inputs[0][1:] == row[1:]
