"""Requests on a stream socket: SUBSCRIBE and its siblings, and the answers to bad ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

from engine.exchange.sim.errors import SimError

_METHODS: Final = (
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST_SUBSCRIPTIONS",
    "SET_PROPERTY",
    "GET_PROPERTY",
)


RequestId = int | str
LONGEST_ID: Final = 36


class ControlFrameError(SimError):
    """A request the stream socket refuses; holds the answer's JSON body."""

    def __init__(self, code: int, msg: str, request_id: object = None) -> None:
        """Keep the venue's code and text."""
        super().__init__(msg)
        self.body: dict[str, object] = {"code": code, "msg": msg}
        if request_id is not None:
            self.body["id"] = request_id


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Add streams to the connection."""

    request_id: RequestId
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Remove streams from the connection."""

    request_id: RequestId
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListSubscriptions:
    """Ask for the connection's streams."""

    request_id: RequestId


@dataclass(frozen=True, slots=True)
class SetCombined:
    """Switch the `{"stream", "data"}` wrapping on or off."""

    request_id: RequestId
    combined: bool


@dataclass(frozen=True, slots=True)
class GetCombined:
    """Ask whether frames are wrapped."""

    request_id: RequestId


ControlRequest = Subscribe | Unsubscribe | ListSubscriptions | SetCombined | GetCombined


def parse_control(text: str) -> ControlRequest:
    """Read one control frame.

    Raises:
        ControlFrameError: not JSON, no or an unknown method, an unusable id,
            parameters of the wrong shape.
    """
    body = _object(text)
    request_id = _request_id(body.get("id"))
    match body["method"]:
        case "SUBSCRIBE":
            return Subscribe(request_id, _names(body, request_id))
        case "UNSUBSCRIBE":
            return Unsubscribe(request_id, _names(body, request_id))
        case "LIST_SUBSCRIPTIONS":
            return ListSubscriptions(request_id)
        case "SET_PROPERTY":
            return _set_property(body.get("params"), request_id)
        case _:
            return _get_property(body.get("params"), request_id)


def result(request_id: RequestId, value: object) -> bytes:
    """Return the answer to an accepted request."""
    return orjson.dumps({"result": value, "id": request_id})


def error(refusal: ControlFrameError) -> bytes:
    """Return the answer to a refused request."""
    return orjson.dumps(refusal.body)


def _object(text: str) -> dict[str, Any]:
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as failure:
        where = f"line {failure.lineno} column {failure.colno}"
        raise ControlFrameError(3, f"Invalid JSON: expected value at {where}") from failure
    if not isinstance(body, dict) or "method" not in body:
        raise ControlFrameError(2, "Invalid request: missing field `method` at line 1 column 1")
    if body["method"] not in _METHODS:
        allowed = ", ".join(f"`{name}`" for name in _METHODS)
        given = body["method"]
        raise ControlFrameError(
            2, f"Invalid request: unknown variant `{given}`, expected one of {allowed}"
        )
    return body


def _request_id(given: object) -> RequestId:
    # Documented as an unsigned integer; the venue's own SDK sends texts, so those pass too.
    if isinstance(given, str) and 0 < len(given) <= LONGEST_ID:
        return given
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return given
    raise ControlFrameError(2, "Invalid request: request ID must be an unsigned integer")


def _names(body: dict[str, Any], request_id: RequestId) -> tuple[str, ...]:
    names = body.get("params")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ControlFrameError(2, "Invalid request: params must be a list of strings", request_id)
    return tuple(names)


def _set_property(params: object, request_id: RequestId) -> SetCombined:
    match params:
        case ["combined", bool(value)]:
            return SetCombined(request_id, value)
        case ["combined", _]:
            raise ControlFrameError(1, "Invalid value type: expected Boolean", request_id)
        case [str(), _]:
            raise ControlFrameError(0, "Unknown property", request_id)
        case _:
            raise ControlFrameError(
                2, "Invalid request: property name must be a string", request_id
            )


def _get_property(params: object, request_id: RequestId) -> GetCombined:
    if params == ["combined"]:
        return GetCombined(request_id)
    raise ControlFrameError(0, "Unknown property", request_id)
