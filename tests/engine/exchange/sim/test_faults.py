"""Fault rules strike where they say, as often as they say, and are counted."""

import random

import pytest

from engine.exchange.sim.fault_actions import (
    UNKNOWN_503,
    DelayReply,
    DropEvent,
    DropReply,
    DropRequest,
    DuplicateEvent,
    RefuseConnection,
    RefuseWith,
)
from engine.exchange.sim.faults import FaultBox, FaultPoint, FaultRule, matches

PLACE = FaultPoint("place_order", symbol="BTCUSDT", params={"type": "MARKET"}, channel="rest")


def box(*rules: FaultRule, seed: int = 1) -> FaultBox:
    return FaultBox(random.Random(seed), rules)


def test_for_request_when_nothing_is_armed_is_empty() -> None:
    faults = box()

    assert not faults
    assert faults.for_request(PLACE) == []


def test_for_request_when_count_is_used_up_strikes_no_more() -> None:
    faults = box(FaultRule(DropReply(), "place_order", count=2))

    struck = [faults.for_request(PLACE) for _ in range(3)]

    assert struck == [[DropReply()], [DropReply()], []]
    assert faults.struck["DropReply"] == 2
    assert not faults


def test_for_request_when_count_is_none_strikes_for_ever() -> None:
    faults = box(FaultRule(DropReply(), count=None))

    assert all(faults.for_request(PLACE) for _ in range(50))


def test_for_request_when_skip_is_set_lets_that_many_pass() -> None:
    faults = box(FaultRule(DropReply(), skip=2))

    assert [len(faults.for_request(PLACE)) for _ in range(4)] == [0, 0, 1, 0]


def test_for_request_when_two_rules_match_returns_both_in_order() -> None:
    faults = box(FaultRule(DelayReply(1.0)), FaultRule(RefuseWith(UNKNOWN_503)))

    assert faults.for_request(PLACE) == [DelayReply(1.0), RefuseWith(UNKNOWN_503)]


def test_for_request_when_probability_is_half_strikes_about_half() -> None:
    faults = box(FaultRule(DropRequest(), count=None, probability=0.5))

    struck = sum(bool(faults.for_request(PLACE)) for _ in range(1000))

    assert 430 < struck < 570


def test_for_event_when_the_rule_is_for_requests_leaves_its_count_alone() -> None:
    faults = box(FaultRule(DropReply(), count=1))

    assert faults.for_event(FaultPoint("kline")) == []
    assert faults.for_request(PLACE) == [DropReply()]


def test_for_event_when_stream_pattern_fits_strikes() -> None:
    faults = box(FaultRule(DropEvent(), "kline", stream="btcusdt@*", count=None))

    assert faults.for_event(FaultPoint("kline", stream="btcusdt@kline_1m")) == [DropEvent()]
    assert faults.for_event(FaultPoint("kline", stream="ethusdt@kline_1m")) == []


def test_for_handshake_when_refused_names_the_status() -> None:
    faults = box(FaultRule(RefuseConnection(403), "connect:private"))

    assert faults.for_handshake(FaultPoint("connect:market")) is None
    assert faults.for_handshake(FaultPoint("connect:private")) == RefuseConnection(403)


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        (FaultRule(DropReply(), "place_*"), True),
        (FaultRule(DropReply(), "query_order"), False),
        (FaultRule(DropReply(), symbol="BTCUSDT"), True),
        (FaultRule(DropReply(), symbol="ETHUSDT"), False),
        (FaultRule(DropReply(), where={"type": "MARKET"}), True),
        (FaultRule(DropReply(), where={"type": "LIMIT"}), False),
        (FaultRule(DropReply(), where={"side": "BUY"}), False),
        (FaultRule(DropReply(), channel="rest"), True),
        (FaultRule(DropReply(), channel="ws_api"), False),
        (FaultRule(DropReply(), stream="*"), True),
    ],
)
def test_matches_when_a_condition_is_named_it_must_hold(rule: FaultRule, hit: bool) -> None:
    assert matches(rule, PLACE) is hit


def test_disarm_when_the_rule_is_armed_removes_it() -> None:
    faults = box()
    number = faults.arm(FaultRule(DuplicateEvent(), count=None))

    assert faults.rules == {number: FaultRule(DuplicateEvent(), count=None)}
    assert faults.disarm(number)
    assert not faults.disarm(number)
    assert not faults


def test_clear_when_rules_struck_before_keeps_the_tally() -> None:
    faults = box(FaultRule(DropReply(), count=None))
    faults.for_request(PLACE)

    faults.clear()

    assert faults.for_request(PLACE) == []
    assert faults.struck["DropReply"] == 1


def test_same_seed_when_chance_decides_strikes_the_same() -> None:
    rule = FaultRule(DropReply(), count=None, probability=0.3)
    one, two = box(rule, seed=7), box(rule, seed=7)

    assert [one.for_request(PLACE) for _ in range(50)] == [
        two.for_request(PLACE) for _ in range(50)
    ]
