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

from engine.exchange.sim.fault_actions import (
    EVENT_ACTIONS,
    REQUEST_ACTIONS,
    Action,
    AfterAction,
    BeforeAction,
    EventAction,
    RefuseConnection,
)


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
        return [a for a in self._take(point, REQUEST_ACTIONS) if isinstance(a, REQUEST_ACTIONS)]

    def for_event(self, point: FaultPoint) -> list[EventAction]:
        """Return what strikes this stream event, in the order the rules were armed."""
        return [a for a in self._take(point, EVENT_ACTIONS) if isinstance(a, EVENT_ACTIONS)]

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
