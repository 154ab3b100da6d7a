"""Turns each recorded candle into trades within its minute that add up to it exactly."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from engine.exchange.sim.listings import typical_spread_bps
from engine.exchange.sim.replay_frames import Recording
from engine.exchange.sim.scales import BoolArray, FloatArray, IntArray
from engine.exchange.sim.tick_path import MinuteTrades, split_whole

POINTS: Final = 24
LIKELY_ORDER: Final = 0.65
"""Chance that a falling candle makes its high first and a rising one its low."""
WANDER: Final = 0.12
"""Noise between the four anchors, as a share of the candle's range."""
DAY_MINUTES: Final = 1440.0


class ReplaySource:
    """Minutes of a `Recording`, then silent ones.

    Args:
        recording: The candles.
        first_minute: Minute to begin with, within the recording.
        seed: Seed of everything the recording does not say: order, noise, sides.
        spread_multiplier: Factor on the typical spread of a contract this liquid.
    """

    def __init__(
        self, recording: Recording, first_minute: int, *, seed: int, spread_multiplier: float
    ) -> None:
        self.end_minute: int | None = recording.first_minute + recording.minutes
        self._recording = recording
        self._minute = first_minute
        self._seed = seed
        self.day_quote_volume = np.maximum(recording.quote.mean(axis=0) * DAY_MINUTES, 1.0)
        self._trade_size = 300.0 * (self.day_quote_volume / 1e6) ** 0.27
        spread_bps = [typical_spread_bps(volume) for volume in self.day_quote_volume.tolist()]
        self._spread = np.array(spread_bps) * 1e-4 * spread_multiplier
        self._close: IntArray = self._first_open()
        self._buys: BoolArray = np.zeros(len(recording.symbols), dtype=np.bool_)

    def next_minute(self) -> MinuteTrades:
        """Make the next minute; silent once the recording has ended."""
        row = self._minute - self._recording.first_minute
        rng = np.random.default_rng([self._seed, self._minute])
        made = self._replayed(row, rng) if row < self._recording.minutes else self._silent()
        self._close = made.candles.close
        self._buys = made.buys_after
        self._minute += 1
        return made

    def dump(self) -> dict[str, Any]:
        """JSON-ready state."""
        return {
            "minute": self._minute,
            "close": self._close.tolist(),
            "buys": self._buys.tolist(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Continue from a state of `dump`."""
        self._minute = int(state["minute"])
        self._close = np.array(state["close"], dtype=np.int64)
        self._buys = np.array(state["buys"], dtype=np.bool_)

    def _first_open(self) -> IntArray:
        """Each symbol's price before the first minute: the open of its next traded candle."""
        row = self._minute - self._recording.first_minute
        first = row + np.argmax(self._recording.traded[row:], axis=0)
        opens = self._recording.prices[0, first, np.arange(len(first))]
        whole: IntArray = opens.astype(np.int64)
        return whole

    def _replayed(self, row: int, rng: np.random.Generator) -> MinuteTrades:
        recording = self._recording
        candle = recording.prices[:, row].astype(np.int64)
        traded = recording.traded[row]
        lots, quote = recording.lots[row], recording.quote[row]
        price, high_at, low_at = walk(candle, rng)
        trades = spread_trades(candle, self._trade_count(row), high_at, low_at, rng) * traded
        share = trades * rng.uniform(0.3, 1.7, trades.shape)
        share += ~traded  # a silent column still needs a total to divide by
        parts = split_whole(lots, share)
        taker_share = self._taker_share(row, candle)
        sold_up = np.sign(np.diff(price, axis=0, prepend=price[:1]))
        return MinuteTrades(
            price=price,
            lots=parts,
            taker_lots=np.diff(
                np.rint(np.cumsum(parts, axis=0) * taker_share), axis=0, prepend=0
            ).astype(np.int64),
            quote=quote * parts / np.maximum(lots, 1),
            trades=trades,
            taker_buys=rng.random(price.shape) < 0.5 + 0.15 * sold_up,
            close_before=self._close,
            buys_before=self._buys,
            spread=self._spread_ticks(),
            quote_total=quote * traded,
        )

    def _silent(self) -> MinuteTrades:
        shape = (POINTS, len(self._close))
        nothing = np.zeros(shape, dtype=np.int64)
        return MinuteTrades(
            price=np.broadcast_to(self._close, shape),
            lots=nothing,
            taker_lots=nothing,
            quote=np.zeros(shape),
            trades=nothing,
            taker_buys=np.zeros(shape, dtype=np.bool_),
            close_before=self._close,
            buys_before=self._buys,
            spread=self._spread_ticks(),
        )

    def _trade_count(self, row: int) -> IntArray:
        """Recorded number of trades, or one that fits the volume."""
        recorded = self._recording.trades[row]
        guessed = np.maximum(np.rint(self._recording.quote[row] / self._trade_size), 1.0)
        count: IntArray = np.where(recorded > 0, recorded, guessed).astype(np.int64)
        return count

    def _taker_share(self, row: int, candle: IntArray) -> FloatArray:
        """Recorded share of lots bought by takers, or one that leans with the candle."""
        recorded = self._recording.taker_lots[row]
        leaning = 0.5 + 0.15 * np.sign(candle[3] - candle[0])
        known = np.clip(recorded / np.maximum(self._recording.lots[row], 1), 0.0, 1.0)
        share: FloatArray = np.where(recorded >= 0, known, leaning)
        return share

    def _spread_ticks(self) -> IntArray:
        return np.maximum(np.rint(self._close * self._spread), 1.0).astype(np.int64)


def walk(candle: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray, IntArray]:
    """Prices at the points of a minute: open, the two extremes in seeded order, close.

    Args:
        candle: Open, high, low and close in ticks, shape (4, symbols).
        rng: Decides the order of the extremes, when they come and the wandering in between.

    Returns:
        Prices of shape (points, symbols) within low and high, and the points of high and low.
    """
    opened, high, low, close = candle
    symbols = len(opened)
    rising = close >= opened
    low_first = np.where(rising, LIKELY_ORDER, 1.0 - LIKELY_ORDER) > rng.random(symbols)
    early = rng.integers(1, POINTS - 2, symbols)
    late = early + 1 + (rng.random(symbols) * (POINTS - 2 - early)).astype(np.int64)
    low_at, high_at = np.where(low_first, early, late), np.where(low_first, late, early)
    first, second = np.where(low_first, low, high), np.where(low_first, high, low)
    point = np.arange(POINTS)[:, None]
    price = np.where(
        point <= early,
        _between(opened, first, 0, early, point),
        np.where(
            point <= late,
            _between(first, second, early, late, point),
            _between(second, close, late, POINTS - 1, point),
        ),
    )
    price += WANDER * (high - low) * rng.standard_normal(price.shape)
    whole = np.clip(np.rint(price), low, high).astype(np.int64)
    columns = np.arange(symbols)
    whole[0], whole[-1] = opened, close
    whole[early, columns], whole[late, columns] = first, second
    return whole, high_at, low_at


def spread_trades(
    candle: IntArray, count: IntArray, high_at: IntArray, low_at: IntArray, rng: np.random.Generator
) -> IntArray:
    """Trades at each point, summing to ``count`` and never missing a point the candle needs.

    The open always trades; the close does when it is another trade, the extremes when they are
    not the open or the close. A count too small for that (a recording fault) is raised.
    """
    opened, high, low, close = candle
    columns = np.arange(len(opened))
    needed = np.zeros((POINTS, len(opened)), dtype=np.int64)
    needed[0] = 1
    needed[high_at, columns] += high > np.maximum(opened, close)
    needed[low_at, columns] += low < np.minimum(opened, close)
    needed[-1] = (close != opened) | (count > 1) | (needed.sum(axis=0) > 1)
    spare = np.maximum(count - needed.sum(axis=0), 0)
    share = rng.exponential(size=needed.shape)
    share[-1] *= needed[-1]
    return needed + split_whole(spare, share)


def _between(
    start: IntArray, end: IntArray, start_at: IntArray | int, end_at: IntArray | int, at: IntArray
) -> FloatArray:
    """Straight line from ``start`` to ``end`` over the points ``start_at`` to ``end_at``."""
    progress = (at - start_at) / (end_at - start_at)
    line: FloatArray = start + (end - start) * progress
    return line
