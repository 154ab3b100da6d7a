"""The outbox: notices are stored before they are sent, so that a restart loses and repeats none."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, update

from engine.domain.notices import (
    ExitNotice,
    FillNotice,
    Notice,
    Priority,
    ProtectionNotice,
    SignalNotice,
)
from storage.codec import dumps, loads
from storage.database import Database
from storage.statements import insert_new
from storage.tables import notices


class NoticeState(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    SENT = "sent"
    DROPPED = "dropped"
    """Folded into a digest, muted, or refused by the chat for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedNotice:
    """A notice to be sent, and how often that was tried in vain."""

    notice: Notice
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldSignal:
    """A signal with a chat message of its own whose outcome was not told there yet."""

    notice: SignalNotice
    message_id: int


class Outbox:
    """The stored queue of notices. Every method raises `JournalError` when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, new: Sequence[Notice]) -> int:
        """Queue notices and return how many are new; a known id changes nothing."""
        if not new:
            return 0
        added = 0
        async with self._database.write() as connection:
            for notice in new:
                done = await connection.execute(insert_new(connection, notices), _row(notice))
                added += max(done.rowcount, 0)
        return added

    async def pending(self, limit: int = 50) -> tuple[QueuedNotice, ...]:
        """Return the queued notices, most urgent first, then oldest first.

        A notice that another version of the program wrote and this one cannot read is dropped, so
        that it holds up no other.
        """
        async with self._database.read() as connection:
            found = await connection.execute(
                select(notices.c.notice_id, notices.c.notice, notices.c.attempts)
                .where(notices.c.state == NoticeState.QUEUED.value)
                .order_by(notices.c.priority, notices.c.seq)
                .limit(limit)
            )
            rows = found.all()
        queued = []
        for notice_id, text, attempts in rows:
            try:
                queued.append(QueuedNotice(notice=loads(Notice, text), attempts=attempts))
            except ValueError as error:
                await self.dropped(notice_id, str(error))
        return tuple(queued)

    async def backlog(self) -> dict[Priority, int]:
        """Return how many notices wait, by priority."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(notices.c.priority, func.count())
                .where(notices.c.state == NoticeState.QUEUED.value)
                .group_by(notices.c.priority)
            )
            return {Priority(priority): count for priority, count in rows}

    async def sent(self, notice_id: str, message_id: int | None, detail: str = "") -> None:
        """Mark a notice as delivered under the chat's message id; a signal with a detail is done.

        A signal that shares its message with others is marked with such a detail at once.
        """
        state = NoticeState.SENT.value
        await self._set(notice_id, state=state, message_id=message_id, detail=detail)

    async def unsettled(self, since_ms: int, limit: int) -> tuple[ToldSignal, ...]:
        """Return signals told since then whose messages do not show an outcome, oldest first."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(notices.c.notice_id, notices.c.notice, notices.c.message_id)
                .where(
                    notices.c.state == NoticeState.SENT.value,
                    notices.c.priority == Priority.SIGNAL.value,
                    notices.c.kind == SignalNotice.__name__,
                    notices.c.at_ms >= since_ms,
                    notices.c.message_id.is_not(None),
                    notices.c.detail == "",
                )
                .order_by(notices.c.seq)
                .limit(limit)
            )
            rows = found.all()
        told = []
        for notice_id, text, message_id in rows:
            try:
                told.append(ToldSignal(notice=loads(SignalNotice, text), message_id=message_id))
            except ValueError as error:
                await self.settled(notice_id, str(error))
        return tuple(told)

    async def settled(self, notice_id: str, outcome: str) -> None:
        """Remember that a signal's message shows its outcome, or never will, and why."""
        await self._set(notice_id, detail=outcome or "-")

    async def failed(self, notice_id: str, detail: str) -> None:
        """Count a failed attempt; the notice stays queued."""
        await self._set(notice_id, attempts=notices.c.attempts + 1, detail=detail)

    async def dropped(self, notice_id: str, detail: str) -> None:
        """Take a notice out of the queue without a message of its own, and say why."""
        await self._set(notice_id, state=NoticeState.DROPPED.value, detail=detail)

    async def message_about(self, setup_id: str) -> int | None:
        """Return the first chat message about a setup, to reply to and to edit."""
        told = notices.c.message_id.is_not(None)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(notices.c.message_id)
                .where(notices.c.subject == setup_id, told)
                .order_by(notices.c.seq)
                .limit(1)
            )
            return rows.scalar_one_or_none()

    async def _set(self, notice_id: str, **values: object) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(notices).where(notices.c.notice_id == notice_id).values(**values)
            )


def subject_of(notice: Notice) -> str:
    """Return the setup a notice is about, "" if none."""
    if isinstance(notice, SignalNotice):
        return notice.signal.setup.setup_id
    if isinstance(notice, FillNotice | ProtectionNotice):
        return notice.setup_id
    if isinstance(notice, ExitNotice):
        return notice.trade.setup_id
    return ""


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "notice_id": notice.notice_id,
        "at_ms": notice.at_ms,
        "priority": notice.priority.value,
        "kind": type(notice).__name__,
        "subject": subject_of(notice),
        "notice": dumps(Notice, notice),
        "state": NoticeState.QUEUED.value,
        "attempts": 0,
        "detail": "",
    }
