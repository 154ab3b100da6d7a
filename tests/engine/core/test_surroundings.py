"""Tests of engine/core/surroundings.py: what the core adds to a Setup of its own knowledge."""

from collections.abc import Mapping

import pytest

from engine.core.config import EngineConfig
from engine.core.engine import Engine
from engine.core.series import Series
from engine.core.surroundings import moves_at
from engine.domain.effects import ScoreSetups
from engine.domain.events import CandleClosed, Instant, Origin, Ticked, UniverseChanged
from engine.domain.setup import MarketContext, Setup
from engine.smc.cross_section import NO_MOVES, Moves, move
from tests.builders import MINUTE, START_MS, candle, instrument, setup
from tests.stories.story import Script

NAMES = ("BTCUSDT", "AUSDT", "BUSDT", "CUSDT", "DUSDT")
MINUTES = 80


class Market:
    """A core with flat symbols; `script` says where a Setup is found."""

    def __init__(self, names: tuple[str, ...] = NAMES, *, look_around: bool = True) -> None:
        self.script = Script()
        config = EngineConfig(detector=self.script.factory, look_around=look_around)
        self.engine = Engine(config)
        self.names = names
        listed = tuple(instrument(name) for name in names)
        self.engine.process(UniverseChanged(listed, {}, {}), Instant(0, 0.0))

    def close(self, minute: int, prices: Mapping[str, float], *names: str) -> list[Setup]:
        """Close a minute of symbols at their prices, 100 where none is given."""
        found: list[Setup] = []
        opened = START_MS + minute * MINUTE
        for name in names or self.names:
            one = candle(prices.get(name, 100.0), symbol=name, open_time_ms=opened)
            event = CandleClosed(one, Origin.LIVE, 0.0)
            for effect in self.engine.process(event, Instant(opened + MINUTE, 0.0)):
                if isinstance(effect, ScoreSetups):
                    found += effect.setups
        return found

    def find(
        self, minute: int, prices: Mapping[str, float], *names: str, **fields: object
    ) -> Setup:
        """Close a minute in which AUSDT proves a Setup, which is returned."""
        proved = START_MS + (minute + 1) * MINUTE
        self.script.setups["AUSDT"] = [setup("AUSDT", proved_at_ms=proved, **fields)]
        (found,) = self.close(minute, prices, *names)
        return found


def test_setup_when_found_carries_the_market_of_the_minute_before() -> None:
    market = Market()
    for minute in range(MINUTES):
        market.close(minute, {})
    # The minute before the proof: BTC and A rose, B fell.
    market.close(MINUTES, {"BTCUSDT": 101.0, "AUSDT": 102.0, "BUSDT": 99.0})
    found = market.find(MINUTES + 1, dict.fromkeys(NAMES, 150.0))
    assert found.market == MarketContext(
        symbol_return_15m=0.02,
        symbol_return_60m=0.02,
        market_return_15m=0.004,
        market_return_60m=0.004,
        btc_return_15m=0.01,
        breadth_15m=pytest.approx(0.6),
    )


def test_setup_when_others_close_later_or_earlier_carries_the_same() -> None:
    seen = []
    for order in (NAMES, NAMES[::-1], ("AUSDT",)):
        market = Market()
        for minute in range(MINUTES):
            market.close(minute, {"CUSDT": 100.0 + minute % 7})
        prices = dict.fromkeys(NAMES, 90.0)
        seen.append(market.find(MINUTES, prices, *order).market)
    assert seen[0] is not None
    assert seen[0] == seen[1] == seen[2]


def test_setup_when_the_bot_has_just_started_carries_what_is_known() -> None:
    market = Market(NAMES[1:])
    for minute in range(20):
        market.close(minute, {})
    found = market.find(20, {})
    assert found.market is not None
    assert found.market.symbol_return_15m == 0.0
    assert found.market.symbol_return_60m is None, "no candle an hour ago"
    assert found.market.btc_return_15m is None, "BTC is not scanned"
    assert found.market.breadth_15m is None, "four symbols are no market"


def test_setup_when_a_symbol_is_blind_leaves_it_out() -> None:
    market = Market()
    for minute in range(MINUTES):
        market.close(minute, {}, *(name for name in NAMES if name != "DUSDT" or minute < 70))
    found = market.find(MINUTES, {})
    assert found.market is not None
    assert found.market.market_return_15m is None, "only four symbols have told the minute before"


def test_setup_when_it_carries_a_market_keeps_it() -> None:
    market = Market()
    for minute in range(MINUTES):
        market.close(minute, {})
    given = MarketContext(**dict.fromkeys(MarketContext.__dataclass_fields__))  # type: ignore[arg-type]
    assert market.find(MINUTES, {}, market=given).market is given


def test_setup_when_nobody_looks_around_carries_none() -> None:
    market = Market(look_around=False)
    for minute in range(MINUTES):
        market.close(minute, {})
    assert market.find(MINUTES, {}).market is None


def test_market_when_the_close_is_near_is_added_up_before_it() -> None:
    market = Market()
    for minute in range(MINUTES):
        market.close(minute, {"CUSDT": 100.0 + minute % 7})
    opened = START_MS + MINUTES * MINUTE
    market.engine.process(Ticked(), Instant(opened + 54_999, 0.0))
    assert market.engine._state.market_minute is None
    market.engine.process(Ticked(), Instant(opened + 55_000, 0.0))
    ahead = market.engine._state.market_minute
    assert ahead is not None
    found = market.find(MINUTES, dict.fromkeys(NAMES, 90.0))
    assert market.engine._state.market_minute is ahead, "nothing was added up again"
    assert found.market is not None
    assert found.market.breadth_15m == ahead[1].breadth_15m is not None


def test_moves_when_the_series_is_short_are_unknown() -> None:
    series = Series("AUSDT")
    for minute in range(61):
        series.append(candle(100.0 + minute, open_time_ms=START_MS + minute * MINUTE))
    last = START_MS + 60 * MINUTE
    assert moves_at(series, last) == Moves(move(160.0, 145.0), move(160.0, 100.0))
    assert moves_at(series, last - MINUTE) == Moves(move(159.0, 144.0), None)
    assert moves_at(series, START_MS) == NO_MOVES
    assert moves_at(series, last + MINUTE) == NO_MOVES
