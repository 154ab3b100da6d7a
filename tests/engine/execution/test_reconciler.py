import asyncio
import random
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from engine.domain.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    VenueRejected,
    VenueUnreachable,
)
from engine.domain.events import AccountRefused, OrderFilled, SnapshotTaken
from engine.domain.order import Book, OrderType, Purpose, Side
from engine.domain.setup import Direction
from engine.execution.reconciler import Reconciler
from tests.engine.execution.conftest import SNAPSHOT, fill, intent, order
from tests.virtual_loop import run_virtual

ENTRY = intent()
STOP = order(intent(Purpose.STOP, "smc1-S-abcdefghijklmn-0"))
LONG = SimpleNamespace(
    book=Book.LIVE, symbol="AUSDT", direction=Direction.LONG, qty=Decimal(3), protected=True
)


def play(rig_of, act, open_since=None, after_s=30):
    async def run():
        rig = rig_of()
        rig.reconciler = Reconciler(
            Book.LIVE,
            rig.venue,
            rig.tasks,
            rig.events.append,
            lambda: open_since or {},
            random.Random(1),
        )
        await act(rig)
        await asyncio.sleep(after_s)
        await rig.tasks.close()
        return rig

    return run_virtual(run())


def test_reconciler_when_asked_tells_missed_fills_before_the_snapshot(rig_of):
    async def act(rig):
        rig.venue.script("fills", (fill(ENTRY, 5, client_id="x"),))
        rig.reconciler.request("start")

    rig = play(rig_of, act, {"AUSDT": 100})

    assert rig.events == [
        OrderFilled(Book.LIVE, fill(ENTRY, 5, client_id="x")),
        SnapshotTaken(Book.LIVE, SNAPSHOT),
    ]


def test_reconciler_when_the_venue_fails_tries_until_it_answers(rig_of):
    async def act(rig):
        rig.venue.script("snapshot", VenueUnreachable("dns"), OutcomeUnknown("502"), SNAPSHOT)
        rig.reconciler.request("doubt")

    rig = play(rig_of, act)

    assert [type(e) for e in rig.events] == [SnapshotTaken]
    assert rig.venue.calls.count("snapshot") == 3


def test_reconciler_when_asked_again_meanwhile_takes_exactly_one_more(rig_of):
    async def act(rig):
        for _ in range(5):
            rig.reconciler.request("doubt")
            await asyncio.sleep(0.001)

    rig = play(rig_of, act)

    assert rig.reconciler.taken == 2


def test_reconciler_when_one_symbol_is_refused_still_takes_the_snapshot(rig_of):
    """Failure 37: one delisted contract must not keep the others from being protected."""

    async def act(rig):
        rig.venue.script("fills", VenueRejected(-1121, "Invalid symbol."), ())
        rig.reconciler.request("start")

    rig = play(rig_of, act, {"GONEUSDT": 100, "AUSDT": 100})

    assert rig.events == [SnapshotTaken(Book.LIVE, SNAPSHOT)]
    assert rig.venue.calls == ["fills", "fills", "snapshot"]


def test_reconciler_when_fills_are_not_to_be_had_goes_on_without_them(rig_of):
    async def act(rig):
        rig.venue.defaults["fills"] = OutcomeUnknown("502")
        rig.reconciler.request("start")

    rig = play(rig_of, act, {"AUSDT": 100})

    assert rig.events == [SnapshotTaken(Book.LIVE, SNAPSHOT)]
    assert rig.venue.calls == ["fills", "fills", "snapshot"]


def test_reconciler_when_our_own_code_fails_tries_again(rig_of):
    """Law 6: a snapshot that never comes leaves restored positions unmanaged."""

    async def act(rig):
        rig.venue.script("snapshot", ZeroDivisionError("planted"), SNAPSHOT)
        rig.reconciler.request("start")

    rig = play(rig_of, act)

    assert rig.events == [SnapshotTaken(Book.LIVE, SNAPSHOT)]


@pytest.mark.parametrize("call", ["snapshot", "fills"])
def test_reconciler_when_the_credentials_are_refused_says_so_and_tries_slowly(rig_of, call):
    """A wrong key was retried for ever, each 30 s at best, with a log line as its only sign."""

    async def act(rig):
        rig.venue.defaults[call] = CredentialsRefused(-2015, "Invalid API-key")
        rig.reconciler.request("start")
        await asyncio.sleep(1)
        for _ in range(10):
            rig.reconciler.request("doubt")  # asking more often mends nothing

    rig = play(rig_of, act, {"AUSDT": 100}, after_s=70)

    refused = AccountRefused(Book.LIVE, "-2015: Invalid API-key")
    assert rig.events == [refused, refused, refused]
    assert rig.venue.calls.count(call) == 3


def test_reconciler_when_the_credentials_work_again_takes_the_snapshot(rig_of):
    async def act(rig):
        rig.venue.script("snapshot", CredentialsRefused(-2014, "API-key format"), SNAPSHOT)
        rig.reconciler.request("start")

    rig = play(rig_of, act, after_s=40)

    assert [type(one) for one in rig.events] == [AccountRefused, SnapshotTaken]


def test_reconciler_when_asked_while_it_waits_to_retry_tries_at_once(rig_of):
    """The user stream is back: the snapshot must not wait for the end of a long back-off."""

    async def act(rig):
        rig.venue.defaults["snapshot"] = VenueUnreachable("dns")
        rig.reconciler.request("doubt")
        await asyncio.sleep(200)
        rig.venue.defaults["snapshot"] = SNAPSHOT
        rig.reconciler.request("user stream is back")

    rig = play(rig_of, act, after_s=0.1)

    assert rig.events == [SnapshotTaken(Book.LIVE, SNAPSHOT)]


@pytest.mark.parametrize(
    "resting",
    [
        (),
        (replace(STOP, qty=Decimal(2)),),
        (replace(STOP, side=Side.BUY),),
        (replace(STOP, reduce_only=False),),
        (replace(STOP, symbol="BUSDT"),),
        (replace(STOP, order_type=OrderType.TAKE_PROFIT_MARKET),),
    ],
)
def test_guard_when_no_fitting_stop_rests_takes_a_snapshot(rig_of, resting):
    async def act(rig):
        rig.venue.script("conditionals", resting)
        await rig.reconciler.guard((LONG,))

    rig = play(rig_of, act)

    assert [type(e) for e in rig.events] == [SnapshotTaken]


def test_guard_when_the_stop_rests_or_nothing_is_open_stays_quiet(rig_of):
    async def act(rig):
        rig.venue.script("conditionals", (STOP,))
        await rig.reconciler.guard((LONG,))
        await rig.reconciler.guard(())

    rig = play(rig_of, act)

    assert rig.events == []
    assert rig.venue.calls == ["conditionals"]
