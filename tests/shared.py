"""Where tests find the optional folder of real candles and sample payloads beside the project."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def shared_path(relative: str) -> Path:
    """Return a path inside the shared folder, or skip the calling test with the reason."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"optional real data is absent: ../shared/{relative}")
    return path
