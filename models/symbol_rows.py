"""One symbol's candles turned into one row a setup: raw quantities, labels and the null.

Nothing here looks at another symbol or at the disk, so symbols may be done in any order, in any
process, on any machine, and the rows stay the same.
"""

import zlib
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.domain.candle import Timeframe
from engine.smc.frame import CandleArrays, can_compile, detect_frame
from engine.smc.resample import contiguous, resample
from models.dataset_rules import Counts, DatasetRules
from models.feature_table import COLUMNS
from models.labels import MINUTE_MS, NO_FUNDING, FundingHistory, Results, results
from models.null import random_plans
from models.setup_table import setup_table
from models.trade_paths import NOT_ENTERED, UNRESOLVED, Minutes, Paths, Plans, follow

Times = NDArray[np.int64]
COMPILE_FROM_MINUTES = 20_000
"""Minutes of a symbol from which machine code pays, whatever the timeframe."""
LABEL_COLUMNS: dict[str, pl.DataType] = {
    "source": pl.String(),
    "outcome": pl.Int8(),
    "gross_r": pl.Float64(),
    "net_r": pl.Float64(),
    "gross_bps": pl.Float64(),
    "net_bps": pl.Float64(),
    "cost_r": pl.Float64(),
    "known_at_ms": pl.Int64(),
    "held_minutes": pl.Int64(),
    "null_gross_r": pl.Float64(),
    "null_net_r": pl.Float64(),
}
"""Beside `models.feature_table.COLUMNS`: what became of the setup and of random entries like it.

`outcome` is a code of `models.labels`; `cost_r` is the assumed round trip over |entry - stop|;
`null_*` are means over random entries of the same symbol, day and distances.
"""


def rows_of(
    candles: pl.DataFrame,
    symbol: str,
    source: str,
    rules: DatasetRules,
    counts: Counts,
    *,
    funding: FundingHistory = NO_FUNDING,
) -> pl.DataFrame:
    """Return the raw quantities and labels of one symbol's setups, all timeframes, by time."""
    times = candles["open_time"].dt.epoch("ms").to_numpy()
    arrays = _arrays(candles)
    segments = contiguous(times, Timeframe.M1)
    counts.candles += len(arrays)
    counts.holes += max(0, len(segments) - 1)
    chance = np.random.default_rng([rules.seed, zlib.crc32(f"{source}/{symbol}".encode())])
    tables = [_empty()]
    compiled = len(arrays) >= COMPILE_FROM_MINUTES and can_compile()
    for part in segments:
        first_ms = int(times[part.start])
        series = _Series(symbol, source, first_ms, arrays.part(part), compiled)
        for timeframe in rules.timeframes:
            tables += series.rows(timeframe, rules, funding, counts, chance)
    rows = pl.concat(tables).sort("proved_at_ms", "setup_id")
    counts.rows += len(rows)
    return rows


@dataclass(frozen=True, slots=True)
class _Series:
    """Minutes of one symbol without a hole."""

    symbol: str
    source: str
    first_ms: int
    arrays: CandleArrays
    compiled: bool

    def rows(
        self,
        timeframe: Timeframe,
        rules: DatasetRules,
        funding: FundingHistory,
        counts: Counts,
        chance: np.random.Generator,
    ) -> list[pl.DataFrame]:
        """Return at most one table: the labelled setups of one timeframe."""
        opened, candles = self._candles(timeframe)
        if len(candles) <= rules.warm_up:
            return []
        found = detect_frame(candles, rules.params, keep_events=False, compiled=self.compiled)
        table = setup_table(found, self.symbol, timeframe, opened)
        warm = found.setup_column("bar") >= rules.warm_up
        distance = (pl.col("entry") - pl.col("stop")).abs() / pl.col("entry")
        table = table.filter(pl.Series(warm))
        wide = table.filter(distance >= rules.least_stop_ratio)
        counts.setups += len(table)
        counts.narrow += len(table) - len(wide)
        labelled = self._labelled(wide, timeframe, rules, funding, chance)
        counts.not_entered += labelled.filter(pl.col("outcome") == NOT_ENTERED).height
        counts.unresolved += labelled.filter(pl.col("outcome") == UNRESOLVED).height
        return [labelled.filter(pl.col("outcome") < NOT_ENTERED)]

    def _candles(self, timeframe: Timeframe) -> tuple[Times, CandleArrays]:
        opened = self.first_ms + MINUTE_MS * np.arange(len(self.arrays), dtype=np.int64)
        if timeframe is Timeframe.M1:
            return opened, self.arrays
        return resample(opened, self.arrays, timeframe)

    def _labelled(
        self,
        table: pl.DataFrame,
        timeframe: Timeframe,
        rules: DatasetRules,
        funding: FundingHistory,
        chance: np.random.Generator,
    ) -> pl.DataFrame:
        """Return the setups with the columns `LABEL_COLUMNS`."""
        plans = self._plans(table, timeframe)
        paths, earned = self._traded(plans, rules, funding)
        null = self._null(plans, rules, funding, chance)
        risk = np.abs(plans.entry - plans.stop)
        columns = {
            "source": pl.Series([self.source] * len(table), dtype=pl.String),
            "outcome": paths.outcome,
            "gross_r": earned.gross_r,
            "net_r": earned.net_r,
            "gross_bps": earned.gross_bps,
            "net_bps": earned.net_bps,
            "cost_r": rules.labels.round_trip_cost_ratio * plans.entry / risk,
            "known_at_ms": earned.known_at_ms,
            "held_minutes": earned.held_minutes,
            "null_gross_r": null[0],
            "null_net_r": null[1],
        }
        return table.hstack(pl.DataFrame(columns).cast(LABEL_COLUMNS))  # type: ignore[arg-type]

    def _plans(self, table: pl.DataFrame, timeframe: Timeframe) -> Plans:
        proved = table["proved_at_ms"].to_numpy()
        return Plans(
            start=(proved - self.first_ms) // MINUTE_MS,
            direction=table["direction"].cast(pl.Int64).to_numpy(),
            entry=table["entry"].to_numpy(),
            stop=table["stop"].to_numpy(),
            target=table["target"].to_numpy(),
            minutes=np.full(len(table), timeframe.ms // MINUTE_MS, dtype=np.int64),
        )

    def _traded(
        self, plans: Plans, rules: DatasetRules, funding: FundingHistory
    ) -> tuple[Paths, Results]:
        minutes = Minutes(open=self.arrays.open, high=self.arrays.high, low=self.arrays.low)
        paths = follow(minutes, plans, rules.labels, compiled=self.compiled)
        earned = results(plans, paths, rules.labels, first_open_ms=self.first_ms, funding=funding)
        return paths, earned

    def _null(
        self,
        plans: Plans,
        rules: DatasetRules,
        funding: FundingHistory,
        chance: np.random.Generator,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean gross and net R of random entries like each plan."""
        drawn = random_plans(
            plans, self.arrays.open, self.first_ms, rules.labels.exits, rules.null_draws, chance
        )
        _, earned = self._traded(drawn, rules, funding)
        shape = (len(plans), rules.null_draws)
        return (
            np.mean(earned.gross_r.reshape(shape), axis=1),
            np.mean(earned.net_r.reshape(shape), axis=1),
        )


def _empty() -> pl.DataFrame:
    return pl.DataFrame(schema={**COLUMNS, **LABEL_COLUMNS})


def _arrays(candles: pl.DataFrame) -> CandleArrays:
    names = ("open", "high", "low", "close", "quote_volume")
    return CandleArrays(**{name: candles[name].to_numpy() for name in names})
