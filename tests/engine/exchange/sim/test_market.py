import pytest

from engine.exchange.sim.market import Market, MarketError
from engine.exchange.sim.replay import ReplayMarket
from engine.exchange.sim.synthetic import SyntheticMarket


@pytest.mark.parametrize("kind", [SyntheticMarket, ReplayMarket])
def test_market_when_implemented_offers_every_member_of_the_protocol(kind):
    members = [name for name in vars(Market) if not name.startswith("_")]
    assert len(members) > 20
    assert [name for name in members if not hasattr(kind, name)] == []


def test_market_error_when_caught_as_a_value_error_is_one():
    with pytest.raises(ValueError, match="not listed"):
        raise MarketError("symbol 'X' is not listed")
