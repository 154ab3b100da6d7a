"""The chat kit, open for one test, and no model but the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.chat_kit import ChatKit


@pytest.fixture
async def kit(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ChatKit]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    opened = ChatKit()
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def no_shipped_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is tested is the program, whichever model comes with it."""
    monkeypatch.setattr("bot.scorer_choice.SHIPPED", tmp_path / "nowhere" / "lgbm_smc.txt")
