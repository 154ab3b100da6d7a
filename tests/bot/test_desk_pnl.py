"""Results of a period, from a journal set by hand."""

import asyncio
import random
from decimal import Decimal

import pytest

from bot.desk import Period, PnlView
from bot.desk_pnl import PnlReader
from engine.domain.effects import EquitySeen
from engine.domain.order import Book
from engine.domain.position import ExitReason
from tests.storage import samples

DAY = 86_400_000
NOW_MS = 20_000 * DAY + 3_600_000
"""One hour into a UTC day."""


class Journal:
    def __init__(self) -> None:
        self.trades = {Book.PAPER: (), Book.LIVE: ()}
        self.curve: tuple[EquitySeen, ...] = ()
        self.since: list[int] = []
        self.most = 0

    async def closed_trades(self, book, since_ms, until_ms):
        self.since.append(since_ms)
        return tuple(t for t in self.trades[book] if since_ms <= t.closed_ms < until_ms)

    async def equity(self, _book, _since_ms, _until_ms, most):
        self.most = most
        return self.curve


async def told(journal: Journal, period: Period = Period.DAY) -> PnlView:
    return await PnlReader(journal, random.Random(1), Book).read(period, NOW_MS)


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.mark.parametrize(
    ("period", "since_ms"),
    [
        (Period.DAY, 20_000 * DAY),
        (Period.WEEK, 19_994 * DAY),
        (Period.MONTH, 19_971 * DAY),
        (Period.ALL, 0),
    ],
)
async def test_pnl_when_asked_begins_at_a_utc_midnight(journal, period, since_ms):
    view = await told(journal, period)

    assert set(journal.since) == {since_ms}
    assert [book.book for book in view.books] == [Book.PAPER, Book.LIVE]


async def test_pnl_when_nothing_was_traded_is_zero_without_interval(journal):
    (paper, _) = (await told(journal)).books

    assert (paper.total.count, paper.total.net, paper.total.low_r) == (0, Decimal(0), None)
    assert paper.best is paper.worst is None
    assert paper.by_reason == ()


async def test_pnl_when_trades_closed_sums_them_and_keeps_books_apart(journal):
    won = samples.closed("k1", closed_ms=NOW_MS)
    lost = samples.closed(
        "k2", closed_ms=NOW_MS - 1, gross=Decimal("-60.00"), reason=ExitReason.STOP
    )
    journal.trades[Book.PAPER] = (lost, won)

    paper, live = (await told(journal)).books

    assert paper.total.count == 2
    assert paper.total.wins == 1
    assert paper.total.net == won.net + lost.net
    assert paper.total.fees == won.fees + lost.fees
    assert paper.total.low_r <= paper.total.expectancy_r <= paper.total.high_r
    assert {group.name for group in paper.by_reason} == {"stop", "target"}
    assert (paper.best, paper.worst) == (won, lost)
    assert [(day.name, day.count) for day in paper.by_day] == [(str(20_000 * DAY), 2)]
    assert live.total.count == 0


async def test_pnl_when_there_is_a_curve_asks_for_no_more_than_is_drawn(journal):
    journal.curve = tuple(EquitySeen(Book.PAPER, n, Decimal(n), Decimal(n)) for n in range(2))

    (paper, _) = (await told(journal)).books

    assert paper.equity == ((0, 0.0), (1, 1.0))
    assert journal.most == 200


async def test_pnl_when_there_are_many_groups_lets_the_loop_go_on_between_them(journal):
    journal.trades[Book.PAPER] = tuple(
        samples.closed(f"k{n}", closed_ms=NOW_MS, symbol=f"S{n}USDT") for n in range(20)
    )
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    await told(journal)
    beside.cancel()

    assert turns >= 20
