import asyncio

from engine.domain.errors import OutcomeUnknown
from engine.domain.events import IntentExpired, OrderChanged, OrderFilled
from engine.domain.order import IntentState, OrderStatus
from tests.engine.execution.conftest import fill, intent, order
from tests.virtual_loop import run_virtual

ENTRY = intent()


def play(rig_of, script, after_s):
    async def run():
        rig = rig_of()
        script(rig)
        rig.settlement.begin(ENTRY)
        rig.settlement.begin(ENTRY)
        await asyncio.sleep(after_s)
        await rig.tasks.close()
        return rig

    return run_virtual(run())


def test_settlement_when_never_found_expires_after_two_minutes_not_before(rig_of):
    """Failure 17: -2013 is not proof that the order does not exist."""
    early = play(rig_of, lambda r: None, 119)
    late = play(rig_of, lambda r: None, 155)

    assert early.events == []
    assert [type(e) for e in late.events] == [IntentExpired]
    assert late.journal.intents[ENTRY.request.client_id] is IntentState.EXPIRED
    assert late.venue.placed == []


def test_settlement_when_asked_twice_searches_once(rig_of):
    rig = play(rig_of, lambda r: None, 0.5)
    asked_early = rig.venue.calls.count("query")
    rig = play(rig_of, lambda r: None, 1.5)

    assert asked_early == 0
    assert rig.venue.calls.count("query") == 1


def test_settlement_when_the_query_lies_for_a_while_believes_the_later_answer(rig_of):
    filled = order(ENTRY, OrderStatus.FILLED, filled=2)

    def script(rig):
        rig.venue.script("query", None, None, OutcomeUnknown("503"), filled)
        rig.venue.script("fills", (fill(ENTRY, 1), fill(ENTRY, 2), fill(ENTRY, 3, venue_id="8")))

    rig = play(rig_of, script, 60)

    assert [type(e) for e in rig.events] == [OrderFilled, OrderFilled, OrderChanged]
    assert [e.fill.trade_id for e in rig.events[:2]] == [1, 2]
    assert all(e.fill.client_id == ENTRY.request.client_id for e in rig.events[:2])


def test_settlement_when_fills_cannot_be_read_tells_no_status_yet(rig_of):
    """A final status before its fills would release the reservation and lose the position."""
    filled = order(ENTRY, OrderStatus.FILLED, filled=1)

    def script(rig):
        rig.venue.script("query", filled, filled)
        rig.venue.script("fills", OutcomeUnknown("503"), (fill(ENTRY, 1),))

    rig = play(rig_of, script, 60)

    assert [type(e) for e in rig.events] == [OrderFilled, OrderChanged]


def test_settlement_when_the_journal_is_broken_still_tells_the_core(rig_of):
    def script(rig):
        rig.journal.broken = True
        rig.venue.script("query", order(ENTRY))

    rig = play(rig_of, script, 5)

    assert [type(e) for e in rig.events] == [OrderChanged]
