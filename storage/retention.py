"""What the journal may forget: setups of long ago that never became a trade.

Orders, fills, trades, equity and commands are the truth about results and stay for ever.
"""

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.tables import (
    closed_trades,
    setup_outcomes,
    setups,
    shadow_scores,
    signals,
    trades,
    verdicts,
)

DAY_MS = 86_400_000
_FOLLOWERS = (signals, verdicts, shadow_scores, setup_outcomes)
"""What hangs on a setup, deleted before it."""


async def count_old_setups(database: Database, days: int) -> int:
    """Return how many setups `forget_old_setups` would delete.

    Raises:
        JournalError: the database cannot be read.
    """
    async with database.read() as connection:
        old = _old(await _newest_ms(connection) - days * DAY_MS).subquery()
        return int((await connection.execute(select(func.count()).select_from(old))).scalar_one())


async def forget_old_setups(database: Database, days: int) -> int:
    """Delete setups without a trade that are older than the newest by `days`; return how many.

    Days are those of the journal, because the time of an embedded exchange is its own.

    Raises:
        JournalError: nothing was deleted, and why.
    """
    async with database.write() as connection:
        old = _old(await _newest_ms(connection) - days * DAY_MS)
        for table in _FOLLOWERS:
            await connection.execute(delete(table).where(table.c.setup_id.in_(old)))
        done = await connection.execute(delete(setups).where(setups.c.setup_id.in_(old)))
        return int(done.rowcount)


async def _newest_ms(connection: AsyncConnection) -> int:
    found = (await connection.execute(select(func.max(setups.c.at_ms)))).scalar_one()
    return int(found or 0)


def _old(before_ms: int) -> Select[tuple[str]]:
    # A server answers NOT IN by reading all trades for every setup once they outgrow its memory.
    return select(setups.c.setup_id).where(
        setups.c.at_ms < before_ms,
        *(
            ~exists().where(table.c.setup_id == setups.c.setup_id).correlate(setups)
            for table in (trades, closed_trades)
        ),
    )
