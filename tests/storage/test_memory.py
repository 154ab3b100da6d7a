"""What the memory journal adds to the contract of journals."""

from engine.domain.effects import SettingChanged, TradeOpened
from storage.memory import MemoryJournal
from tests.storage import samples


async def test_entries_when_kept_are_in_order() -> None:
    journal = MemoryJournal()
    records = [SettingChanged("a", "1"), TradeOpened(samples.memory()), SettingChanged("a", "2")]
    await journal.append(records[:2])
    await journal.append(records[2:])
    assert journal.entries == records


async def test_entries_when_not_kept_leave_restore_whole() -> None:
    journal = MemoryJournal(keep_entries=False)
    await journal.append([SettingChanged("a", "1"), TradeOpened(samples.memory())])
    assert journal.entries == []
    restored = await journal.restore()
    assert (restored.settings, restored.trades) == ({"a": "1"}, (samples.memory(),))
