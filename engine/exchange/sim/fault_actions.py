"""What a fault does: replies that are not the exchange's own, lost and late requests and events.

Each action is a frozen value; the wire carries it out. Scripts ask for the `ErrorReply` values by
their names in `ERROR_REPLIES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

REQUEST_ACTIONS: Final = (
    DelayRequest,
    DropRequest,
    RefuseWith,
    DelayReply,
    DropReply,
    AnswerWith,
    TruncateReply,
)
EVENT_ACTIONS: Final = (DropEvent, DelayEvent, DuplicateEvent, ReorderEvent, CorruptEvent)
