"""What the journal forgets, and what it never does."""

import pytest
from sqlalchemy import func, select

from engine.domain.effects import SetupSeen, SignalRaised, TradeEnded, VerdictGiven
from storage.database import Database
from storage.journal import SqlJournal
from storage.retention import DAY_MS, _old, count_old_setups, forget_old_setups
from storage.tables import closed_trades, setups, signals, verdicts
from tests.storage.samples import T0, closed, refused, setup, signal

OLD, YOUNG = T0, T0 + 400 * DAY_MS


@pytest.fixture
async def journal(database: Database) -> SqlJournal:
    """Make a journal with two old setups, one of them traded, and a young one."""
    made = SqlJournal(database)
    forgotten, traded = setup("OLDUSDT", OLD), setup("TRADEUSDT", OLD)
    await made.append(
        [
            SetupSeen(forgotten, None, "cost", OLD),
            SetupSeen(traded, None, "signal", OLD),
            SetupSeen(setup("NEWUSDT", YOUNG), None, "cost", YOUNG),
            SignalRaised(signal(forgotten), OLD),
            VerdictGiven(refused(forgotten), OLD),
            VerdictGiven(refused(traded), OLD),
            TradeEnded(closed(setup_id=traded.setup_id)),
        ]
    )
    return made


async def rows(database: Database, table: object) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


@pytest.mark.usefixtures("journal")
async def test_setups_when_old_and_never_traded_are_forgotten_with_all_about_them(
    database: Database,
) -> None:
    assert await count_old_setups(database, 365) == 1
    assert await forget_old_setups(database, 365) == 1

    assert await rows(database, setups) == 2
    assert await rows(database, signals) == 0
    assert await rows(database, verdicts) == 1, "the verdict on the trade stays"
    assert await rows(database, closed_trades) == 1
    assert await count_old_setups(database, 365) == 0


def test_old_setups_when_looked_for_ask_the_trades_of_each_by_its_index() -> None:
    asked = " ".join(str(_old(0)).split())

    assert asked.count("NOT (EXISTS (SELECT") == 2
    assert "NOT IN" not in asked
    assert "WHERE closed_trades.setup_id = setups.setup_id" in asked


@pytest.mark.usefixtures("journal")
async def test_setups_when_young_enough_stay(database: Database) -> None:
    assert await count_old_setups(database, 400) == 0
    assert await forget_old_setups(database, 400) == 0
    assert await rows(database, setups) == 3


async def test_setups_when_there_are_none_are_none(database: Database) -> None:
    assert await count_old_setups(database, 0) == 0
    assert await forget_old_setups(database, 0) == 0
