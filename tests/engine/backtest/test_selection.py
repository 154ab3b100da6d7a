"""The signals of a whole recording, worked out before it is traded."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.backtest.detection import Found
from engine.backtest.scoring import Scored
from engine.backtest.selection import ReplayedThreshold, max_cost_r, select
from engine.backtest.series import MINUTE_MS
from engine.core.config import EngineConfig
from engine.domain.candle import Timeframe
from engine.risk.limits import RiskLimits
from engine.risk.threshold import HOUR_MS, SignalThreshold, ThresholdRule, ThresholdSeed
from engine.smc.params import DetectorParams
from engine.smc.setup_row import (
    BLOCK_BAR,
    BREAK_BAR,
    BREAK_PIVOT,
    DIRECTION,
    ENTRY,
    GAP_BAR,
    STOP,
    SWEEP_BAR,
    SWEEP_PIVOT,
    TARGET,
    WIDTH,
)
from tests.engine.backtest.recording import BEGIN_MS, FixedScorer

TICKS = {"AAAUSDT": 0.01, "BBBUSDT": 0.01}
SEED = ThresholdSeed(quantiles=(0.2, 0.4, 0.6, 0.8), per_day=40.0)
HOURS = 30


def config(fixed: float | None = None, per_day: int = 24) -> EngineConfig:
    """Return a core with a threshold of its own and a seed."""
    return EngineConfig(
        detector=lambda *_: None,  # type: ignore[arg-type, return-value]
        threshold=ThresholdRule(fixed=fixed, per_day=per_day),
        seed=SEED,
    )


def scored(symbol: str, minutes: list[int], values: list[float], *, stop: float = 98.0) -> Scored:
    """Return longs at 100, proved when these minutes close."""
    rows = np.zeros((len(minutes), WIDTH))
    rows[:, DIRECTION], rows[:, ENTRY], rows[:, STOP], rows[:, TARGET] = 1, 100.0, stop, 104.0
    rows[:, [SWEEP_BAR, SWEEP_PIVOT, BREAK_BAR, BREAK_PIVOT, BLOCK_BAR, GAP_BAR]] = -1
    times = BEGIN_MS + np.array(minutes, dtype=np.int64) * MINUTE_MS
    found = Found(symbol, Timeframe.M1, rows, times)
    return Scored(found, np.array(values), np.empty(0, np.int64))


@dataclass
class Judge:
    """The core's own order of things, one setup after the other."""

    config: EngineConfig
    passed: list[tuple[int, str, float]] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    thresholds: dict[int, float] = field(default_factory=dict)

    def live(self, setups: list[tuple[int, str, float]], hours: int) -> None:
        """Live through the hours; setups are (minute of proof, symbol, score)."""
        threshold = SignalThreshold(self.config.threshold, self.config.seed)
        for minute in range(hours * 60):
            now_ms = BEGIN_MS + minute * MINUTE_MS
            threshold.advance(now_ms)
            self.thresholds[now_ms // HOUR_MS] = threshold.value
            burst = [one for one in setups if one[0] == minute]
            for one in sorted(burst, key=lambda one: (-one[2], one[1])):
                self._judge(threshold, one, now_ms)

    def _judge(self, threshold: SignalThreshold, one: tuple[int, str, float], now_ms: int) -> None:
        passes = threshold.passes(one[2])
        threshold.observe(one[2], now_ms)
        if not passes:
            self.fates["below"] += 1
        elif not threshold.spend(now_ms):
            self.fates["cap"] += 1
        else:
            self.passed.append(one)


scores = st.sampled_from([0.1, 0.3, 0.45, 0.6, 0.61, 0.75, 0.9])


@given(
    st.lists(
        st.tuples(st.integers(1, HOURS * 60 - 1), scores), max_size=60, unique_by=lambda x: x[0]
    ),
    st.lists(
        st.tuples(st.integers(1, HOURS * 60 - 1), scores), max_size=60, unique_by=lambda x: x[0]
    ),
    st.sampled_from([None, 0.6]),
    st.integers(3, 30),
)
def test_selection_when_made_at_once_is_what_the_core_decides_one_by_one(
    first: list[tuple[int, float]],
    second: list[tuple[int, float]],
    fixed: float | None,
    per_day: int,
) -> None:
    chosen = config(fixed, per_day)
    parts, setups = [], []
    for symbol, found in (("AAAUSDT", sorted(first)), ("BBBUSDT", sorted(second))):
        parts.append(scored(symbol, [at - 1 for at, _ in found], [value for _, value in found]))
        setups += [(at, symbol, value) for at, value in found]
    judge = Judge(chosen)
    judge.live(setups, HOURS)
    end_ms = BEGIN_MS + HOURS * HOUR_MS
    made = select(parts, DetectorParams(), TICKS, chosen, FixedScorer(), BEGIN_MS, end_ms)
    told = [((one.proved_at_ms - BEGIN_MS) // MINUTE_MS, one.symbol) for one in made.setups]
    assert told == [(at, symbol) for at, symbol, _ in judge.passed]
    assert made.fates == judge.fates
    assert made.thresholds == judge.thresholds
    assert [one.setup_id for one in made.scores] == [one.setup_id for one in made.setups]


def test_selection_when_setups_are_costly_counts_them_and_never_observes_them() -> None:
    parts = [
        scored("AAAUSDT", [10, 11], [0.9, 0.9], stop=99.9),
        Scored(
            scored("BBBUSDT", [], []).found,
            np.empty(0),
            np.array([BEGIN_MS, BEGIN_MS + MINUTE_MS, BEGIN_MS + HOUR_MS]),
        ),
    ]
    args = (DetectorParams(), TICKS, config(0.5), FixedScorer(), BEGIN_MS, BEGIN_MS + HOUR_MS)
    made = select(parts, *args)
    assert made.setups == ()
    assert made.fates == {"cost": 3, "stale": 1}  # one at the start warms up, one is too late


def test_selection_when_proofs_lie_outside_leaves_them_out() -> None:
    part = scored("AAAUSDT", [-1, 0, 58, 59], [0.9] * 4)
    args = (DetectorParams(), TICKS, config(0.5), FixedScorer(), BEGIN_MS, BEGIN_MS + HOUR_MS)
    made = select([part], *args)
    proved = [one.proved_at_ms for one in made.setups]
    assert proved == [BEGIN_MS + MINUTE_MS, BEGIN_MS + 59 * MINUTE_MS]
    assert made.fates == {"stale": 1}


def test_selection_when_a_score_is_no_number_never_passes() -> None:
    part = scored("AAAUSDT", [1, 2], [float("nan"), float("inf")])
    args = (DetectorParams(), TICKS, config(0.5), FixedScorer(), BEGIN_MS, BEGIN_MS + HOUR_MS)
    assert select([part], *args).fates == {"below": 2}


def test_cost_limit_when_costly_setups_are_told_is_none() -> None:
    assert max_cost_r(config()) == RiskLimits().max_cost_r
    told = EngineConfig(detector=lambda *_: None, alert_costly=True)  # type: ignore[arg-type, return-value]
    assert max_cost_r(told) == float("inf")


def test_threshold_when_replayed_follows_the_hours_and_lets_all_pass() -> None:
    threshold = ReplayedThreshold({5: 0.4, 6: 0.7}, ThresholdRule(per_day=1))
    for hour, value in ((5, 0.4), (6, 0.7)):
        assert not threshold.advance(hour * HOUR_MS + 1)
        assert threshold.value == value
    assert threshold.passes(0.7)
    threshold.observe(0.99, 7 * HOUR_MS)
    assert all(threshold.spend(at) for at in range(3))
    assert threshold.value == 0.7
