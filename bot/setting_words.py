"""What a setting allows, in words: the answer to a value that was refused."""

from collections.abc import Mapping
from typing import Any

import annotated_types
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

_NUMBER = ("decimal", "int", "float", "greater", "less", "finite")


def explain(problem: ErrorDetails, fields: Mapping[str, FieldInfo], prefix: str) -> str:
    """Return one line: the variable, what was given (never a secret), what is allowed."""
    name = str(problem["loc"][0])
    field = fields.get(name)
    secret = field is not None and field.annotation is SecretStr
    given = "***" if secret else repr(problem.get("input"))
    return f"{prefix}{name.upper()} was {given}: {_allowed(problem, field)}"


def _allowed(problem: ErrorDetails, field: FieldInfo | None) -> str:
    span = range_of(field) if field is not None else ""
    if span and problem["type"].startswith(_NUMBER):
        return f"must be {span}"
    text = problem["msg"].removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def range_of(field: FieldInfo) -> str:
    """Return the allowed numbers: `a whole number from 1 to 50`; empty for no limits."""
    low = high = ""
    for rule in field.metadata:
        match rule:
            case annotated_types.Ge(ge=value):
                low = f"from {_shown(value)}"
            case annotated_types.Gt(gt=value):
                low = f"above {_shown(value)}"
            case annotated_types.Le(le=value):
                high = f"to {_shown(value)}" if low.startswith("from") else f"up to {_shown(value)}"
            case annotated_types.Lt(lt=value):
                high = f"below {_shown(value)}"
            case _:
                pass
    kind = "a whole number" if "int" in str(field.annotation) else "a number"
    if low.startswith("from") and not high:
        low += " up"
    span = ", ".join(filter(None, (low, high))) if "above" in low else f"{low} {high}".strip()
    return f"{kind} {span}" if span else ""


def _shown(value: Any) -> str:  # noqa: ANN401 - limits are of any number type
    return f"{value:g}" if isinstance(value, float) else str(value)
