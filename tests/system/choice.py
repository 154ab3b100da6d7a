"""Which cases run every time and which only in a proof."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def usual(cases: Iterable[Any], always: Collection[Any]) -> list[Any]:
    """Return all cases, those outside `always` marked for `make prove`."""
    return [
        case if case in always else pytest.param(case, marks=pytest.mark.prove) for case in cases
    ]
