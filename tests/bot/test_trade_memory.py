from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.trade_memory import open_memory
from engine.domain.errors import InstanceConflict


async def test_memory_when_opened_is_empty_and_ours_until_the_stack_closes(tmp_path: Path):
    settings = Settings.load(_env_file=None, data_dir=tmp_path)
    async with AsyncExitStack() as stack:
        memory = await open_memory(settings, "sim", stack)

        assert memory.lease.may_send
        assert (await memory.journal.restore()).trades == ()
        assert memory.database.path == tmp_path / "sim" / "trade.db"
        async with AsyncExitStack() as second:
            with pytest.raises(InstanceConflict):
                await open_memory(settings, "sim", second)

    async with AsyncExitStack() as again:
        assert (await open_memory(settings, "sim", again)).lease.may_send
