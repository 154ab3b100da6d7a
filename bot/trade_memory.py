"""The bot's memory, opened: database, journal, queries, and the lease that says who may trade."""

import os
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.places import database_url
from bot.settings import Settings, platform_database_url
from engine.runtime.clock import SystemClock
from storage.database import Database
from storage.journal import SqlJournal
from storage.lease import Lease
from storage.migrate import migrate_open
from storage.queries import Queries

_LEASE_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class TradeMemory:
    """The open database and what is read from and written to it."""

    database: Database
    journal: SqlJournal
    queries: Queries
    lease: Lease


async def open_memory(settings: Settings, place: str, stack: AsyncExitStack) -> TradeMemory:
    """Open a place's database, take its lease and bring its schema up; closed with the stack.

    Raises:
        InstanceConflict: another instance holds the lease.
        JournalError: the database cannot be used.
    """
    database = Database(database_url(settings, place, platform_database_url()))
    stack.push_async_callback(database.close)
    await database.open()
    lease = Lease(database, SystemClock(), f"{socket.gethostname()}:{os.getpid()}")
    stack.push_async_callback(lease.release)
    lease.lock()
    await migrate_open(database)
    # On a server the lease of an instance that was killed, or is still ending, runs out first.
    await lease.acquire(0.0 if database.is_sqlite else _LEASE_WAIT_S)
    return TradeMemory(database, SqlJournal(database), Queries(database), lease)
