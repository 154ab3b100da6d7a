"""Constants of a run."""

from engine.core.config import EngineConfig
from engine.domain.candle import Timeframe
from tests.stories.story import Script


def config(**fields) -> EngineConfig:
    return EngineConfig(detector=Script().factory, **fields)


def test_timeframes_when_chosen_are_sorted_and_include_the_minute():
    chosen = config(
        alert_timeframes=frozenset({Timeframe.H1}), trade_timeframes=frozenset({Timeframe.M5})
    )
    assert chosen.timeframes == (Timeframe.M1, Timeframe.M5, Timeframe.H1)


def test_ages_when_the_market_runs_fast_scale_with_it():
    assert config().stale_after_ms == 10_000
    assert config(speed=20.0).stale_after_ms == 200_000
    assert config(speed=20.0).quote_max_age_ms == 1_200_000


def test_evidence_when_no_reader_is_given_is_empty():
    one = config()
    assert one.evidence(one.detector("BTCUSDT", Timeframe.M1, 0.1)) == ()
