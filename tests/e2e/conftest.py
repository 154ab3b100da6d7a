"""Settings of every test over HTTP."""

import pytest


@pytest.fixture(autouse=True)
def timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old form of the library's RetryAfter warns at every raise."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
