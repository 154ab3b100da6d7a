"""The order law, items 1 to 3, where orders are sent."""

import asyncio

import pytest

from engine.domain.effects import CancelOrder
from engine.domain.errors import OutcomeUnknown, VenueBusy, VenueRejected, VenueUnreachable
from engine.domain.events import (
    CancelRefused,
    OrderAccepted,
    OrderChanged,
    OrderRejected,
    OrderUnknown,
)
from engine.domain.order import Book, IntentState, OrderStatus, Purpose
from engine.execution.executor import NOT_SENT
from tests.engine.execution.conftest import intent, order, renamed
from tests.virtual_loop import run_virtual

ENTRY = intent()
STOP = intent(Purpose.STOP, "smc1-S-abcdefghijklmn-0")


def play(rig_of, script, act, after_s=0.5):
    async def run():
        rig = rig_of()
        script(rig)
        act(rig)
        await asyncio.sleep(after_s)
        await rig.tasks.close()
        return rig

    return run_virtual(run())


def test_entry_when_accepted_was_journalled_before_it_was_sent(rig_of):
    def script(rig):
        rig.venue.script("place", order(ENTRY))
        place = rig.venue.place

        async def place_after_save(request):
            assert rig.journal.intents == {ENTRY.request.client_id: IntentState.PENDING}
            return await place(request)

        rig.venue.place = place_after_save

    rig = play(rig_of, script, lambda r: r.executor.submit(ENTRY))

    assert rig.events == [OrderAccepted(Book.LIVE, order(ENTRY))]
    assert rig.journal.intents[ENTRY.request.client_id] is IntentState.ACCEPTED


def test_entry_when_its_signal_was_used_before_is_not_sent(rig_of):
    def act(rig):
        rig.executor.submit(ENTRY)
        rig.executor.submit(renamed(ENTRY, "smc2-E-abcdefghijklmn-0"))

    rig = play(rig_of, lambda r: r.venue.script("place", order(ENTRY)), act)

    assert len(rig.venue.placed) == 1
    refused = [e for e in rig.events if isinstance(e, OrderRejected)]
    assert [e.reason for e in refused] == ["this signal was entered before"]


def test_entry_when_the_journal_is_broken_is_not_sent(rig_of):
    def script(rig):
        rig.journal.broken = True

    rig = play(rig_of, script, lambda r: r.executor.submit(ENTRY))

    assert rig.venue.placed == []
    assert "disk full" in rig.events[0].reason


@pytest.mark.parametrize("behind", [False, True])
def test_entry_when_its_plan_is_not_on_disk_is_not_sent(rig_of, behind):
    """A crash between order and plan would leave a position of which the stop is unknown."""

    def script(rig):
        async def recorded():
            assert rig.journal.intents == {}
            await asyncio.sleep(60 if behind else 0.05)

        rig.executor._recorded = recorded
        rig.venue.script("place", order(ENTRY))

    rig = play(rig_of, script, lambda r: r.executor.submit(ENTRY), 10)

    assert len(rig.venue.placed) == (0 if behind else 1)
    assert not behind or "behind" in rig.events[0].reason


def test_entry_when_the_lease_is_lost_is_not_sent_but_a_stop_is(rig_of):
    """Two instances: the one that cannot prove it holds the account invents no entries."""

    def script(rig):
        rig.executor._may_enter = lambda: False
        rig.venue.script("place", order(STOP))

    def act(rig):
        rig.executor.submit(ENTRY)
        rig.executor.submit(STOP)

    rig = play(rig_of, script, act)

    assert [request.client_id for request in rig.venue.placed] == [STOP.request.client_id]
    assert rig.journal.intents[ENTRY.request.client_id] is IntentState.REJECTED


def test_stop_when_the_journal_is_broken_is_sent_all_the_same(rig_of):
    def script(rig):
        rig.journal.broken = True
        rig.venue.script("place", order(STOP))

    rig = play(rig_of, script, lambda r: r.executor.submit(STOP))

    assert rig.events == [OrderAccepted(Book.LIVE, order(STOP))]


def test_entry_when_rejected_tells_the_code_and_settles(rig_of):
    def script(rig):
        rig.venue.script("place", VenueRejected(-2019, "Margin is insufficient."))

    rig = play(rig_of, script, lambda r: r.executor.submit(ENTRY))

    (event,) = rig.events
    assert (event.code, event.reason) == (-2019, "Margin is insufficient.")
    assert rig.journal.intents[ENTRY.request.client_id] is IntentState.REJECTED


@pytest.mark.parametrize("error", [VenueBusy("-1008"), VenueUnreachable("refused")])
def test_entry_when_certainly_not_executed_is_over_and_never_resent(rig_of, error):
    rig = play(
        rig_of, lambda r: r.venue.script("place", error), lambda r: r.executor.submit(ENTRY), 300
    )

    assert len(rig.venue.placed) == 1
    assert isinstance(rig.events[0], OrderRejected)


@pytest.mark.parametrize("error", [VenueBusy("-1008"), VenueUnreachable("refused")])
def test_stop_when_not_executed_is_told_as_not_sent_and_not_as_refused(rig_of, error):
    rig = play(rig_of, lambda r: r.venue.script("place", error), lambda r: r.executor.submit(STOP))

    (event,) = rig.events
    assert (type(event), event.code) == (OrderRejected, NOT_SENT)


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("-1007"), VenueRejected(-4116, "ClientOrderId is duplicated.")]
)
def test_entry_when_the_outcome_is_unknown_is_sent_once_and_settled_by_query(rig_of, error):
    """Failure 16: 503 or timeout taken as failure, then the order fills."""

    def script(rig):
        rig.venue.script("place", error)
        rig.venue.script("query", None, OutcomeUnknown("timeout"), order(ENTRY))

    rig = play(rig_of, script, lambda r: r.executor.submit(ENTRY), 60)

    assert len(rig.venue.placed) == 1
    assert [type(e) for e in rig.events] == [OrderUnknown, OrderChanged]
    assert rig.journal.intents[ENTRY.request.client_id] is IntentState.ACCEPTED


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (order(STOP, OrderStatus.CANCELED), OrderChanged),
        (VenueRejected(-2011, "Unknown order sent."), CancelRefused),
    ],
)
def test_cancel_when_answered_tells_what_became_of_it(rig_of, answer, expected):
    effect = CancelOrder(Book.LIVE, "AUSDT", STOP.request.client_id, conditional=True)

    rig = play(
        rig_of, lambda r: r.venue.script("cancel", answer), lambda r: r.executor.cancel(effect)
    )

    assert [type(e) for e in rig.events] == [expected]


def test_cancel_when_unknown_tells_nothing_so_that_the_core_asks_again(rig_of):
    effect = CancelOrder(Book.LIVE, "AUSDT", STOP.request.client_id, conditional=True)

    rig = play(
        rig_of,
        lambda r: r.venue.script("cancel", OutcomeUnknown("timeout")),
        lambda r: r.executor.cancel(effect),
    )

    assert rig.events == []


def test_resume_when_a_former_run_left_intents_settles_them_without_sending(rig_of):
    rig = play(
        rig_of,
        lambda r: r.venue.script("query", order(ENTRY)),
        lambda r: r.executor.resume([ENTRY]),
        5,
    )

    assert rig.venue.placed == []
    assert [type(e) for e in rig.events] == [OrderChanged]


def test_entry_when_our_own_code_fails_while_sending_is_unknown_not_forgotten(rig_of):
    """Law 3: a defect of ours is no evidence that the venue refused."""
    rig = play(
        rig_of,
        lambda r: r.venue.script("place", ZeroDivisionError("planted")),
        lambda r: r.executor.submit(ENTRY),
    )

    (event,) = rig.events
    assert isinstance(event, OrderUnknown)
    assert "planted" in event.reason
    assert rig.journal.intents[ENTRY.request.client_id] is IntentState.UNKNOWN


def test_cancel_when_its_order_is_still_being_sent_does_not_overtake_it(rig_of):
    """A cancel that finds nothing would let the order come to rest afterwards, unwatched."""
    client_id = STOP.request.client_id

    def script(rig):
        rig.venue.script("place", order(STOP))
        rig.venue.script("cancel", order(STOP, OrderStatus.CANCELED))

    def act(rig):
        rig.executor.submit(STOP)
        rig.executor.cancel(CancelOrder(Book.LIVE, "AUSDT", client_id, conditional=True))

    rig = play(rig_of, script, act)

    assert rig.venue.calls == ["place", "cancel"]
    assert [type(event) for event in rig.events] == [OrderAccepted, OrderChanged]


class SlowJournal:
    """Stands before the journal as a locked database does."""

    def __init__(self, rig, locked_s):
        self.inner, self.locked_s = rig.journal, locked_s

    async def save_intent(self, wish):
        await asyncio.sleep(self.locked_s)
        return await self.inner.save_intent(wish)

    async def settle_intent(self, client_id, state, reason=""):
        await self.inner.settle_intent(client_id, state, reason)


def test_stop_when_the_database_is_locked_does_not_wait_for_it(rig_of):
    """Failure 44: protection works without the database; 30 s of lock would leave it naked."""

    def script(rig):
        rig.executor._journal = SlowJournal(rig, 30)
        rig.venue.script("place", order(STOP))

    rig = play(rig_of, script, lambda r: r.executor.submit(STOP), 1)

    assert rig.events == [OrderAccepted(Book.LIVE, order(STOP))]
    assert not rig.executor.is_sending
    assert rig.journal.intents == {}


def test_stop_when_its_intent_is_saved_late_is_settled_after_it(rig_of):
    def script(rig):
        rig.executor._journal = SlowJournal(rig, 30)
        rig.venue.script("place", order(STOP))

    rig = play(rig_of, script, lambda r: r.executor.submit(STOP), 40)

    assert rig.journal.intents == {STOP.request.client_id: IntentState.ACCEPTED}


def test_entry_when_its_intent_is_saved_too_late_is_not_sent_and_settled_as_rejected(rig_of):
    """A late entry is not the one that was decided on; nor may it look unfinished for ever."""

    def script(rig):
        rig.executor._journal = SlowJournal(rig, 30)

    rig = play(rig_of, script, lambda r: r.executor.submit(ENTRY), 40)

    assert rig.venue.placed == []
    assert [type(e) for e in rig.events] == [OrderRejected]
    assert rig.journal.intents == {ENTRY.request.client_id: IntentState.REJECTED}


def test_executor_when_an_order_is_on_its_way_says_so_until_it_is_answered(rig_of):
    async def run():
        rig = rig_of()
        rig.venue.script("place", order(ENTRY))
        rig.executor.submit(ENTRY)
        told = [rig.executor.is_sending]
        await asyncio.sleep(0.5)
        told.append(rig.executor.is_sending)
        await rig.tasks.close()
        return told

    assert run_virtual(run()) == [True, False]
