"""The state machine of stop and target legs, without anything around it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.protection import (
    CancelLeg,
    Leg,
    LegState,
    PlaceLeg,
    Protection,
)
from engine.domain.order import OrderStatus, Purpose
from engine.domain.position import ExitReason
from tests.builders import d


class Desk:
    """Names and sends what the protection wants."""

    def __init__(self) -> None:
        self.protection = Protection(d(98), d(104))
        self.count = 0
        self.now = 100.0

    def drive(self, qty: object) -> list[str]:
        """Return what was done, in words."""
        at_rest = self.protection.is_settled(d(qty)) and self.protection.failure is None
        before = repr(self.protection)
        actions = self.protection.drive(d(qty), self.now)
        if at_rest:  # the core does not drive then: it must have been for nothing
            assert actions == []
            assert repr(self.protection) == before
        done = []
        for action in actions:
            match action:
                case PlaceLeg(purpose, size, trigger):
                    self.count += 1
                    name = f"{purpose.value}{self.count}"
                    self.protection.sent(name, action, self.now, int(self.now * 1000))
                    done.append(f"{name}:{size}@{trigger}")
                case CancelLeg(client_id):
                    done.append(f"-{client_id}")
        return done


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_drive_when_flat_wants_nothing(desk):
    assert desk.drive(0) == []


def test_drive_when_something_is_held_sends_both_legs_once(desk):
    assert desk.drive(1) == ["S1:1@98", "T2:1@104"]
    assert desk.drive(1) == []
    assert not desk.protection.is_confirmed(d(1))


def test_legs_when_confirmed_cover_the_position(desk):
    desk.drive(1)
    desk.protection.confirm("S1", desk.now)

    assert desk.protection.is_confirmed(d(1))
    assert desk.protection.guarded_qty() == 1
    desk.drive(1)
    assert desk.protection.naked_since_s is None


def test_stop_when_unconfirmed_follows_the_schedule_and_then_fails(desk):
    desk.drive(1)
    sent = {}
    for quarter in range(1, 29):
        desk.now = 100.0 + quarter / 4
        for word in desk.drive(1):
            sent.setdefault(word[0], []).append(quarter / 4)
    assert sent["S"] == [2.0, 5.0, 7.0]  # the last beside the market exit
    assert desk.protection.failure is not None
    assert desk.protection.failure.reason is ExitReason.UNPROTECTED
    assert desk.now == 107.0


def test_duplicate_when_both_twins_are_confirmed_is_cancelled(desk):
    desk.drive(1)
    desk.now += 2
    assert desk.drive(1)[0].startswith("S3")
    desk.protection.confirm("S1", desk.now)
    desk.protection.confirm("S3", desk.now)

    assert [word for word in desk.drive(1) if "S" in word] == ["-S1"]
    assert desk.protection.is_confirmed(d(1))


def test_leg_when_moved_is_placed_confirmed_and_only_then_the_old_cancelled(desk):
    desk.drive(1)
    desk.protection.confirm("S1", desk.now)
    desk.protection.confirm("T2", desk.now)
    desk.protection.move_stop(d(100))

    assert desk.drive(1) == ["S3:1@100"]
    assert desk.protection.is_confirmed(d(1))
    desk.protection.confirm("S3", desk.now)
    assert desk.drive(1) == ["-S1"]


def test_leg_when_ended_is_not_brought_back_by_an_old_snapshot(desk):
    desk.drive(1)
    desk.protection.confirm("S1", desk.now)
    desk.protection.change("S1", OrderStatus.CANCELED, "", desk.now)

    desk.protection.adopt(Leg("S1", Purpose.STOP, d(1), d(98), LegState.RESTING, desk.now))

    assert "S1" not in desk.protection.legs
    assert desk.drive(1) == ["S3:1@98"]


def test_cancel_when_it_finds_a_leg_that_was_never_confirmed_wants_a_snapshot(desk):
    desk.drive(1)
    desk.drive(0)
    desk.protection.cancel_refused("S1")

    assert desk.protection.needs_snapshot


def test_cancel_when_it_finds_a_confirmed_leg_gone_is_content(desk):
    desk.drive(1)
    desk.protection.confirm("S1", desk.now)
    desk.drive(0)
    desk.protection.cancel_refused("S1")

    assert not desk.protection.needs_snapshot


def test_status_when_late_or_unknown_changes_nothing(desk):
    desk.drive(1)
    desk.protection.confirm("S1", desk.now)
    desk.protection.change("S1", OrderStatus.FILLED, "", desk.now)
    desk.protection.change("S1", OrderStatus.EXPIRED, "", desk.now)
    desk.protection.change("nobody", OrderStatus.CANCELED, "", desk.now)
    desk.protection.confirm("nobody", desk.now)
    desk.protection.refuse("nobody", -2021, "")

    assert desk.protection.failure is None


def test_filled_stop_when_its_fill_stays_away_is_replaced_after_a_while(desk):
    desk.drive(1)
    desk.protection.change("S1", OrderStatus.FILLED, "", desk.now)
    desk.now += 2.9
    assert [word for word in desk.drive(1) if word.startswith("S")] == []
    desk.now += 0.2

    assert [word for word in desk.drive(1) if word.startswith("S")] == ["S4:1@98"]
    assert desk.protection.needs_snapshot


STATUSES = st.sampled_from(list(OrderStatus))
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["qty", "confirm", "refuse", "change", "gone", "lost", "wait"]),
        st.integers(0, 9),
        STATUSES,
    ),
    max_size=40,
)


@given(MOVES)
def test_protection_when_anything_happens_in_any_order_keeps_its_promises(moves):
    desk, qty = Desk(), Decimal(1)
    for what, number, status in moves:
        names = list(desk.protection.legs) or ["none"]
        name = names[number % len(names)]
        match what:
            case "qty":
                qty = Decimal(number)
            case "confirm":
                desk.protection.confirm(name, desk.now)
            case "refuse":
                desk.protection.refuse(name, (-2021, -1008, -2022, -4116, 0)[number % 5], "x")
            case "change":
                desk.protection.change(name, status, "", desk.now)
            case "gone":
                desk.protection.cancel_refused(name)
            case "lost":
                desk.protection.lost(name)
            case _:
                desk.now += number / 2
        before = {one.client_id for one in desk.protection.legs.values()}
        covered = desk.protection.is_confirmed(qty)
        done = desk.drive(qty)
        # Driving never uncovers a covered position, and twice is as good as once.
        if covered and what != "wait":
            assert desk.protection.is_confirmed(qty)
        assert desk.drive(qty) == []
        assert all(word[1:] in before for word in done if word.startswith("-"))
        naked = qty > 0 and not desk.protection.is_confirmed(qty)
        if naked and desk.protection.naked_since_s is not None:
            waited = desk.now - desk.protection.naked_since_s
            assert waited < 7 or desk.protection.failure is not None


def test_leg_when_its_trigger_is_told_twice_counts_its_patience_from_the_first(desk):
    desk.drive(1)
    desk.protection.change("S1", OrderStatus.TRIGGERED, "", desk.now)
    first = desk.now
    desk.now += 2
    desk.protection.change("S1", OrderStatus.TRIGGERED, "", desk.now)

    assert desk.protection.legs["S1"].since_s == first


def settled(stop: object = 1, target: object = 1) -> Desk:
    """Return a desk whose two legs rest for these quantities."""
    desk = Desk()
    desk.drive(1)
    for client_id, qty in (("S1", stop), ("T2", target)):
        desk.protection.confirm(client_id, desk.now)
        desk.protection.legs[client_id].qty = d(qty)
    desk.drive(1)
    return desk


def test_legs_when_they_rest_for_all_of_it_need_no_look_for_ever():
    desk = settled()
    for _ in range(3):
        desk.now += 1000.0
        assert desk.drive(1) == []
    assert desk.protection.naked_since_s is None


@pytest.mark.parametrize(
    ("spoil", "done"),
    [
        (lambda p: p.move_stop(d(99)), ["S3:1@99"]),
        (lambda p: p.lost("S1"), ["S3:1@98"]),
        (lambda p: p.lost("T2"), ["T3:1@104"]),
    ],
)
def test_legs_when_something_is_amiss_are_seen_to_at_once(spoil, done):
    desk = settled()
    spoil(desk.protection)
    assert desk.drive(1) == done


def test_legs_when_the_position_grows_are_seen_to_at_once():
    assert settled().drive(2) == ["S3:2@98", "T4:2@104"]
    assert settled().drive(0) == ["-S1", "-T2"]
