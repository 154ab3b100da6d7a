"""The menu plays every kind of fault, each where it says."""

import random
from fnmatch import fnmatchcase
from typing import get_args

import pytest

from engine.exchange.sim.fault_actions import (
    AfterAction,
    BeforeAction,
    DropReply,
    EventAction,
    RefuseConnection,
)
from engine.exchange.sim.fault_menu import MENU, chance_faults
from engine.exchange.sim.faults import FaultBox, FaultPoint
from engine.exchange.sim.wire.endpoints import REST

OPERATIONS = {endpoint.operation for endpoint in REST.values()}
EVENTS = {"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "kline"}
HANDSHAKES = {"connect:market", "connect:private", "connect:ws_api"}


def test_menu_when_listed_has_every_kind_of_action() -> None:
    kinds = {type(action) for _, action in MENU.values()}

    assert kinds == {
        *get_args(BeforeAction),
        *get_args(AfterAction),
        *get_args(EventAction),
        RefuseConnection,
    }


@pytest.mark.parametrize("name", MENU)
def test_menu_when_an_entry_is_named_something_real_can_match_it(name: str) -> None:
    operation, action = MENU[name]

    points = HANDSHAKES if isinstance(action, RefuseConnection) else OPERATIONS
    points = EVENTS if isinstance(action, get_args(EventAction)) else points
    assert any(fnmatchcase(point, operation) for point in points)


def test_chance_faults_when_rare_strike_rarely_and_go_on() -> None:
    faults = FaultBox(random.Random(4), tuple(chance_faults(0.01)))
    order = FaultPoint("place_order")

    struck = sum(bool(faults.for_request(order)) for _ in range(2_000))

    assert 150 < struck < 450
    assert len(faults.rules) == len(MENU)


def test_chance_faults_when_some_are_chosen_only_these_are_armed() -> None:
    rules = chance_faults(1.0, only=frozenset({"order reply lost"}))

    assert [(rule.operation, rule.action) for rule in rules] == [("place_*", DropReply())]


def test_chance_faults_when_probability_is_zero_never_strike() -> None:
    faults = FaultBox(random.Random(4), tuple(chance_faults(0.0)))

    assert not any(faults.for_request(FaultPoint("place_order")) for _ in range(500))


@pytest.mark.parametrize("probability", [-0.1, 1.1])
def test_chance_faults_when_probability_is_out_of_range_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match=r"probability must be 0\.\.1"):
        chance_faults(probability)


def test_chance_faults_when_a_name_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="not on the menu: flood"):
        chance_faults(0.5, only=frozenset({"flood"}))
