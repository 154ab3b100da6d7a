"""One instance at a time, on a clock the test moves by hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.domain.errors import InstanceConflict, JournalError
from engine.domain.events import Instant
from storage import lease as lease_module
from storage.database import Database
from storage.lease import Lease


class HandClock:
    """A clock that stands still until moved."""

    speed = 1.0

    def __init__(self) -> None:
        self.now_s = 1000.0

    def exchange_ms(self) -> int:
        return self.wall_ms()

    def wall_ms(self) -> int:
        return int(self.now_s * 1000)

    def monotonic(self) -> float:
        return self.now_s

    def instant(self) -> Instant:
        return Instant(self.exchange_ms(), self.now_s)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def shared(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A database that two instances see without a file lock, as on a server."""
    monkeypatch.setattr(Database, "path", None)
    yield database
    monkeypatch.undo()


async def test_acquire_when_free_counts_the_starts(database: Database, clock: HandClock) -> None:
    lease = Lease(database, clock, "host-a:1")
    assert not lease.may_send
    assert await lease.acquire() == 1
    assert lease.may_send
    await lease.release()
    assert not lease.may_send
    assert await Lease(database, clock, "host-a:2").acquire() == 2


async def test_acquire_when_another_instance_runs_is_refused_by_name(
    database: Database, clock: HandClock
) -> None:
    first = Lease(database, clock, "host-a:1")
    await first.acquire()
    with pytest.raises(InstanceConflict, match="another instance is running: host-a:1 holds"):
        await Lease(database, clock, "host-b:2").acquire()
    await first.renew()
    assert first.may_send


async def test_acquire_when_predecessor_died_needs_no_wait_with_a_file_lock(
    sqlite: Database, clock: HandClock
) -> None:
    dead = Lease(sqlite, clock, "host-a:1")
    await dead.acquire()
    assert dead._lock is not None
    dead._lock.release()  # what the operating system does for a killed process

    assert await Lease(sqlite, clock, "host-a:2").acquire() == 2


async def test_acquire_when_database_fails_gives_the_file_lock_back(
    tmp_path: Path, clock: HandClock
) -> None:
    unmigrated = Database(str(tmp_path / "empty.db"))
    lease = Lease(unmigrated, clock, "host-a:1")
    with pytest.raises(JournalError, match="no such table: lease"):
        await lease.acquire()
    assert lease._lock is not None
    assert not lease._lock.held
    await unmigrated.close()


async def test_acquire_when_lease_has_not_run_out_is_refused(
    shared: Database, clock: HandClock
) -> None:
    await Lease(shared, clock, "host-a:1").acquire()
    clock.now_s += 29.0
    with pytest.raises(InstanceConflict, match=r"host-a:1 holds the lease \(epoch 1, 1 s left\)"):
        await Lease(shared, clock, "host-b:2").acquire()


async def test_acquire_when_lease_ran_out_succeeds_and_the_old_one_knows(
    shared: Database, clock: HandClock
) -> None:
    old, new = Lease(shared, clock, "host-a:1"), Lease(shared, clock, "host-b:2")
    await old.acquire()
    clock.now_s += 30.0
    assert not old.may_send
    assert await new.acquire() == 2
    with pytest.raises(InstanceConflict, match=r"lost the lease to host-b:2 \(epoch 2\)"):
        await old.renew()
    assert not old.may_send
    await old.release()
    await new.renew()


async def test_acquire_when_told_to_wait_takes_over_after_the_release(
    shared: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Lease(shared, clock, "host-a:1"), Lease(shared, clock, "host-b:2")
    await old.acquire()

    async def passing(seconds: float) -> None:
        clock.now_s += seconds
        if clock.now_s >= 1005.0:
            await old.release()

    monkeypatch.setattr(lease_module.asyncio, "sleep", passing)
    assert await new.acquire(wait_s=35.0) == 2
    assert clock.now_s == 1005.0


async def test_acquire_when_the_wait_is_too_short_is_refused(
    shared: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Lease(shared, clock, "host-a:1").acquire()

    async def passing(seconds: float) -> None:
        clock.now_s += seconds

    monkeypatch.setattr(lease_module.asyncio, "sleep", passing)
    with pytest.raises(InstanceConflict, match="host-a:1"):
        await Lease(shared, clock, "host-b:2").acquire(wait_s=10.0)
    assert clock.now_s == 1010.0


async def test_acquire_when_two_race_exactly_one_wins(shared: Database, clock: HandClock) -> None:
    rivals = [Lease(shared, clock, f"host:{n}") for n in range(6)]
    results = await asyncio.gather(*(r.acquire() for r in rivals), return_exceptions=True)
    assert [result for result in results if not isinstance(result, InstanceConflict)] == [1]


async def test_may_send_when_renewals_fail_ends_after_ten_seconds(
    database: Database, clock: HandClock
) -> None:
    lease = Lease(database, clock, "host-a:1")
    await lease.acquire()
    clock.now_s += 10.0
    assert lease.may_send
    clock.now_s += 0.1
    assert not lease.may_send
    await lease.renew()
    assert lease.may_send


async def test_keep_when_database_fails_retries_and_ends_on_loss(
    database: Database, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = Lease(database, clock, "host-a:1")
    await lease.acquire()
    outcomes = [None, JournalError("locked"), JournalError("locked"), None, InstanceConflict("x")]
    pauses: list[float] = []

    async def renew() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    async def passing(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(lease, "renew", renew)
    monkeypatch.setattr(lease_module.asyncio, "sleep", passing)
    with pytest.raises(InstanceConflict):
        await lease.keep()
    assert pauses == [5.0, 5.0, 1.0, 1.0, 5.0]


async def test_lock_when_taken_before_the_tables_exist_keeps_a_second_out(tmp_path: Path) -> None:
    """A newer second instance would have migrated the tables under the first one's feet."""
    databases = [Database(str(tmp_path / "trade.db")) for _ in range(2)]
    first, second = (Lease(one, HandClock(), f"host:{n}") for n, one in enumerate(databases))
    first.lock()
    try:
        with pytest.raises(InstanceConflict, match="host:0"):
            second.lock()
    finally:
        await first.release()
