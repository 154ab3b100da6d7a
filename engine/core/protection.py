"""The stop and target legs of one position, as a pure state machine driven by wall time.

Protection is sent at least once: legs are reduce-only, so a duplicate is harmless and is
cancelled as soon as one more is known to rest. A leg is replaced by place, confirm, cancel.
Only stops that are known to rest (or are being triggered) count as guarding.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from engine.domain.order import OrderStatus, Purpose
from engine.domain.position import ExitReason

RESEND_AT_S = (0.0, 2.0, 5.0)
"""Wall seconds after the position was uncovered at which a stop is sent (again)."""
SLOW_RESEND_S = 30.0
"""Wall seconds between later attempts for legs that are not urgent."""
LEAST_GAP_S = 1.0
"""Wall seconds between two attempts at least."""
FAILING_RESEND_S = 2.0
"""Wall seconds between stops sent beside a market exit that does not get through."""
GIVE_UP_AT_S = 7.0
"""Wall seconds after which an uncovered position is closed at market."""
TRIGGER_PATIENCE_S = 3.0
"""Wall seconds a triggered leg may take to fill."""
CANCEL_RETRY_S = 3.0
"""Wall seconds before an unanswered cancel is sent again."""
MOST_LOSSES = 5
"""Stops the venue may drop behind our back before the position is closed instead."""

NOT_EXECUTED_CODES = frozenset({0, -1003, -1008, -1015})
"""Refusals that say "not now": network, ban, overload and rate limits; sent again in time."""
NOTHING_TO_REDUCE = -2022
DUPLICATE_ID = -4116
WOULD_TRIGGER = frozenset({-2021, -4142})
LIVE_ID_CODES = frozenset({DUPLICATE_ID, NOTHING_TO_REDUCE}) | NOT_EXECUTED_CODES


class LegState(StrEnum):
    """Life of one protective order."""

    SENT = "sent"
    RESTING = "resting"
    TRIGGERED = "triggered"
    FILLED = "filled"
    CANCELLING = "cancelling"


_GUARDING = frozenset({LegState.RESTING, LegState.TRIGGERED, LegState.FILLED})


@dataclass(slots=True)
class Leg:
    """One protective order.

    `since_s` is wall time of its last change of state, `sent_ms` exchange time of its sending:
    a snapshot taken before that says nothing about it.
    """

    client_id: str
    purpose: Purpose
    qty: Decimal
    trigger: Decimal
    state: LegState
    since_s: float
    sent_ms: int = -1
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class PlaceLeg:
    """Send a protective order; the caller names it and tells `sent`."""

    purpose: Purpose
    qty: Decimal
    trigger: Decimal


@dataclass(frozen=True, slots=True)
class CancelLeg:
    """Cancel a protective order."""

    client_id: str


LegAction = PlaceLeg | CancelLeg


@dataclass(slots=True)
class _Urgency:
    """How often a kind of leg was sent since the position was last covered by it."""

    from_s: float | None = None
    sent: int = 0
    sent_s: float = 0.0

    @property
    def is_calm(self) -> bool:
        """Whether the position is covered by this kind of leg and none is on its way."""
        return self.from_s is None and not self.sent


@dataclass(slots=True)
class Failure:
    """Protection cannot be had: leave at market for this reason."""

    reason: ExitReason
    text: str


@dataclass(slots=True)
class Protection:
    """Legs around one position. `stop_price` and `target_price` are on the tick grid.

    `ended` names legs that are over, so that an older snapshot cannot bring them back.
    """

    stop_price: Decimal
    target_price: Decimal
    legs: dict[str, Leg] = field(default_factory=dict)
    naked_since_s: float | None = None
    failure: Failure | None = None
    needs_snapshot: bool = False
    ended: set[str] = field(default_factory=set)
    _stop: _Urgency = field(default_factory=_Urgency)
    _target: _Urgency = field(default_factory=_Urgency)
    _losses: int = 0

    def guarded_qty(self, purpose: Purpose = Purpose.STOP) -> Decimal:
        """Return the quantity that legs known to rest at the venue would close."""
        legs = self._of(purpose)
        return sum((leg.qty for leg in legs if leg.state in _GUARDING), Decimal(0))

    def is_confirmed(self, qty: Decimal) -> bool:
        """Return whether stops known to rest cover the whole position."""
        return qty > 0 and self.guarded_qty() >= qty

    def is_settled(self, qty: Decimal) -> bool:
        """Return whether one stop and one target rest for exactly `qty` and nothing is pending.

        So it is nearly always while a trade is open, and every tick and order event asks.
        """
        if len(self.legs) != 2 or self.naked_since_s is not None:
            return False
        if not (self._stop.is_calm and self._target.is_calm):
            return False
        first, second = self.legs.values()
        if first.purpose is second.purpose:
            return False
        return self._rests(first, qty) and self._rests(second, qty)

    def drive(self, qty: Decimal, now_s: float) -> list[LegAction]:
        """Return what must be sent now for an open quantity `qty` >= 0; safe at any time."""
        if qty == 0:
            return self._clean(now_s)
        if self.is_settled(qty):
            return []
        actions = list(self._expire(now_s))
        self._judge_nakedness(qty, now_s)
        actions += self._cover(Purpose.STOP, self.stop_price, qty, self._stop, now_s)
        actions += self._cover(Purpose.TARGET, self.target_price, qty, self._target, now_s)
        return actions

    def sent(self, client_id: str, action: PlaceLeg, now_s: float, now_ms: int) -> None:
        """Remember a leg that is on its way."""
        self.legs[client_id] = Leg(
            client_id, action.purpose, action.qty, action.trigger, LegState.SENT, now_s, now_ms
        )

    def adopt(self, leg: Leg) -> None:
        """Take over a leg found resting at the venue, unless it is known to have ended since."""
        if leg.client_id not in self.ended:
            leg.confirmed = True
            self.legs[leg.client_id] = leg

    def forget(self, client_id: str) -> Leg | None:
        """Drop a leg for good."""
        self.ended.add(client_id)
        return self.legs.pop(client_id, None)

    def confirm(self, client_id: str, now_s: float) -> None:
        """The venue says the leg rests."""
        leg = self.legs.get(client_id)
        if leg is None or leg.state not in {LegState.SENT, LegState.CANCELLING}:
            return
        leg.confirmed = True
        if leg.state is LegState.SENT:
            leg.state, leg.since_s = LegState.RESTING, now_s
            self._urgency(leg.purpose).sent = 0

    def refuse(self, client_id: str, code: int, text: str) -> None:
        """The venue refused the leg for certain."""
        leg = self.legs.get(client_id)
        if leg is None or code == DUPLICATE_ID:
            return  # an order with this id exists: it will be confirmed or looked up
        self.forget(client_id)
        if code == NOTHING_TO_REDUCE:
            self.needs_snapshot = True
        elif leg.purpose is Purpose.STOP and code not in LIVE_ID_CODES:
            self._fail(ExitReason.UNPROTECTED, f"stop refused: {code} {text}")
        elif leg.purpose is Purpose.TARGET and code in WOULD_TRIGGER:
            self._fail(ExitReason.TARGET, f"price is beyond the target already: {code}")

    def change(self, client_id: str, status: OrderStatus, reason: str, now_s: float) -> None:
        """The venue reports a new status of a leg."""
        leg = self.legs.get(client_id)
        if leg is None:
            return
        if status in {OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED}:
            self.confirm(client_id, now_s)
        elif status is OrderStatus.TRIGGERED:
            if leg.state is not LegState.TRIGGERED:
                leg.state, leg.since_s, leg.confirmed = LegState.TRIGGERED, now_s, True
        elif status is OrderStatus.FILLED:
            leg.state, leg.since_s, leg.confirmed = LegState.FILLED, now_s, True
        else:
            self._ended(leg, status, reason)

    def cancel_refused(self, client_id: str) -> None:
        """A cancel found nothing: the leg ended, or was never there as far as we know."""
        leg = self.forget(client_id)
        if leg is not None and not leg.confirmed:
            self.needs_snapshot = True

    def lost(self, client_id: str) -> None:
        """A leg believed to rest is not at the venue."""
        if self.forget(client_id) is not None:
            self._losses += 1

    def move_stop(self, stop_price: Decimal) -> None:
        """Want the stop elsewhere; `drive` places the new one before it cancels the old one."""
        self.stop_price = stop_price
        self._stop = _Urgency()

    # --- internals -----------------------------------------------------------------------------

    def _rests(self, leg: Leg, qty: Decimal) -> bool:
        trigger = self.stop_price if leg.purpose is Purpose.STOP else self.target_price
        return leg.state is LegState.RESTING and leg.qty == qty and leg.trigger == trigger

    def _of(self, purpose: Purpose) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.purpose is purpose]

    def _urgency(self, purpose: Purpose) -> _Urgency:
        return self._stop if purpose is Purpose.STOP else self._target

    def _cover(
        self, purpose: Purpose, trigger: Decimal, qty: Decimal, urgency: _Urgency, now_s: float
    ) -> list[LegAction]:
        right = [leg for leg in self._of(purpose) if leg.trigger == trigger]
        held = sum((leg.qty for leg in right if leg.state in _GUARDING), Decimal(0))
        if held >= qty:
            urgency.from_s, urgency.sent = None, 0
            return self._surplus(purpose, trigger, qty, held, now_s)
        if urgency.from_s is None or urgency.sent == 0:
            urgency.from_s = now_s
        if self.failure is not None:
            # The market exit goes first; while it does not get through, stops are tried again.
            if purpose is Purpose.TARGET:
                return []
            urgency.sent = max(urgency.sent, 1)
        if not self._is_due(urgency, now_s):
            return []
        urgency.sent += 1
        urgency.sent_s = now_s
        return [PlaceLeg(purpose, qty, trigger)]

    def _is_due(self, urgency: _Urgency, now_s: float) -> bool:
        if urgency.sent and now_s - urgency.sent_s < LEAST_GAP_S:
            return False  # after a stall, attempts whose time has passed are not made up for
        waited = now_s - (urgency.from_s or 0.0)
        if urgency.sent < len(RESEND_AT_S):
            return waited >= RESEND_AT_S[urgency.sent]
        # A naked position is given up long before; a missing target or a stop that should move
        # is no danger: it is tried for ever, but slowly.
        step = SLOW_RESEND_S if self.failure is None else FAILING_RESEND_S
        return waited >= RESEND_AT_S[-1] + step * (urgency.sent - len(RESEND_AT_S) + 1)

    def _surplus(
        self, purpose: Purpose, trigger: Decimal, qty: Decimal, held: Decimal, now_s: float
    ) -> list[LegAction]:
        """Cancel legs at another price, and duplicates the position does not need."""
        actions: list[LegAction] = []
        for leg in sorted(self._of(purpose), key=lambda leg: leg.qty):
            if leg.state not in {LegState.RESTING, LegState.SENT}:
                continue
            counted = leg.trigger == trigger and leg.state is LegState.RESTING
            if counted and held - leg.qty < qty:
                continue
            held -= leg.qty if counted else Decimal(0)
            actions.append(self._cancel(leg, now_s))
        return actions

    def _clean(self, now_s: float) -> list[LegAction]:
        """Flat: nothing of ours may rest any more."""
        self.naked_since_s = None
        for leg in [leg for leg in self.legs.values() if leg.state is LegState.FILLED]:
            self.forget(leg.client_id)
        actions: list[LegAction] = []
        for leg in self.legs.values():
            waits = leg.state in {LegState.CANCELLING, LegState.TRIGGERED}
            if not waits or now_s - leg.since_s >= CANCEL_RETRY_S:
                actions.append(self._cancel(leg, now_s))
        return actions

    def _cancel(self, leg: Leg, now_s: float) -> CancelLeg:
        if leg.state is LegState.CANCELLING:
            self.needs_snapshot = True  # the first cancel was not answered
        leg.state, leg.since_s = LegState.CANCELLING, now_s
        return CancelLeg(leg.client_id)

    def _expire(self, now_s: float) -> Iterator[LegAction]:
        for leg in list(self.legs.values()):
            waited = now_s - leg.since_s
            if leg.state is LegState.TRIGGERED and waited >= TRIGGER_PATIENCE_S:
                reason = ExitReason.STOP if leg.purpose is Purpose.STOP else ExitReason.TARGET
                self._fail(reason, f"{reason.value} triggered but not filled")
            elif leg.state is LegState.FILLED and waited >= TRIGGER_PATIENCE_S:
                self.forget(leg.client_id)
                self.needs_snapshot = True
            elif leg.state is LegState.CANCELLING and waited >= CANCEL_RETRY_S:
                yield self._cancel(leg, now_s)

    def _ended(self, leg: Leg, status: OrderStatus, reason: str) -> None:
        self.forget(leg.client_id)
        if leg.state is LegState.CANCELLING or leg.state is LegState.FILLED:
            return
        is_stop = leg.purpose is Purpose.STOP
        if leg.state is LegState.TRIGGERED or (status is OrderStatus.REJECTED and is_stop):
            why = ExitReason.STOP if is_stop else ExitReason.TARGET
            self._fail(
                why, f"{why.value} order ended {status.value} at its trigger {reason}".strip()
            )
        elif leg.confirmed:
            self._losses += 1

    def _judge_nakedness(self, qty: Decimal, now_s: float) -> None:
        if self.guarded_qty() >= qty:
            self.naked_since_s = None
            return
        if self.naked_since_s is None:
            self.naked_since_s = now_s
        if now_s - self.naked_since_s >= GIVE_UP_AT_S:
            self._fail(ExitReason.UNPROTECTED, f"no stop confirmed within {GIVE_UP_AT_S:.0f} s")
        elif self._losses >= MOST_LOSSES:
            self._fail(ExitReason.UNPROTECTED, f"the venue dropped {self._losses} stops")

    def _fail(self, reason: ExitReason, text: str) -> None:
        if self.failure is None:
            self.failure = Failure(reason, text)
