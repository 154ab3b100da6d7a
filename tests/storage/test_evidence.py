"""Challengers' scores and outcomes in the database."""

from sqlalchemy import select

from engine.domain.effects import SetupFollowed, ShadowScored
from storage.database import Database
from storage.evidence import write_outcomes, write_shadow_scores
from storage.tables import setup_outcomes, shadow_scores
from tests.storage import samples


async def test_shadow_score_when_given_twice_keeps_the_later_one(database: Database) -> None:
    found = samples.setup()
    entries = [
        ShadowScored(samples.score(found, 0.3, scorer="lgbm:b", probability=0.2), 1),
        ShadowScored(samples.score(found, 0.4, scorer="lgbm:b", probability=None), 2),
        ShadowScored(samples.score(found, 0.5, scorer="lgbm:c", probability=0.6), 3),
    ]
    async with database.write() as connection:
        await write_shadow_scores(connection, entries[:1])
        await write_shadow_scores(connection, entries[1:])
        rows = (await connection.execute(select(shadow_scores).order_by("scorer"))).all()

    assert rows == [
        ("lgbm:b", found.setup_id, 2, 0.4, None),
        ("lgbm:c", found.setup_id, 3, 0.5, 0.6),
    ]


async def test_outcome_when_written_again_stays_as_it_was(database: Database) -> None:
    first = SetupFollowed(setup_id="a", known_at_ms=1, reason="stop", gross_r=-1.0, net_r=-1.1)
    later = SetupFollowed(setup_id="a", known_at_ms=9, reason="target", gross_r=2.0, net_r=1.9)
    never = SetupFollowed(
        setup_id="b", known_at_ms=2, reason="not_entered", gross_r=None, net_r=None
    )
    async with database.write() as connection:
        await write_outcomes(connection, [first])
        await write_outcomes(connection, [later, never])
        rows = (await connection.execute(select(setup_outcomes).order_by("setup_id"))).all()

    assert rows == [("a", 1, "stop", -1.0, -1.1), ("b", 2, "not_entered", None, None)]
