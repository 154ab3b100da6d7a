"""Milliseconds to score the Setups of one burst."""

from bot.scorer_choice import choose_scorer
from bot.settings import Settings
from bot.tools.bench.candles import candles_of, random_walk
from bot.tools.bench.measure import Row, Say, Size, median_s
from engine.domain.candle import Timeframe
from engine.domain.setup import Setup
from engine.ports import Clock, Scorer
from engine.smc.detector import Detector
from engine.smc.params import DetectorParams
from models.heuristic import HeuristicScorer

PART = "scorer"
SETUPS = 30
_CHUNK = 10_000
_MOST_CHUNKS = 20
_LOOPS = 20


def measure_scoring(size: Size, clock: Clock, _say: Say) -> list[Row]:
    """Score 30 Setups in one call, with the heuristic and, where there is one, the model."""
    setups = some_setups(SETUPS)
    scorers: list[Scorer] = [HeuristicScorer()]
    loaded = choose_scorer(Settings.load(_env_file=None))
    if not loaded.problem:
        scorers.append(loaded.scorer)
    return [_row(scorer, setups, size, clock) for scorer in scorers]


def _row(scorer: Scorer, setups: list[Setup], size: Size, clock: Clock) -> Row:
    def score() -> None:
        for _ in range(_LOOPS):
            scorer.score(setups)

    took_s = median_s(clock, size.repeats, score)
    return Row(
        part=PART,
        what=f"scoring with {scorer.name}, features included, median",
        load=f"{len(setups)} setups in one call",
        value=took_s / _LOOPS * 1e3,
        unit="ms",
        count=size.repeats * _LOOPS,
    )


def some_setups(number: int) -> list[Setup]:
    """Return the first Setups that are found in random walks."""
    found: list[Setup] = []
    for seed in range(_MOST_CHUNKS):
        detector = Detector("BTCUSDT", Timeframe.M1, DetectorParams(), tick_size=0.01)
        for c in candles_of("BTCUSDT", random_walk(_CHUNK, 100 + seed)):
            step = detector.step(
                c.open_time_ms, c.open, c.high, c.low, c.close, c.volume, c.quote_volume
            )
            found.extend(step.setups)
            if len(found) >= number:
                return found[:number]
    return found
