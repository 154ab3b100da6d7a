"""Evidence about models: challengers' scores, and what became of setups whether traded or not."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import SetupFollowed, ShadowScored
from storage.codec import to_row
from storage.statements import insert_new, upsert
from storage.tables import setup_outcomes, shadow_scores


async def write_shadow_scores(connection: AsyncConnection, entries: Sequence[ShadowScored]) -> None:
    """Store the scores; of two by the same challenger for one setup the later one stays."""
    rows = [
        {
            "scorer": entry.score.scorer,
            "setup_id": entry.score.setup_id,
            "at_ms": entry.at_ms,
            "value": entry.score.value,
            "probability": entry.score.probability,
        }
        for entry in entries
    ]
    await connection.execute(upsert(connection, shadow_scores), rows)


async def write_outcomes(connection: AsyncConnection, entries: Sequence[SetupFollowed]) -> None:
    """Store the outcomes; what is known of a setup does not change."""
    await connection.execute(insert_new(connection, setup_outcomes), [to_row(e) for e in entries])
