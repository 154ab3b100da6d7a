"""Setups, signals and verdicts in the database."""

import pytest
from sqlalchemy import select

from engine.domain.effects import SetupSeen, SignalRaised, VerdictGiven
from engine.domain.signal import GateFigure, Measure, Rule
from storage import setups
from storage.database import Database
from storage.tables import setups as setup_table
from storage.tables import signals as signal_table
from storage.tables import verdicts as verdict_table
from tests.storage import samples


async def test_write_setups_when_seen_twice_keeps_the_later_word(database: Database) -> None:
    found = samples.setup()
    seen = [
        SetupSeen(found, None, "warming", samples.T0),
        SetupSeen(found, samples.score(found), "below", samples.T0 + 1),
    ]
    async with database.write() as connection:
        await setups.write_setups(connection, seen)
        row = (await connection.execute(select(setup_table))).mappings().one()
    assert (row["fate"], row["value"], row["at_ms"]) == ("below", 0.41, samples.T0 + 1)


async def test_write_signals_when_setup_is_unknown_stores_it_too(database: Database) -> None:
    async with database.write() as connection:
        await setups.write_signals(connection, [SignalRaised(samples.signal(), samples.T0)])
        fate = (await connection.execute(select(setup_table.c.fate))).scalar_one()
        cost = (await connection.execute(select(signal_table.c.cost_r))).scalar_one()
    assert (fate, cost) == ("signal", 0.14)


async def test_write_signals_when_setup_is_known_leaves_its_fate(database: Database) -> None:
    found = samples.setup()
    async with database.write() as connection:
        await setups.write_setups(connection, [SetupSeen(found, None, "muted", 1)])
        await setups.write_signals(connection, [SignalRaised(samples.signal(found), 2)])
        assert (await connection.execute(select(setup_table.c.fate))).scalar_one() == "muted"


async def test_write_verdicts_when_judged_twice_appends_both(database: Database) -> None:
    given = [
        VerdictGiven(samples.refused(rule=Rule.SPREAD), 1),
        VerdictGiven(samples.approved(), 2),
    ]
    async with database.write() as connection:
        await setups.write_verdicts(connection, given)
        rows = (
            (await connection.execute(select(verdict_table).order_by(verdict_table.c.seq)))
            .mappings()
            .all()
        )
    assert [row["rule"] for row in rows] == ["spread", None]
    assert [row["qty"] for row in rows] == [None, "0.120"]
    assert [row["at_floor"] for row in rows] == [False, True]


FIGURES = (
    GateFigure(Rule.SPREAD, Measure.SPREAD, 0.012345678, 0.03, True),
    GateFigure(Rule.MARGIN, Measure.MARGIN, float("inf"), 0.1, False),
)


def test_figures_when_read_back_have_six_digits() -> None:
    first, second = setups.figures_of(setups.figures_text(FIGURES))

    assert (first.value, first.limit, first.rule) == (0.0123457, 0.03, Rule.SPREAD)
    assert second == FIGURES[1]


@pytest.mark.parametrize("text", ["[1]", '[["spread"]]', '[["no", "cost", 1, 2, true]]', "{"])
def test_figures_when_they_are_something_else_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        setups.figures_of(text)


def test_figures_when_there_are_none_are_none() -> None:
    assert setups.figures_of(None) == setups.figures_of("") == ()


async def test_write_verdicts_when_measured_keeps_the_figures(database: Database) -> None:
    async with database.write() as connection:
        await setups.write_verdicts(
            connection,
            [VerdictGiven(samples.approved(), 1, FIGURES), VerdictGiven(samples.approved(), 2)],
        )
        query = select(verdict_table.c.figures).order_by(verdict_table.c.seq)
        kept = (await connection.execute(query)).scalars().all()
    assert [one.measure for one in setups.figures_of(kept[0])] == [Measure.SPREAD, Measure.MARGIN]
    assert kept[1] is None
