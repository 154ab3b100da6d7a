import asyncio
import random

from bot import journal_writer
from bot.journal_writer import JournalWriter
from engine.domain.effects import SettingChanged
from engine.domain.errors import JournalError
from tests.virtual_loop import run_virtual


def entry(number: int) -> SettingChanged:
    return SettingChanged("key", str(number))


class Disk:
    """A journal that fails as often as the test says."""

    def __init__(self, failures: int = 0):
        self.failures = failures
        self.rows = []
        self.batches = []

    async def append(self, entries):
        await asyncio.sleep(0.01)
        if self.failures:
            self.failures -= 1
            raise JournalError("disk full")
        self.batches.append(len(entries))
        self.rows += entries


def play(disk, story):
    async def run():
        troubles = []
        writer = JournalWriter(disk, random.Random(1), troubles.append)
        task = asyncio.get_running_loop().create_task(writer.run())
        await story(writer)
        task.cancel()
        return writer, troubles

    return run_virtual(run())


def test_writer_when_flushed_has_written_everything_in_order():
    disk = Disk()

    async def story(writer):
        for number in range(1200):
            writer.record(entry(number))
        await writer.flush()

    play(disk, story)

    assert disk.rows == [entry(n) for n in range(1200)]
    assert disk.batches == [500, 500, 200]


def test_writer_when_the_disk_refuses_keeps_the_records_and_tells():
    disk = Disk(failures=3)

    async def story(writer):
        writer.record(entry(1))
        await asyncio.sleep(0.005)
        writer.record(entry(2))
        await writer.flush()

    _, troubles = play(disk, story)

    assert disk.rows == [entry(1), entry(2)]
    assert troubles == ["disk full"] * 3


def test_writer_when_the_disk_refuses_is_failing_until_a_batch_is_written():
    disk = Disk(failures=1)
    seen = []

    async def story(writer):
        seen.append(writer.is_failing)
        writer.record(entry(1))
        await asyncio.sleep(0.02)
        seen.append(writer.is_failing)
        await writer.flush()
        seen.append(writer.is_failing)

    play(disk, story)

    assert seen == [False, True, False]


def test_writer_when_overfull_drops_the_oldest_and_counts(monkeypatch):
    monkeypatch.setattr(journal_writer, "_MOST_WAITING", 10)
    disk = Disk()

    async def story(writer):
        for number in range(15):
            writer.record(entry(number))
        await writer.flush()

    writer, _ = play(disk, story)

    assert writer.dropped == 5
    assert disk.rows == [entry(n) for n in range(5, 15)]


def test_writer_when_records_are_dropped_while_a_batch_is_written_loses_no_other(monkeypatch):
    monkeypatch.setattr(journal_writer, "_MOST_WAITING", 4)
    disk = Disk()

    async def story(writer):
        for number in range(4):
            writer.record(entry(number))
        await asyncio.sleep(0.005)  # the batch of four is on its way
        writer.record(entry(4))
        await writer.flush()

    play(disk, story)

    assert disk.rows == [entry(n) for n in range(5)]


def test_writer_when_nothing_was_recorded_flushes_at_once():
    async def story(writer):
        await writer.flush()

    writer, _ = play(Disk(), story)

    assert len(writer) == 0


def test_writer_when_records_never_stop_still_ends_a_flush():
    """An entry waits for its own plan, not for everything that comes after it."""
    disk = Disk()

    async def story(writer):
        async def flood():
            number = 1
            while True:
                writer.record(entry(number))
                number += 1
                await asyncio.sleep(0.001)

        writer.record(entry(0))
        flood_task = asyncio.get_running_loop().create_task(flood())
        await asyncio.sleep(0.1)
        async with asyncio.timeout(0.05):
            await writer.flush()
        flood_task.cancel()
        assert entry(99) in disk.rows

    play(disk, story)
