"""Fault descriptions in JSON become the rules a test would write by hand."""

import pytest

from engine.exchange.sim.fault_actions import (
    UNKNOWN_503,
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
from engine.exchange.sim.wire.fault_json import (
    CloseSockets,
    ExpireListenKey,
    FaultJsonError,
    RejectTrigger,
    parse_fault,
)


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ({"action": "delay_request", "seconds": 2}, DelayRequest(2.0)),
        ({"action": "drop_request"}, DropRequest()),
        ({"action": "refuse_with", "error": "unknown_503"}, RefuseWith(UNKNOWN_503)),
        (
            {"action": "answer_with", "error": {"status": 400, "code": -2021, "msg": "x"}},
            AnswerWith(ErrorReply(400, -2021, "x")),
        ),
        ({"action": "delay_reply", "seconds": 0.5}, DelayReply(0.5)),
        ({"action": "drop_reply"}, DropReply()),
        ({"action": "truncate_reply"}, TruncateReply()),
        ({"action": "drop_event"}, DropEvent()),
        ({"action": "delay_event", "seconds": 1}, DelayEvent(1.0)),
        ({"action": "duplicate_event"}, DuplicateEvent()),
        ({"action": "reorder_event"}, ReorderEvent()),
        ({"action": "corrupt_event"}, CorruptEvent()),
        ({"action": "refuse_connection", "status": 403}, RefuseConnection(403)),
    ],
)
def test_parse_fault_when_an_action_is_named_builds_it(
    body: dict[str, object], action: Action
) -> None:
    assert parse_fault(body) == FaultRule(action)


def test_parse_fault_when_conditions_are_given_keeps_all_of_them() -> None:
    rule = parse_fault(
        {
            "action": "drop_reply",
            "operation": "place_*",
            "symbol": "BTCUSDT",
            "where": {"type": "MARKET"},
            "channel": "ws_api",
            "stream": "x*",
            "skip": 2,
            "count": None,
            "probability": 0.25,
        }
    )

    assert rule == FaultRule(
        DropReply(), "place_*", "BTCUSDT", {"type": "MARKET"}, "x*", "ws_api", 2, None, 0.25
    )


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"do": "close_sockets", "route": "market", "code": 1001}, CloseSockets("market", 1001)),
        ({"do": "close_sockets"}, CloseSockets("all", 0)),
        ({"do": "expire_listen_key", "account": "a"}, ExpireListenKey("a")),
        ({"do": "reject_trigger"}, RejectTrigger(None, "Margin is insufficient.")),
        ({"do": "reject_trigger", "symbol": "A", "reason": "r"}, RejectTrigger("A", "r")),
    ],
)
def test_parse_fault_when_it_happens_at_once_is_typed(
    body: dict[str, object], fault: object
) -> None:
    assert parse_fault(body) == fault


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({}, "action None is unknown; allowed: delay_request"),
        ({"action": "explode"}, "'explode' is unknown"),
        ({"action": "delay_reply"}, "seconds must be a number"),
        ({"action": "delay_reply", "seconds": -1}, "seconds must be a number"),
        ({"action": "delay_reply", "seconds": True}, "seconds must be a number"),
        ({"action": "refuse_with", "error": "nope"}, "error must be one of"),
        ({"action": "drop_reply", "where": 5}, "wrong kind"),
        ({"action": "drop_reply", "count": "x"}, "wrong kind"),
        ({"do": "close_sockets", "route": "moon"}, "route 'moon' is unknown"),
        ({"do": "dance"}, "do 'dance' is unknown"),
    ],
)
def test_parse_fault_when_not_understood_says_what_is_allowed(
    body: dict[str, object], part: str
) -> None:
    with pytest.raises(FaultJsonError, match=part):
        parse_fault(body)
