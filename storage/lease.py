"""One running instance at a time: a lease in the database, and a file lock beside a SQLite file.

The venue cannot check who is allowed to trade, so the holder itself stops sending when its last
renewal is older than `SEND_WINDOW_S`, well before another instance can take the lease.
"""

import asyncio
from pathlib import Path

from sqlalchemy import ColumnElement, RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.errors import InstanceConflict, JournalError
from engine.ports import Clock
from storage.database import Database
from storage.file_lock import FileLock
from storage.statements import insert_new
from storage.tables import lease

TTL_MS = 30_000
RENEW_S = 5.0
RETRY_S = 1.0
SEND_WINDOW_S = 10.0
_NAME = "bot"


class Lease:
    """The right to trade with this database's account.

    Attributes:
        holder: who we are, for the other instance's error line.
        epoch: number of this start, from 1; it goes into client order ids. 0 before `acquire`.
    """

    def __init__(self, database: Database, clock: Clock, holder: str) -> None:
        self._database = database
        self._clock = clock
        self._renewed_s = float("-inf")
        path = database.path
        self._lock = FileLock(Path(f"{path}.lock")) if path else None
        self.holder = holder
        self.epoch = 0

    @property
    def may_send(self) -> bool:
        """True while orders may be sent: the last renewal is younger than `SEND_WINDOW_S`."""
        return self._clock.monotonic() - self._renewed_s <= SEND_WINDOW_S

    def lock(self) -> None:
        """Take the file lock alone, before the tables exist; nothing to take on a server.

        Raises:
            InstanceConflict: another instance holds it; names the holder.
            JournalError: the lock file cannot be created.
        """
        if self._lock is not None:
            self._lock.acquire(self.holder)

    async def acquire(self, wait_s: float = 0.0) -> int:
        """Take the lease and return the new epoch.

        With a file lock a dead predecessor is known to be dead and is succeeded at once. Without
        one (Postgres) its lease must run out first, which `wait_s` >= 30 allows for.

        Args:
            wait_s: how long to wait for another holder, in wall seconds.

        Raises:
            InstanceConflict: another instance holds it; names the holder.
            JournalError: the database failed.
        """
        deadline = self._clock.monotonic() + wait_s
        while True:
            try:
                return await self._take()
            except InstanceConflict:
                if self._clock.monotonic() + RETRY_S > deadline:
                    raise
                await asyncio.sleep(RETRY_S)

    async def renew(self) -> None:
        """Extend the lease.

        Raises:
            InstanceConflict: another instance took it in the meantime: stop trading now.
            JournalError: the database failed; the lease may still be ours.
        """
        asked_s = self._clock.monotonic()
        async with self._database.write() as connection:
            done = await connection.execute(
                update(lease).where(*self._ours()).values(expires_ms=self._clock.wall_ms() + TTL_MS)
            )
            if done.rowcount != 1:
                row = await _row(connection)
                self._renewed_s = float("-inf")
                raise InstanceConflict(f"lost the lease to {row['holder']} (epoch {row['epoch']})")
        self._renewed_s = asked_s

    async def keep(self) -> None:
        """Renew for ever; meant to be a supervised task.

        A failing database is retried each second, while `may_send` turns false by itself.

        Raises:
            InstanceConflict: the lease was lost.
        """
        pause = RENEW_S
        while True:
            await asyncio.sleep(pause)
            try:
                await self.renew()
                pause = RENEW_S
            except InstanceConflict:
                raise
            except JournalError:
                pause = RETRY_S

    async def release(self) -> None:
        """Give the lease back, so that a successor need not wait; the last act of a clean stop."""
        self._renewed_s = float("-inf")
        try:
            if self.epoch:
                async with self._database.write() as connection:
                    await connection.execute(
                        update(lease).where(*self._ours()).values(expires_ms=0)
                    )
        finally:
            if self._lock is not None:
                self._lock.release()

    async def _take(self) -> int:
        self.lock()
        try:
            asked_s = self._clock.monotonic()
            self.epoch = await self._take_row()
            self._renewed_s = asked_s
        except JournalError:
            if self._lock is not None:
                self._lock.release()
            raise
        return self.epoch

    async def _take_row(self) -> int:
        now = self._clock.wall_ms()
        free = lease.c.expires_ms <= now
        async with self._database.write() as connection:
            blank = {"name": _NAME, "holder": "", "epoch": 0, "expires_ms": 0}
            await connection.execute(insert_new(connection, lease), blank)
            done = await connection.execute(
                update(lease)
                .where(lease.c.name == _NAME, *(() if self._lock else (free,)))
                .values(holder=self.holder, epoch=lease.c.epoch + 1, expires_ms=now + TTL_MS)
            )
            row = await _row(connection)
        if done.rowcount != 1:
            left_s = (row["expires_ms"] - now) / 1000
            raise InstanceConflict(
                f"another instance is running: {row['holder']} holds the lease "
                f"(epoch {row['epoch']}, {left_s:.0f} s left)"
            )
        return int(row["epoch"])

    def _ours(self) -> tuple[ColumnElement[bool], ...]:
        return (
            lease.c.name == _NAME,
            lease.c.holder == self.holder,
            lease.c.epoch == self.epoch,
        )


async def _row(connection: AsyncConnection) -> RowMapping:
    rows = await connection.execute(select(lease).where(lease.c.name == _NAME))
    return rows.mappings().one()
