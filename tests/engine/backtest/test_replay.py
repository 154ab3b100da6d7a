"""Setups and scores of before, handed out again."""

from engine.backtest.replay import ReplayedScores, ReplayedSetups
from engine.backtest.series import MINUTE_MS
from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from tests.builders import setup
from tests.engine.backtest.recording import BEGIN_MS, FixedScorer
from tests.stories.story import proved_by

FRAMES = (Timeframe.M1, Timeframe.M5)


def setups() -> list[Setup]:
    """Return three setups of two symbols, two of them at once."""
    return [
        proved_by(setup("AAAUSDT"), BEGIN_MS),
        proved_by(setup("BBBUSDT"), BEGIN_MS),
        proved_by(setup("AAAUSDT"), BEGIN_MS + MINUTE_MS),
    ]


def test_replay_when_asked_tells_setups_at_their_minute_and_on_1m_only() -> None:
    replay = ReplayedSetups(setups())
    assert replay.moments == tuple(one.proved_at_ms for one in setups())
    assert replay.symbols_at[BEGIN_MS + MINUTE_MS] == ["AAAUSDT", "BBBUSDT"]
    told: list[Setup] = []
    for symbol in ("AAAUSDT", "BBBUSDT", "CCCUSDT"):
        for frame in FRAMES:
            detector = replay.detector(symbol, frame, 0.01)
            for at in (BEGIN_MS, BEGIN_MS + MINUTE_MS, BEGIN_MS + 2 * MINUTE_MS):
                told += detector.step(at, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0).setups
    assert sorted(told, key=lambda one: one.setup_id) == sorted(
        setups(), key=lambda one: one.setup_id
    )


def test_scores_when_replayed_come_back_by_setup() -> None:
    scores = FixedScorer(value=0.7).score(setups())
    replay = ReplayedScores("fixed", scores)
    assert replay.name == "fixed"
    assert replay.score([setups()[2], setups()[0]]) == (scores[2], scores[0])
