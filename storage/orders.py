"""Orders: the latest the venue told of each."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import OrderSeen
from storage import intents
from storage.codec import to_row
from storage.statements import upsert
from storage.tables import orders


async def write(connection: AsyncConnection, entries: Sequence[OrderSeen]) -> None:
    """Store the orders and finish the intents of those that ended.

    A word older than the stored one is ignored.
    """
    rows = [{"book": entry.book.value, **to_row(entry.order)} for entry in entries]
    await connection.execute(upsert(connection, orders, newer="event_time_ms"), rows)
    ended = [entry.order.client_id for entry in entries if entry.order.status.is_final]
    if ended:
        await intents.finish(connection, ended)
