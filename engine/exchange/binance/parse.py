"""Reading untrusted JSON: every surprise becomes `MalformedMessage`."""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import orjson

from engine.domain.errors import MalformedMessage

# What reading a value of the wrong shape can raise; Decimal's errors are ArithmeticError.
SHAPE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)

_P = ParamSpec("_P")
_R = TypeVar("_R")


def loads(raw: bytes | str) -> Any:  # noqa: ANN401 - JSON is anything
    """Return parsed JSON.

    Raises:
        MalformedMessage: it is not JSON.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedMessage(f"not JSON: {clip(raw)}") from error


def guarded(read: Callable[_P, _R]) -> Callable[_P, _R]:
    """Make a reader raise nothing but `MalformedMessage`, whatever it is fed."""

    @wraps(read)
    def reader(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return read(*args, **kwargs)
        except SHAPE_ERRORS as error:
            shown = clip(str(args[0])) if args else ""
            raise MalformedMessage(
                f"{read.__name__}: {type(error).__name__} {error} in {shown}"
            ) from error

    return reader


def decimal(value: object) -> Decimal:
    """Return a finite Decimal from the venue's text or number.

    Raises:
        ValueError: not a number, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(f"not a number: {value!r}")
    # A JSON float goes through its shortest text, so that 0.0065 means 0.0065.
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value!r}")
    return number


def decimal_or_zero(value: object) -> Decimal:
    """Return a finite Decimal; absent, null and empty values count as 0."""
    return Decimal(0) if value is None or value == "" else decimal(value)


def real(value: object) -> float:
    """Return a finite float from the venue's text or number.

    Raises:
        ValueError: not a number, or not finite.
    """
    return float(decimal(value))


def integer(value: object) -> int:
    """Return an int from a JSON integer or its text.

    Raises:
        ValueError: anything else, fractions included.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"not an integer: {value!r}")
    return int(value)


def text(value: object) -> str:
    """Return a JSON string.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    return value


def truth(value: object) -> bool:
    """Return a bool from JSON's or from the texts `true` and `false`, which the venue mixes.

    Raises:
        ValueError: anything else.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise ValueError(f"neither true nor false: {value!r}")


def rows(value: object) -> list[dict[str, Any]]:
    """Return a JSON array of objects.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ValueError("not a list of objects")
    return value


def is_coin_margined(symbol: str) -> bool:
    """Return True for COIN-M contracts (`BTCUSD_PERP`, `BTCUSD_260925`).

    Since 2026-06-30 they arrive on the same streams as ours (facts: CM-UM integration).
    """
    pair, _, _ = symbol.partition("_")
    return "_" in symbol and pair.endswith("USD")


def clip(raw: bytes | str, limit: int = 200) -> str:
    """Return the beginning of a message for an error text."""
    shown = raw.decode(errors="replace") if isinstance(raw, bytes) else raw
    return shown if len(shown) <= limit else f"{shown[:limit]}…"
