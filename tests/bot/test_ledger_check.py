from decimal import Decimal

import pytest

from bot.ledger_check import MOST_ENTRIES, QUIET_MS, LedgerCheck, LedgerResult, compared
from engine.domain.errors import VenueUnreachable
from engine.domain.order import Book
from engine.exchange.binance.codec_account import Income
from tests.builders import d
from tests.fake_clock import START_MS, FakeClock
from tests.storage.samples import closed


def entry(kind: str, amount: str, asset: str = "USDT") -> Income:
    return Income(kind, d(amount), asset, START_MS)


BOOKED = (
    entry("REALIZED_PNL", "95.10"),
    entry("COMMISSION", "-2.55"),
    entry("COMMISSION", "-2.50"),
    entry("FUNDING_FEE", "-0.05"),
    entry("TRANSFER", "1000"),
)
"""What a venue books for `closed()`, and a deposit, which is no result."""


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.flat = True
        self.down = False
        self.trades = ()
        self.asked: list[tuple[int, int]] = []
        self.entries = BOOKED
        self.check = LedgerCheck(self.clock, self._income, self._trades, lambda: self.flat).check

    async def _income(self, since_ms, until_ms):
        self.asked.append((since_ms, until_ms))
        if self.down:
            raise VenueUnreachable("down")
        return self.entries

    async def _trades(self, book, since_ms, until_ms):
        assert book is Book.LIVE
        return tuple(t for t in self.trades if since_ms <= t.closed_ms < until_ms)

    def trade_after_minutes(self, minutes: int) -> None:
        """Close a trade then, and let the clock pass to well after it."""
        self.trades = (*self.trades, closed(closed_ms=START_MS + minutes * 60_000))
        self.clock.advance(minutes * 60 + 600)


@pytest.fixture
def world() -> World:
    return World()


async def test_ledger_when_checked_first_only_marks_the_beginning(world):
    result = await world.check()

    assert "the first check" in result.left_out
    assert not result.agrees
    assert world.asked == []


async def test_ledger_when_both_sides_are_equal_agrees_without_transfers(world):
    await world.check()
    world.trade_after_minutes(5)

    result = await world.check()

    assert result == LedgerResult(1, d("90.00"), d("90.00"))
    assert result.agrees
    assert world.asked == [(START_MS, world.clock.exchange_ms())]


async def test_ledger_when_a_funding_payment_was_missed_differs(world):
    await world.check()
    world.trade_after_minutes(5)
    world.entries = (*BOOKED, entry("FUNDING_FEE", "-0.35"))

    result = await world.check()

    assert not result.agrees
    assert result.venue - result.ours == d("-0.35")


async def test_ledger_when_a_period_was_compared_begins_the_next_there(world):
    await world.check()
    world.trade_after_minutes(5)
    await world.check()
    first_end = world.asked[0][1]
    world.clock.advance(3_600)
    world.entries = ()

    assert (await world.check()).agrees
    assert world.asked[1] == (first_end, world.clock.exchange_ms())


@pytest.mark.parametrize("position_open", [True, False])
async def test_ledger_when_something_is_in_motion_waits_and_goes_on_later(world, position_open):
    await world.check()
    world.trades = (closed(closed_ms=START_MS + 60_000),)
    world.clock.advance(60 + QUIET_MS / 1000 - 1)
    world.flat = not position_open

    waiting = await world.check()
    world.flat = True
    world.clock.advance(10)

    assert waiting.left_out
    assert (await world.check()).agrees
    assert [since for since, _ in world.asked] == [START_MS], "the period was not cut"


async def test_ledger_when_a_position_opens_while_asking_does_not_compare(world):
    await world.check()
    world.trade_after_minutes(5)
    answers = iter((True, False, True, True))
    check = LedgerCheck(world.clock, world._income, world._trades, lambda: next(answers))
    check._since_ms = START_MS

    assert "opened meanwhile" in (await check.check()).left_out
    assert (await check.check()).agrees


async def test_ledger_when_the_venue_is_down_keeps_the_period(world):
    await world.check()
    world.trade_after_minutes(5)
    world.down = True
    with pytest.raises(VenueUnreachable):
        await world.check()
    world.down = False

    assert (await world.check()).agrees
    assert [since for since, _ in world.asked] == [START_MS] * 2


def test_comparison_when_rounding_differs_agrees_and_a_cent_too_much_does_not():
    def venue(amount: str) -> LedgerResult:
        return compared((closed(),), (entry("REALIZED_PNL", amount),))

    assert venue("90.01").agrees
    assert venue("89.99").agrees
    assert not venue("90.02").agrees


def test_comparison_when_fees_are_paid_in_another_asset_is_left_out():
    result = compared((closed(),), (*BOOKED, entry("COMMISSION", "-0.001", "BNB")))

    assert result.left_out == "entries in BNB"
    assert not result.agrees


def test_comparison_when_the_reply_is_full_is_left_out():
    result = compared((), (entry("COMMISSION", "-1"),) * MOST_ENTRIES)

    assert "more than 1000 entries" in result.left_out


def test_comparison_when_nothing_happened_agrees():
    assert compared((), ()) == LedgerResult(0, Decimal(0), Decimal(0))
    assert compared((), ()).agrees
