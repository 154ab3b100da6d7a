"""Which setups become signals, worked out for a whole recording before anything is traded.

Whether a setup passes the cost gate, the threshold and the day's cap depends on candles, costs
and scores alone, never on what is open. So the threshold lives through the recording first, in
the same `SignalThreshold` as in the core, and the run shows the core only what passed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from typing_extensions import override

from engine.backtest.scoring import Flags, Scored, cost_r, score_setups, setups_of
from engine.backtest.series import Floats, Ints
from engine.backtest.surroundings import Surroundings
from engine.core.config import EngineConfig
from engine.domain.setup import Setup
from engine.domain.signal import Score
from engine.ports import Scorer
from engine.risk.threshold import HOUR_MS, SignalThreshold, ThresholdRule, ThresholdSeed
from engine.smc.params import DetectorParams


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run must show to the core, and what it would have said of the rest.

    Attributes:
        setups: those that pass, oldest first, best first among equals.
        fates: how many of the others had which fate.
        thresholds: the threshold in force, by exchange hour.
        scorer: name of the scorer.
        scores: of the setups, in their order.
    """

    setups: tuple[Setup, ...] = ()
    fates: Counter[str] = field(default_factory=Counter)
    thresholds: Mapping[int, float] = field(default_factory=dict)
    scorer: str = ""
    scores: tuple[Score, ...] = ()


def max_cost_r(config: EngineConfig) -> float:
    """Return the cost in R above which setups are not told; infinite where all are."""
    return inf if config.alert_costly else config.limits.max_cost_r


def select(
    scored: Sequence[Scored],
    params: DetectorParams,
    ticks: Mapping[str, float],
    config: EngineConfig,
    scorer: Scorer,
    start_ms: int,
    end_ms: int,
    around: Surroundings | None = None,
) -> Selection:
    """Let the threshold live through the recording and return what passes.

    Args:
        scored: setups of the wanted timeframes.
        params: what they were detected with.
        ticks: tick size by symbol.
        config: costs and threshold of the run.
        scorer: gives the signals their whole score.
        start_ms: proofs up to here are left out, as the core does not emit while it warms up.
        end_ms: proofs from here on come too late to be scored.
        around: gives the Setups their market where the scorer looks at it.
    """
    fates: Counter[str] = Counter()
    rows = _eligible(scored, ticks, config, start_ms, end_ms, fates)
    threshold = SignalThreshold(config.threshold, config.seed)
    thresholds: dict[int, float] = {}
    setups: list[Setup] = []
    for hour, part in rows.by_hour(start_ms, end_ms):
        threshold.advance(max(hour * HOUR_MS, start_ms))
        thresholds[hour] = threshold.value
        passes = np.isfinite(part.values) & (part.values >= threshold.value)
        fates["below"] += int((~passes).sum())
        for setup in _ranked(part.only(passes), scored, params, around):
            if threshold.spend(setup.proved_at_ms):
                setups.append(setup)
            else:
                fates["cap"] += 1
        if len(part.values):
            threshold.observe_all(part.values, hour * HOUR_MS)
    scores = score_setups(scorer, setups)
    return Selection(tuple(setups), +fates, thresholds, scorer.name, scores)


class ReplayedThreshold(SignalThreshold):
    """The threshold of a finished selection: what the core is shown has passed already."""

    def __init__(self, thresholds: Mapping[int, float], rule: ThresholdRule) -> None:
        super().__init__(rule, ThresholdSeed())
        self._thresholds = thresholds
        self._hour = -1

    @property
    @override
    def value(self) -> float:
        """Lowest score that passes now."""
        return self._thresholds.get(self._hour, super().value)

    @override
    def advance(self, now_ms: int) -> bool:
        """Move to `now_ms`; never recomputes anything."""
        self._hour = now_ms // HOUR_MS
        return False

    @override
    def observe(self, score: float, now_ms: int) -> None:
        """Do nothing: the score was counted by the selection."""

    @override
    def spend(self, now_ms: int) -> bool:
        """Return True: the day's cap was applied by the selection."""
        return True


@dataclass(frozen=True, slots=True)
class _Rows:
    """Eligible setups as columns, oldest first: where they lie, when they are proved, scores."""

    part: Ints
    number: Ints
    proved: Ints
    values: Floats

    def only(self, kept: Flags | Ints | slice) -> "_Rows":
        return _Rows(self.part[kept], self.number[kept], self.proved[kept], self.values[kept])

    def by_hour(self, start_ms: int, end_ms: int) -> Iterator[tuple[int, "_Rows"]]:
        """Yield every hour of the run, quiet ones too: the threshold counts them."""
        first, last = start_ms // HOUR_MS, (end_ms - 1) // HOUR_MS
        edges = np.arange(first, last + 2) * HOUR_MS
        cuts = np.searchsorted(self.proved, edges).tolist()
        for hour in range(first, last + 1):
            yield hour, self.only(slice(cuts[hour - first], cuts[hour - first + 1]))


def _eligible(
    scored: Sequence[Scored],
    ticks: Mapping[str, float],
    config: EngineConfig,
    start_ms: int,
    end_ms: int,
    fates: Counter[str],
) -> _Rows:
    """Return what passes the cost gate in time; count what does not."""
    limit = max_cost_r(config)
    nothing = np.empty(0, np.int64)
    kept = [_Rows(nothing, nothing, nothing, np.empty(0))]
    for index, one in enumerate(scored):
        found = one.found
        proved = found.times + found.timeframe.ms
        passes = cost_r(found, ticks[found.symbol], config.costs) <= limit
        live = (proved > start_ms) & (proved < end_ms)
        fates["cost"] += int((live & ~passes).sum())
        fates["cost"] += int(((one.costly > start_ms) & (one.costly < end_ms)).sum())
        # The recording's last minute proves them, but nothing is scored any more.
        fates["stale"] += int((proved >= end_ms).sum() + (one.costly >= end_ms).sum())
        numbers = np.flatnonzero(live & passes)
        at = np.full(len(numbers), index, dtype=np.int64)
        kept.append(_Rows(at, numbers, proved[numbers], one.values[numbers]))
    rows = _Rows(
        np.concatenate([one.part for one in kept]),
        np.concatenate([one.number for one in kept]),
        np.concatenate([one.proved for one in kept]),
        np.concatenate([one.values for one in kept]),
    )
    return rows.only(np.argsort(rows.proved, kind="stable"))


def _ranked(
    rows: _Rows,
    scored: Sequence[Scored],
    params: DetectorParams,
    around: Surroundings | None,
) -> list[Setup]:
    """Make Setups of the rows, in the order in which the core judges them."""
    made: list[tuple[int, float, str, Setup]] = []
    columns = (rows.part.tolist(), rows.number.tolist(), rows.values.tolist())
    for part, number, value in zip(*columns, strict=True):
        (setup,) = setups_of(scored[part].found, params, (number,), around)
        made.append((setup.proved_at_ms, -value, setup.setup_id, setup))
    return [setup for *_, setup in sorted(made, key=lambda one: one[:3])]
