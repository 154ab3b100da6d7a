"""Read-only views over a journal that was really written."""

from decimal import Decimal

import pytest
from sqlalchemy import update

from engine.domain.commands import Pause, Receipt
from engine.domain.effects import (
    CommandAnswered,
    EquitySeen,
    FillSeen,
    SetupSeen,
    SignalRaised,
    TradeEnded,
    VerdictGiven,
)
from engine.domain.errors import JournalError
from engine.domain.order import Book
from engine.domain.signal import Rule
from storage.database import Database
from storage.journal import SqlJournal
from storage.pnl import Grouping
from storage.queries import Queries
from storage.tables import setups
from tests.storage import samples

FIRST = samples.setup()
SECOND = samples.setup("ETHUSDT", samples.T0 + 60_000)
QUIET = samples.setup("XRPUSDT")


@pytest.fixture
async def queries(database: Database) -> Queries:
    await SqlJournal(database).append(
        [
            SetupSeen(QUIET, samples.score(QUIET, 0.2), "below", samples.T0),
            SetupSeen(FIRST, samples.score(FIRST), "signal", samples.T0),
            SignalRaised(samples.signal(FIRST), samples.T0),
            VerdictGiven(samples.refused(FIRST, Rule.SPREAD), samples.T0),
            VerdictGiven(samples.approved(FIRST), samples.T0 + 5),
            SetupSeen(SECOND, samples.score(SECOND, 0.5), "signal", samples.T0 + 60_000),
            SignalRaised(samples.signal(SECOND), samples.T0 + 60_000),
            FillSeen(Book.PAPER, "k1", samples.fill()),
            TradeEnded(samples.closed()),
            EquitySeen(Book.PAPER, samples.T0, Decimal("10000.0"), Decimal("10090.0")),
            CommandAnswered(
                Pause(command_id="u1", requested_by="77"),
                Receipt(command_id="u1", accepted=True, detail="paused"),
                samples.T0,
            ),
        ]
    )
    return Queries(database)


async def test_signals_when_listed_are_newest_first_with_outcome(queries: Queries) -> None:
    second, first = await queries.signals(10)
    assert (second.setup, first.setup) == (SECOND, FIRST)
    assert second.verdicts == ()
    assert second.closed == ()
    assert [verdict.rule for verdict in first.verdicts] == [Rule.SPREAD, None]
    assert first.verdicts[1].qty == Decimal("0.120")
    assert first.verdicts[1].book is Book.PAPER
    assert first.closed == (samples.closed(),)
    assert first.cost == samples.signal().cost
    assert [found.setup for found in await queries.signals(1)] == [SECOND]


async def test_setup_when_it_was_no_signal_has_no_threshold(queries: Queries) -> None:
    found = await queries.setup(QUIET.setup_id)
    assert found is not None
    assert (found.setup, found.fate, found.threshold, found.cost) == (QUIET, "below", None, None)
    assert found.score == samples.score(QUIET, 0.2)


async def test_setup_when_unknown_is_none(queries: Queries) -> None:
    assert await queries.setup("nothing") is None


async def test_pnl_when_grouped_covers_the_period_only(queries: Queries) -> None:
    (group,) = await queries.pnl(Book.PAPER, samples.T0, samples.T0 + 600_001, Grouping.REASON)
    assert (group.key, group.net) == ("target", samples.closed().net)
    assert await queries.pnl(Book.PAPER, 0, samples.T0 + 600_000, Grouping.ALL) == ()
    assert await queries.pnl(Book.LIVE, 0, 2**60, Grouping.ALL) == ()


async def test_equity_fills_and_commands_when_read_are_as_written(queries: Queries) -> None:
    (seen,) = await queries.equity(Book.PAPER, 0, 2**60, 9)
    assert str(seen.equity) == "10090.0"
    assert await queries.fills(Book.PAPER, "k1") == (samples.fill(),)
    ((_, answered),) = await queries.commands(5)
    assert answered.receipt.detail == "paused"


async def test_views_when_read_commit_nothing(queries: Queries, database: Database) -> None:
    before = database.commits
    await queries.signals(5)
    await queries.pnl(Book.PAPER, 0, 2**60, Grouping.ALL)
    assert database.commits == before


async def test_setup_when_another_version_stored_it_says_so(
    queries: Queries, database: Database
) -> None:
    async with database.write() as connection:
        await connection.execute(
            update(setups).where(setups.c.setup_id == QUIET.setup_id).values(setup="{}")
        )
    with pytest.raises(JournalError, match=f"setup {QUIET.setup_id} was stored otherwise"):
        await queries.setup(QUIET.setup_id)
    assert len(await queries.signals(5)) == 2
