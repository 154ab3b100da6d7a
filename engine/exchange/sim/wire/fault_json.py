"""Fault rules and immediate faults as JSON, for the loopback-only `/sim/faults` door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.exchange.sim.errors import SimError
from engine.exchange.sim.fault_actions import (
    ERROR_REPLIES,
    Action,
    AnswerWith,
    CorruptEvent,
    DelayEvent,
    DelayReply,
    DelayRequest,
    DropEvent,
    DropReply,
    DropRequest,
    DuplicateEvent,
    ErrorReply,
    RefuseConnection,
    RefuseWith,
    ReorderEvent,
    TruncateReply,
)
from engine.exchange.sim.faults import FaultRule


class FaultJsonError(SimError):
    """A fault description that cannot be understood; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class CloseSockets:
    """Close the sockets of a route ("market", "public", "private", "ws_api" or "all").

    A code of 0 cuts them without a close frame.
    """

    route: str
    code: int


@dataclass(frozen=True, slots=True)
class ExpireListenKey:
    """Let an account's listenKey expire now."""

    account: str


@dataclass(frozen=True, slots=True)
class RejectTrigger:
    """Let the next conditional order that reaches its trigger be REJECTED."""

    symbol: str | None
    reason: str


Immediate = CloseSockets | ExpireListenKey | RejectTrigger

_ROUTES: Final = ("market", "public", "private", "ws_api", "all")
_ACTIONS: Final[Mapping[str, Callable[[Mapping[str, Any]], Action]]] = {
    "delay_request": lambda body: DelayRequest(_seconds(body)),
    "drop_request": lambda _: DropRequest(),
    "refuse_with": lambda body: RefuseWith(_error(body)),
    "delay_reply": lambda body: DelayReply(_seconds(body)),
    "drop_reply": lambda _: DropReply(),
    "answer_with": lambda body: AnswerWith(_error(body)),
    "truncate_reply": lambda _: TruncateReply(),
    "drop_event": lambda _: DropEvent(),
    "delay_event": lambda body: DelayEvent(_seconds(body)),
    "duplicate_event": lambda _: DuplicateEvent(),
    "reorder_event": lambda _: ReorderEvent(),
    "corrupt_event": lambda _: CorruptEvent(),
    "refuse_connection": lambda body: RefuseConnection(int(body.get("status", 503))),
}


def parse_fault(body: Mapping[str, Any]) -> FaultRule | Immediate:
    """Read one fault: `{"action": ...}` arms a rule, `{"do": ...}` happens at once.

    Example:
        >>> parse_fault({"action": "drop_reply", "operation": "place_order"}).operation
        'place_order'

    Raises:
        FaultJsonError: an unknown action or a value of the wrong kind.
    """
    if "do" in body:
        return _immediate(body)
    name = body.get("action")
    make = _ACTIONS.get(str(name))
    if make is None:
        raise FaultJsonError(f"action {name!r} is unknown; allowed: {', '.join(_ACTIONS)}")
    try:
        return FaultRule(
            make(body),
            operation=str(body.get("operation", "*")),
            symbol=body.get("symbol"),
            where={str(key): str(value) for key, value in body.get("where", {}).items()},
            stream=body.get("stream"),
            channel=body.get("channel"),
            skip=int(body.get("skip", 0)),
            count=None if body.get("count", 1) is None else int(body.get("count", 1)),
            probability=float(body.get("probability", 1.0)),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise FaultJsonError(f"fault {dict(body)!r} has a value of the wrong kind") from error


def _immediate(body: Mapping[str, Any]) -> Immediate:
    match body["do"]:
        case "close_sockets":
            route = str(body.get("route", "all"))
            if route not in _ROUTES:
                raise FaultJsonError(f"route {route!r} is unknown; allowed: {', '.join(_ROUTES)}")
            return CloseSockets(route, int(body.get("code", 0)))
        case "expire_listen_key":
            return ExpireListenKey(str(body.get("account", "")))
        case "reject_trigger":
            reason = str(body.get("reason", "Margin is insufficient."))
            return RejectTrigger(body.get("symbol"), reason)
        case other:
            allowed = "close_sockets, expire_listen_key, reject_trigger"
            raise FaultJsonError(f"do {other!r} is unknown; allowed: {allowed}")


def _seconds(body: Mapping[str, Any]) -> float:
    seconds = body.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise FaultJsonError(f"seconds must be a number from 0, got {seconds!r}")
    return float(seconds)


def _error(body: Mapping[str, Any]) -> ErrorReply:
    error = body.get("error")
    if isinstance(error, str) and error in ERROR_REPLIES:
        return ERROR_REPLIES[error]
    if isinstance(error, Mapping) and isinstance(error.get("status"), int):
        return ErrorReply(**error)
    named = ", ".join(ERROR_REPLIES)
    raise FaultJsonError(f"error must be one of {named} or an object with a status, got {error!r}")
