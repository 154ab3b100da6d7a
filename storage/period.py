"""What the journal says of a period: starts, commands, setups with everything said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import CommandAnswered, RunStarted
from engine.domain.errors import JournalError
from engine.domain.order import Book
from storage import commands, runs
from storage.database import Database
from storage.queries import WITH_SIGNAL, StoredSetup, completed
from storage.tables import commands as command_table
from storage.tables import equity, setups

_CHUNK = 400
"""Setups a query: SQLite limits how many values one may name."""
_EVERYTHING = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The journal of a period.

    Attributes:
        runs: every start there ever was, oldest first.
        commands: accepted commands before the end of the period, oldest first.
        setups: setups judged in the period, oldest first.
        last_ms: the newest moment anything was journalled, -1 in an empty journal.
        ends: by start, the newest moment its equity was journalled; none where it never was.
        wallets: by book, the first wallet known after the first start of the period.
    """

    runs: tuple[RunStarted, ...]
    commands: tuple[CommandAnswered, ...]
    setups: tuple[StoredSetup, ...]
    last_ms: int
    ends: dict[int, int]
    wallets: dict[Book, Decimal]


async def read_period(database: Database, since_ms: int, until_ms: int) -> Period:
    """Return what was journalled in [since_ms, until_ms).

    Raises:
        JournalError: it cannot be read.
    """
    async with database.read() as connection:
        try:
            begun = await runs.all_runs(connection)
            answered = await commands.page(connection, _EVERYTHING)
        except ValueError as error:
            raise JournalError(f"{database.label} was written otherwise: {error}") from error
        query = WITH_SIGNAL.where(setups.c.at_ms >= since_ms, setups.c.at_ms < until_ms).order_by(
            setups.c.at_ms, setups.c.setup_id
        )
        rows = (await connection.execute(query)).mappings().all()
        found: list[StoredSetup] = []
        for first in range(0, len(rows), _CHUNK):
            found += await completed(connection, rows[first : first + _CHUNK])
        newest = [
            (await connection.execute(select(func.max(column)))).scalar()
            for column in (setups.c.at_ms, equity.c.at_ms, command_table.c.at_ms)
        ]
        ends = await _ends(connection, begun)
        wallets = {book: await _wallet(connection, book, since_ms) for book in Book}
    given = (entry for _seq, entry in reversed(answered) if entry.at_ms < until_ms)
    return Period(
        runs=begun,
        commands=tuple(entry for entry in given if entry.receipt.accepted),
        setups=tuple(found),
        last_ms=max((at for at in newest if at is not None), default=-1),
        ends=ends,
        wallets={book: wallet for book, wallet in wallets.items() if wallet is not None},
    )


async def _ends(connection: AsyncConnection, begun: Sequence[RunStarted]) -> dict[int, int]:
    """Equity is journalled every minute: its newest row of a start tells how long that lived."""
    ends: dict[int, int] = {}
    following = [one.started_ms for one in begun[1:]]
    for run, until_ms in zip_longest(begun, following):
        if run is None:
            break
        query = select(func.max(equity.c.at_ms)).where(equity.c.at_ms >= run.started_ms)
        if until_ms is not None:
            query = query.where(equity.c.at_ms < until_ms)
        at_ms = (await connection.execute(query)).scalar()
        if at_ms is not None:
            ends[run.epoch] = at_ms
    return ends


async def _wallet(connection: AsyncConnection, book: Book, since_ms: int) -> Decimal | None:
    query = (
        select(equity.c.wallet)
        .where(equity.c.book == book.value, equity.c.at_ms >= since_ms)
        .order_by(equity.c.at_ms)
        .limit(1)
    )
    found = (await connection.execute(query)).scalar()
    return None if found is None else Decimal(found)
