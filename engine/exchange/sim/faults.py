"""Scripted and random faults of the embedded exchange: what matches, what happens, how often.

A `FaultRule` names an operation (a request such as `place_order`, a stream event such as `kline` or
`ORDER_TRADE_UPDATE`, a handshake such as `connect:private`) and an action. `FaultBox` hands the
actions out at each point of the wire and counts them. Nothing here does I/O: the wire carries the
actions out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

HTML_502: Final = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>"
HTML_403: Final = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n</html>"


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """A reply not made by the exchange: an HTTP status and a JSON error or a raw body."""

    status: int
    code: int | None = None
    msg: str = ""
    body: str = ""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


UNKNOWN_503: Final = ErrorReply(
    503, -1000, "Unknown error, please check your request or try again later."
)
UNAVAILABLE_503: Final = ErrorReply(503, -1000, "Service Unavailable.")
INTERNAL_503: Final = ErrorReply(
    503, -1001, "Internal error; unable to process your request. Please try again."
)
TIMEOUT_408: Final = ErrorReply(
    408,
    -1007,
    "Timeout waiting for response from backend server. "
    "Send status unknown; execution status unknown.",
)
THROTTLED_503: Final = ErrorReply(
    503,
    -1008,
    "Request throttled by system-level protection. Reduce-only/close-position orders are exempt.",
)
BAD_GATEWAY_502: Final = ErrorReply(502, body=HTML_502, content_type="text/html")
GATEWAY_TIMEOUT_504: Final = ErrorReply(
    504, body=HTML_502.replace("502 Bad Gateway", "504 Gateway Time-out"), content_type="text/html"
)
FORBIDDEN_403: Final = ErrorReply(403, body=HTML_403, content_type="text/html")
ORDER_UNKNOWN: Final = ErrorReply(400, -2013, "Order does not exist.")
STOP_NOT_SUPPORTED: Final = ErrorReply(
    400,
    -4120,
    "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
)
WOULD_TRIGGER: Final = ErrorReply(400, -2021, "Order would immediately trigger.")

ERROR_REPLIES: Final[Mapping[str, ErrorReply]] = {
    "unknown_503": UNKNOWN_503,
    "unavailable_503": UNAVAILABLE_503,
    "internal_503": INTERNAL_503,
    "timeout_408": TIMEOUT_408,
    "throttled_503": THROTTLED_503,
    "bad_gateway_502": BAD_GATEWAY_502,
    "gateway_timeout_504": GATEWAY_TIMEOUT_504,
    "forbidden_403": FORBIDDEN_403,
    "order_unknown": ORDER_UNKNOWN,
    "stop_not_supported": STOP_NOT_SUPPORTED,
    "would_trigger": WOULD_TRIGGER,
}
"""The named replies a script may ask for."""


@dataclass(frozen=True, slots=True)
class DelayRequest:
    """The request reaches the exchange `seconds` (wall) later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class DropRequest:
    """The connection breaks before the request is executed."""


@dataclass(frozen=True, slots=True)
class RefuseWith:
    """The request is answered with `error` and not executed."""

    error: ErrorReply


@dataclass(frozen=True, slots=True)
class DelayReply:
    """The request is executed at once, its reply comes `seconds` (wall) later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class DropReply:
    """The request is executed, then the connection breaks without a reply."""


@dataclass(frozen=True, slots=True)
class AnswerWith:
    """The request is executed, yet answered with `error`."""

    error: ErrorReply


@dataclass(frozen=True, slots=True)
class TruncateReply:
    """The request is executed and answered 200 with half of the body."""


@dataclass(frozen=True, slots=True)
class DropEvent:
    """The stream event is never sent."""


@dataclass(frozen=True, slots=True)
class DelayEvent:
    """The stream event is sent `seconds` (wall) late."""

    seconds: float


@dataclass(frozen=True, slots=True)
class DuplicateEvent:
    """The stream event is sent twice."""


@dataclass(frozen=True, slots=True)
class ReorderEvent:
    """The stream event changes places with the next one of its stream."""


@dataclass(frozen=True, slots=True)
class CorruptEvent:
    """Half of the stream event's text is sent: a frame that is not JSON."""


@dataclass(frozen=True, slots=True)
class RefuseConnection:
    """The handshake is answered with `status` instead of 101; 0 breaks the connection."""

    status: int = 503


BeforeAction = DelayRequest | DropRequest | RefuseWith
AfterAction = DelayReply | DropReply | AnswerWith | TruncateReply
EventAction = DropEvent | DelayEvent | DuplicateEvent | ReorderEvent | CorruptEvent
Action = BeforeAction | AfterAction | EventAction | RefuseConnection

_REQUEST: Final = (
    DelayRequest,
    DropRequest,
    RefuseWith,
    DelayReply,
    DropReply,
    AnswerWith,
    TruncateReply,
)
_EVENT: Final = (DropEvent, DelayEvent, DuplicateEvent, ReorderEvent, CorruptEvent)


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault: where it strikes, what it does, how often.

    Attributes:
        action: what happens.
        operation: shell pattern over operation, event or handshake names.
        symbol: only for this symbol; None is any.
        where: parameters that must be equal, e.g. `{"type": "STOP_MARKET"}`.
        stream: shell pattern over stream names (events only).
        channel: "rest" or "ws_api" (requests only); None is both.
        skip: how many matches pass untouched first.
        count: how many matches are struck; None is no end.
        probability: chance that a match is struck.
    """

    action: Action
    operation: str = "*"
    symbol: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    stream: str | None = None
    channel: str | None = None
    skip: int = 0
    count: int | None = 1
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class FaultPoint:
    """A place where a fault may strike: one request, one stream event or one handshake."""

    operation: str
    symbol: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    stream: str | None = None
    channel: str | None = None


@dataclass(slots=True)
class _Armed:
    rule: FaultRule
    skip: int
    left: int | None


class FaultBox:
    """The armed rules and the tally of what they did."""

    def __init__(self, rng: random.Random, rules: tuple[FaultRule, ...] = ()) -> None:
        """Arm `rules`; `rng` decides for rules with a probability below 1."""
        self._rng = rng
        self._armed: dict[int, _Armed] = {}
        self._next_id = 1
        self.struck: Counter[str] = Counter()
        for rule in rules:
            self.arm(rule)

    def arm(self, rule: FaultRule) -> int:
        """Add a rule and return the number by which `disarm` knows it."""
        rule_id = self._next_id
        self._next_id += 1
        self._armed[rule_id] = _Armed(rule, rule.skip, rule.count)
        return rule_id

    def disarm(self, rule_id: int) -> bool:
        """Remove a rule; False when it is unknown or already used up."""
        return self._armed.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Remove every rule; the tally stays."""
        self._armed.clear()

    @property
    def rules(self) -> dict[int, FaultRule]:
        """The rules still armed, by number."""
        return {rule_id: armed.rule for rule_id, armed in self._armed.items()}

    def __bool__(self) -> bool:
        """Say whether any rule is armed, so that hot paths can skip matching."""
        return bool(self._armed)

    def for_request(self, point: FaultPoint) -> list[BeforeAction | AfterAction]:
        """Return what strikes this request, in the order the rules were armed."""
        return [a for a in self._take(point, _REQUEST) if isinstance(a, _REQUEST)]

    def for_event(self, point: FaultPoint) -> list[EventAction]:
        """Return what strikes this stream event, in the order the rules were armed."""
        return [a for a in self._take(point, _EVENT) if isinstance(a, _EVENT)]

    def for_handshake(self, point: FaultPoint) -> RefuseConnection | None:
        """Return the refusal that strikes this handshake, if any."""
        for action in self._take(point, (RefuseConnection,)):
            if isinstance(action, RefuseConnection):
                return action
        return None

    def _take(self, point: FaultPoint, kinds: tuple[type[Action], ...]) -> list[Action]:
        struck = [
            rule_id
            for rule_id, armed in self._armed.items()
            if isinstance(armed.rule.action, kinds) and self._strikes(armed, point)
        ]
        return [self._use(rule_id) for rule_id in struck]

    def _strikes(self, armed: _Armed, point: FaultPoint) -> bool:
        if not matches(armed.rule, point):
            return False
        if armed.skip > 0:
            armed.skip -= 1
            return False
        return armed.rule.probability >= 1.0 or self._rng.random() < armed.rule.probability

    def _use(self, rule_id: int) -> Action:
        armed = self._armed[rule_id]
        if armed.left is not None:
            armed.left -= 1
            if armed.left <= 0:
                del self._armed[rule_id]
        self.struck[type(armed.rule.action).__name__] += 1
        return armed.rule.action


def matches(rule: FaultRule, point: FaultPoint) -> bool:
    """Say whether `rule` names this point, before skip, count and chance are asked."""
    if not fnmatchcase(point.operation, rule.operation):
        return False
    if rule.symbol is not None and rule.symbol != point.symbol:
        return False
    if rule.channel is not None and rule.channel != point.channel:
        return False
    if rule.stream is not None and not fnmatchcase(point.stream or "", rule.stream):
        return False
    return all(point.params.get(name) == value for name, value in rule.where.items())
