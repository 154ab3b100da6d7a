"""Tests of bot/tools/download/errors.py."""

import pytest

from bot.tools.download.errors import (
    DownloadError,
    DumpRefused,
    RequestRefused,
    SourceUnreachable,
)
from engine.domain.errors import EngineError


@pytest.mark.parametrize(
    "error", [SourceUnreachable("a"), DumpRefused("a"), RequestRefused("a", 451)]
)
def test_error_when_raised_is_a_download_error_with_its_reason(error: DownloadError) -> None:
    assert isinstance(error, DownloadError)
    assert isinstance(error, EngineError)
    assert str(error) == "a"


def test_refusal_when_raised_tells_its_status() -> None:
    assert RequestRefused("a", 451).status == 451
