"""Fixtures of the wire tests."""

from collections.abc import AsyncIterator

import pytest

from tests.engine.exchange.sim.wire.wire_kit import Kit, Running


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    """A server whose market moves only when the test moves it."""
    async with Running() as running:
        yield running
