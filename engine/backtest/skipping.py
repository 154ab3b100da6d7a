"""How far a run may jump while positions are open, without changing anything.

A minute may be left out if no trigger is reached in it, no deadline, funding payment or setup
falls into it, and equity moves no mark of a circuit breaker. What the core must still know of it,
the best price since entry, is told at the next visit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.backtest.recorder import Recorder
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.backtest.venue import BacktestVenue
from engine.domain.events import TradeMemory
from engine.risk.limits import RiskLimits
from engine.risk.threshold import HOUR_MS

_CENT = 0.01
"""Equity this close to a mark is left to the core, which reckons in decimals."""
NextFunding = Callable[[str, int], int]
"""Returns the minute of a symbol's first funding payment from a time on."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An open position and the rows of the minutes that might be left out."""

    series: SymbolSeries
    memory: TradeMemory
    row: int
    low: float
    high: float
    size: float


class Skipper:
    """Looks ahead over the minutes of open positions."""

    def __init__(
        self,
        venue: BacktestVenue,
        recorder: Recorder,
        series: Mapping[str, SymbolSeries],
        limits: RiskLimits,
        next_funding: NextFunding,
        *,
        tick_after_ms: int,
        marks_matter: bool,
    ) -> None:
        self._venue = venue
        self._recorder = recorder
        self._series = series
        self._limits = limits
        self._next_funding = next_funding
        self._tick_after_ms = tick_after_ms
        self._marks_matter = marks_matter

    def next_visit(self, visited_ms: int, limit_ms: int, watched: frozenset[str]) -> int:
        """Return the next minute that must be visited, at most `limit_ms`.

        Args:
            visited_ms: the minute just lived through.
            limit_ms: next minute in which something is known to happen anyway.
            watched: symbols in which the core has a trade; nothing may be on its way.
        """
        following = visited_ms + MINUTE_MS
        if limit_ms <= following + MINUTE_MS or watched != self._venue.busy.keys():
            return min(following, limit_ms)
        if self._marks_matter and visited_ms % HOUR_MS == 0:
            # The core has reckoned its equity of this minute before the last close was shown.
            return following
        trades: list[_Open] = []
        for symbol in watched:
            one = self._open(symbol, visited_ms)
            if one is None:
                return following
            trades.append(one)
            limit_ms = min(limit_ms, self._deadline(one, following))
        count = (limit_ms - following) // MINUTE_MS
        for one in trades:
            count = min(count, self._untouched(one, count))
        if count > 0 and self._marks_matter:
            count = self._within_marks(trades, count)
        return following + max(count, 0) * MINUTE_MS

    def unseen_prices(
        self, visited_ms: int, next_ms: int, watched: frozenset[str]
    ) -> list[tuple[str, float]]:
        """Return what each trade saw in closed minutes the core was not shown: best, then last.

        The last close must come too: at a full hour the core reckons before it is shown another.
        Of the minute of its entry only the close counts: the core does not know what of the
        minute lay before.
        """
        found: list[tuple[str, float]] = []
        for symbol in sorted(watched):
            series, memory = self._series[symbol], self._recorder.memories[symbol]
            first, last = series.row_of(visited_ms), series.row_of(next_ms - 2 * MINUTE_MS)
            if first < 0 or last < first:
                continue
            if memory.opened_ms > visited_ms:
                found.append((symbol, series.close(first)))
                first += 1
            if first <= last:
                is_long = memory.direction > 0
                piece = (series.candles.high if is_long else series.candles.low)[first : last + 1]
                found.append((symbol, float(piece.max() if is_long else piece.min())))
                found.append((symbol, series.close(last)))
        return found

    def _open(self, symbol: str, visited_ms: int) -> _Open | None:
        """Return the position if it is at rest: protected on both sides."""
        memory = self._recorder.memories.get(symbol)
        bounds = self._venue.bounds(symbol)
        series = self._series[symbol]
        row = series.row_of(visited_ms)
        if (
            memory is None
            or bounds is None
            or row < 1
            or memory.opened_ms >= visited_ms + MINUTE_MS
        ):
            return None
        low, high = bounds
        return _Open(series, memory, row, low, high, self._venue.size_of(symbol))

    def _deadline(self, one: _Open, following: int) -> int:
        """Return the minute whose tick is the first at or after the next deadline or payment."""
        memory = one.memory
        moments = [self._next_funding(memory.symbol, following)]
        for due_ms in (memory.time_exit_ms, memory.stagnation_ms):
            minute = -((self._tick_after_ms - due_ms) // MINUTE_MS) * MINUTE_MS
            if minute >= following:
                moments.append(minute)
        return min(moments)

    @staticmethod
    def _untouched(one: _Open, count: int) -> int:
        """Return how many of the next minutes are recorded without a hole and reach no trigger."""
        first = one.row + 1
        part = next(p for p in one.series.segments if p.start <= one.row < p.stop)
        end = min(first + count, part.stop)
        candles = one.series.candles
        touched = (candles.low[first:end] <= one.low) | (candles.high[first:end] >= one.high)
        at = int(touched.argmax()) if len(touched) else 0
        return at if len(touched) and touched[at] else end - first

    def _within_marks(self, trades: Sequence[_Open], count: int) -> int:
        """Return for how many minutes equity stays between the breakers' marks."""
        marks = self._recorder.marks
        if marks is None or self._recorder.last_equity is None:
            return 0
        moved = np.zeros(count)
        for one in trades:
            closes = one.series.candles.close
            moved += (closes[one.row : one.row + count] - closes[one.row - 1]) * one.size
        equity = self._recorder.last_equity + moved
        floor = max(
            marks.day_start * (1 - float(self._limits.daily_loss_ratio)),
            marks.high_water * (1 - float(self._limits.drawdown_ratio)),
        )
        crossed = (equity >= marks.high_water - _CENT) | (equity <= floor + _CENT)
        at = int(crossed.argmax())
        return at if crossed[at] else count
