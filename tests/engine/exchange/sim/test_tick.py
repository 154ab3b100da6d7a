import dataclasses
from decimal import Decimal

import pytest

from engine.exchange.sim.tick import Tick


def test_tick_when_built_from_quotes_has_an_empty_path_and_cannot_change():
    tick = Tick(bid=Decimal("9.9"), ask=Decimal("10.0"), last=Decimal("10.0"), mark=Decimal("9.97"))
    assert tick.path == ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        tick.last = Decimal(1)
