"""Intents: what we were about to ask of the venue, committed before asking."""

from collections.abc import Sequence

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.order import Book, Intent, IntentState, OrderRequest, Purpose
from storage.codec import from_row, to_row
from storage.statements import insert_new
from storage.tables import intents

UNFINISHED = (IntentState.PENDING, IntentState.ACCEPTED, IntentState.UNKNOWN)

_SETTLE = (
    update(intents)
    # An order may end before its sender hears the acknowledgement: done stays done.
    .where(
        intents.c.client_id == bindparam("settled_id"),
        intents.c.state != IntentState.DONE.value,
    )
    .values(state=bindparam("told_state"), reason=bindparam("told_reason"))
)


async def insert(connection: AsyncConnection, intent: Intent) -> bool:
    """Store a new intent as PENDING; False when it must not be sent.

    An entry whose signal key (or client id) was used before is refused for ever: entries are at
    most once. Any other order may be sent again; journalled a second time, it is PENDING anew.
    """
    row = _row(intent)
    inserted = await connection.execute(insert_new(connection, intents), row)
    if inserted.rowcount > 0:
        return True
    if intent.request.purpose is Purpose.ENTRY:
        return False
    known = intents.c.client_id == intent.request.client_id
    await connection.execute(update(intents).where(known).values(row))
    return True


async def settle(
    connection: AsyncConnection, client_id: str, state: IntentState, reason: str
) -> None:
    """Store where an intent stands; an unknown client id changes nothing."""
    told = {"settled_id": client_id, "told_state": state.value, "told_reason": reason}
    await connection.execute(_SETTLE, told)


async def finish(connection: AsyncConnection, client_ids: Sequence[str]) -> None:
    """Mark intents whose orders have ended at the venue as done."""
    states = [state.value for state in UNFINISHED]
    await connection.execute(
        update(intents)
        .where(intents.c.client_id.in_(client_ids), intents.c.state.in_(states))
        .values(state=IntentState.DONE.value)
    )


async def unfinished(connection: AsyncConnection) -> tuple[Intent, ...]:
    """Return the intents that have not reached a final state, oldest first."""
    states = [state.value for state in UNFINISHED]
    rows = await connection.execute(
        select(intents).where(intents.c.state.in_(states)).order_by(intents.c.seq)
    )
    return tuple(_intent(row) for row in rows)


async def tombstones(connection: AsyncConnection, since_ms: int) -> tuple[Intent, ...]:
    """Return expired entries created at or after `since_ms`: they may still appear at the venue."""
    expired = intents.c.state == IntentState.EXPIRED.value
    rows = await connection.execute(
        select(intents).where(expired, intents.c.created_ms >= since_ms).order_by(intents.c.seq)
    )
    return tuple(_intent(row) for row in rows)


def _row(intent: Intent) -> dict[str, object]:
    return {
        **to_row(intent.request),
        "signal_key": intent.signal_key,
        "book": intent.book.value,
        "trade_key": intent.trade_key,
        "created_ms": intent.created_ms,
        "attempt": intent.attempt,
        "state": IntentState.PENDING.value,
        "reason": "",
    }


def _intent(row: Row[tuple[object, ...]]) -> Intent:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row by column
    return Intent(
        book=Book(values["book"]),
        trade_key=values["trade_key"],
        request=from_row(OrderRequest, values),
        created_ms=values["created_ms"],
        attempt=values["attempt"],
    )
