"""The chat kit, open for one test."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.chat_kit import ChatKit


@pytest.fixture
async def kit(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChatKit]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    opened = ChatKit()
    await opened.open()
    yield opened
    await opened.close()
