"""Comparing replies and events with recorded samples: the same keys, the same JSON types."""

from __future__ import annotations

import json
from typing import Any

from tests.shared import shared_path

SAMPLES = "samples/binance"


def sample(relative: str) -> Any:
    """Load one sample file, or skip the test with the reason when it is absent."""
    return json.loads(shared_path(f"{SAMPLES}/{relative}").read_text(encoding="utf-8"))


def official(name: str) -> Any:
    """First example of an official page."""
    return sample(f"official_docs_2026-05/{name}.json")["examples"][0]


def client_fixture(folder: str, name: str) -> Any:
    """Last message of a client library's fixture."""
    return sample(f"{folder}/{name}.json")["messages"][-1]


def kind(value: Any) -> str:
    """JSON type of a value; numbers with and without a point are one type, as in JSON."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return {str: "text", list: "array", dict: "object", type(None): "null"}[type(value)]


def assert_same_shape(
    ours: Any,
    theirs: Any,
    *,
    gone: frozenset[str] | set[str] = frozenset(),
    added: frozenset[str] | set[str] = frozenset(),
    other_type: frozenset[str] | set[str] = frozenset(),
) -> None:
    """Hold an object to a sample: `gone` left it since, `added` came, `other_type` disagree."""
    assert set(ours) - added == set(theirs) - gone
    for name in set(ours) & set(theirs) - other_type:
        assert kind(ours[name]) == kind(theirs[name]), name
