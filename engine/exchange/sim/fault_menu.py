"""The menu of chance faults: every kind the wire can play, each at a chosen probability."""

from __future__ import annotations

from collections.abc import Mapping

from engine.exchange.sim.fault_actions import (
    BAD_GATEWAY_502,
    FORBIDDEN_403,
    GATEWAY_TIMEOUT_504,
    INTERNAL_503,
    ORDER_UNKNOWN,
    STOP_NOT_SUPPORTED,
    THROTTLED_503,
    TIMEOUT_408,
    UNAVAILABLE_503,
    UNKNOWN_503,
    WOULD_TRIGGER,
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
    RefuseConnection,
    RefuseWith,
    ReorderEvent,
    TruncateReply,
)
from engine.exchange.sim.faults import FaultRule

ORDERS = "place_*"
QUERIES = "query_*"
USER_EVENTS = "*_UPDATE"
CANDLES = "kline"

MENU: Mapping[str, tuple[str, Action]] = {
    "order request lost": (ORDERS, DropRequest()),
    "order reply lost": (ORDERS, DropReply()),
    "order slow on its way": (ORDERS, DelayRequest(2.0)),
    "order answered late": (ORDERS, DelayReply(6.0)),
    "order 503 unknown, landed": (ORDERS, AnswerWith(UNKNOWN_503)),
    "order 503 unknown, not landed": (ORDERS, RefuseWith(UNKNOWN_503)),
    "order 503 unavailable": (ORDERS, RefuseWith(UNAVAILABLE_503)),
    "order 503 internal": (ORDERS, RefuseWith(INTERNAL_503)),
    "order throttled": (ORDERS, RefuseWith(THROTTLED_503)),
    "order timeout, landed": (ORDERS, AnswerWith(TIMEOUT_408)),
    "order timeout, not landed": (ORDERS, RefuseWith(TIMEOUT_408)),
    "order gateway html, landed": (ORDERS, AnswerWith(BAD_GATEWAY_502)),
    "order gateway timeout html, landed": (ORDERS, AnswerWith(GATEWAY_TIMEOUT_504)),
    "order reply truncated": (ORDERS, TruncateReply()),
    "order query lies": (QUERIES, RefuseWith(ORDER_UNKNOWN)),
    "stop not supported": ("place_algo", RefuseWith(STOP_NOT_SUPPORTED)),
    "stop would trigger": ("place_algo", RefuseWith(WOULD_TRIGGER)),
    "cancel reply lost": ("cancel_*", DropReply()),
    "any request forbidden": ("*", RefuseWith(FORBIDDEN_403)),
    "user event lost": (USER_EVENTS, DropEvent()),
    "user event late": (USER_EVENTS, DelayEvent(8.0)),
    "user event doubled": (USER_EVENTS, DuplicateEvent()),
    "user events swapped": (USER_EVENTS, ReorderEvent()),
    "candle lost": (CANDLES, DropEvent()),
    "candle late": (CANDLES, DelayEvent(12.0)),
    "candle doubled": (CANDLES, DuplicateEvent()),
    "candle broken": (CANDLES, CorruptEvent()),
    "market socket refused": ("connect:market", RefuseConnection(503)),
    "private socket refused": ("connect:private", RefuseConnection(0)),
    "ws api socket refused": ("connect:ws_api", RefuseConnection(403)),
}
"""What may happen by chance: the operations struck and the action, by name."""


def chance_faults(probability: float, *, only: frozenset[str] | None = None) -> list[FaultRule]:
    """Return rules that strike each match with `probability` and never run out.

    Args:
        probability: per request, event or handshake, from 0 to 1.
        only: names of `MENU`; None is the whole menu.

    Raises:
        ValueError: a probability outside 0..1 or a name that is not on the menu.
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"probability must be 0..1, got {probability}")
    unknown = (only or frozenset()) - MENU.keys()
    if unknown:
        raise ValueError(f"not on the menu: {', '.join(sorted(unknown))}")
    return [
        FaultRule(action, operation, count=None, probability=probability)
        for name, (operation, action) in MENU.items()
        if only is None or name in only
    ]
