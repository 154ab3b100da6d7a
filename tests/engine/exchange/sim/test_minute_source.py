import pytest

from engine.exchange.sim.factor_model import FactorModel
from engine.exchange.sim.listings import synthetic_listings
from engine.exchange.sim.minute_source import MinuteSource
from engine.exchange.sim.replay_frames import read_recording
from engine.exchange.sim.replay_source import ReplaySource
from tests.engine.exchange.sim.market_builders import START_MS, recorded_frame


def synthetic():
    return FactorModel(synthetic_listings(3, 1, START_MS), 1, START_MS // 60_000)


def replayed():
    recording = read_recording([recorded_frame()])
    return ReplaySource(recording, recording.first_minute, seed=1, spread_multiplier=1.0)


@pytest.mark.parametrize("make", [synthetic, replayed])
def test_source_when_asked_offers_the_whole_protocol_and_restores_itself(make):
    source, other = make(), make()
    names = [name for name in vars(MinuteSource) if not name.startswith("_")]
    assert {"next_minute", "dump", "load", "end_minute", "day_quote_volume"} == set(names)
    assert all(hasattr(source, name) for name in names)
    assert len(source.day_quote_volume) == len(source.next_minute().close_before)
    other.load(source.dump())
    assert source.next_minute().candles.close.tolist() == (
        other.next_minute().candles.close.tolist()
    )
