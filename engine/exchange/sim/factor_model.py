"""The synthetic market's prices and volumes: one market factor, own noise, jumps, tick rounding.

Sequential and seeded: minute ``m`` draws from a generator made of (seed, m) only, so the state
after a minute depends on the seed and on nothing that anybody asked in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.lifecycle import trading_span
from engine.exchange.sim.scales import BoolArray, FloatArray, IntArray, Scales
from engine.exchange.sim.tick_path import MinuteTrades
from engine.exchange.sim.volatility import (
    SURPRISE_VARIANCE,
    TOTAL_VARIANCE,
    Volatility,
    hour_activity,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.exchange.sim.listings import Listing

POINTS: Final = 24
FIRST_POINT_SHARE: Final = 0.002
"""Share of a minute's variance before its first trade: closes and next opens nearly touch."""
PULL_PER_MINUTE: Final = 1.0 / (20 * 1440)
"""Pull of the log price to its anchor; keeps ticks meaningful for months, invisible in a day."""
JUMP_CHANCE: Final = 1.0 / 3000.0
AFTERSHOCK: Final = 1.0
"""Rise of a symbol's log volatility after a jump; it dies away within minutes."""
FLOW_DECAY: Final = float(np.exp(-1.0 / 60.0))
FLOW_SD: Final = 0.5
VOLUME_NOISE_SD: Final = 0.4
VOLUME_OFFSET: Final = -0.2
"""Brings the mean of the log-normal volume back to the listed daily volume."""
SIZE_LEVELS: Final = np.exp(
    # 16 equally likely levels of a normal distribution, to be picked by four random bits
    0.8 * np.array([-1.86, -1.32, -1.01, -0.78, -0.58, -0.40, -0.24, -0.08,
                    0.08, 0.24, 0.40, 0.58, 0.78, 1.01, 1.32, 1.86])
).astype(np.float32)  # fmt: skip
SAME_PRICE_CHANCE: Final = 0.3
"""Chance that the first trade of a minute repeats the last price of the one before."""
POINT_SCALE: Final = np.sqrt(
    np.array([FIRST_POINT_SHARE] + [(1.0 - FIRST_POINT_SHARE) / (POINTS - 1)] * (POINTS - 1))
)
SingleArray = npt.NDArray[np.float32]
_BOUGHT, _SOLD = np.float32(0.72), np.float32(0.28)
_BUY_AFTER_RISE = np.uint8(168)
_BUY_AFTER_FALL = np.uint8(88)


class FactorModel:
    """Makes the minutes of all listed symbols, one after the other."""

    def __init__(self, listings: Sequence[Listing], seed: int, first_minute: int) -> None:
        self.end_minute: int | None = None
        self._seed = seed
        self._prices = Scales.of([item.rules.tick_size for item in listings])
        self._quantities = Scales.of([item.rules.step_size for item in listings])
        self._tick = self._prices.units / self._prices.powers
        self._step = self._quantities.units / self._quantities.powers
        self._anchor = np.log(_column(listings, "price"))
        self._sd = _column(listings, "minute_sd_bps") * 1e-4
        self._share = _column(listings, "market_share")
        self._spread = _column(listings, "spread_bps") * 1e-4
        day_volume = _column(listings, "day_quote_volume")
        self.day_quote_volume = day_volume
        self._log_minute_volume = np.log(day_volume / 1440.0)
        self._trade_size = 300.0 * (day_volume / 1e6) ** 0.27
        spans = [trading_span(item.rules) for item in listings]
        self._opens_ms, self._ends_ms = np.array(spans, dtype=np.int64).T
        rng = np.random.default_rng([seed, 0x57A7])
        self._volatility = Volatility.stationary(len(listings), rng)
        self._flow = FLOW_SD * rng.standard_normal(len(listings))
        self._log_price = self._anchor.copy()
        self._minute = first_minute
        self._close = self._prices.counts(np.exp(self._anchor))
        self._buys = np.zeros(len(listings), dtype=np.bool_)

    def next_minute(self) -> MinuteTrades:
        """Make the next minute and move the state behind it."""
        rng = np.random.default_rng([self._seed, self._minute])
        activity = hour_activity(self._minute)
        remembered = self._volatility.step(rng) + np.log(activity)
        surprise = np.sqrt(SURPRISE_VARIANCE) * rng.standard_normal(len(self._sd))
        sd = self._sd * np.exp(remembered + surprise - TOTAL_VARIANCE)
        moves = self._moves(sd, rng)
        travelled = np.cumsum(moves, axis=0)
        middle = np.exp(self._log_price) / self._tick
        # Second-order expansion of exp: exact to a fraction of a tick at minute-sized moves.
        middles = (1.0 + travelled + 0.5 * travelled**2) * middle.astype(np.float32)
        spread = self._spread_ticks(middle, sd)
        volume = self._minute_volume(moves, remembered, rng)
        trades = self._trades(middles, moves, spread, volume, rng)
        self._close = trades.candles.close
        self._buys = trades.buys_after
        self._log_price += travelled[-1] + PULL_PER_MINUTE * (self._anchor - self._log_price)
        self._minute += 1
        return trades

    def dump(self) -> dict[str, Any]:
        """JSON-ready state; `load` continues from it with the same bytes."""
        return {
            "minute": self._minute,
            "close": self._close.tolist(),
            "buys": self._buys.tolist(),
            "log_price": self._log_price.tolist(),
            "flow": self._flow.tolist(),
            "shared": self._volatility.shared.tolist(),
            "own": self._volatility.own.tolist(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Continue from a state of `dump`."""
        self._minute = int(state["minute"])
        self._close = np.array(state["close"], dtype=np.int64)
        self._buys = np.array(state["buys"], dtype=np.bool_)
        self._log_price = np.array(state["log_price"])
        self._flow = np.array(state["flow"])
        self._volatility = Volatility(np.array(state["shared"]), np.array(state["own"]))

    def _moves(self, sd: FloatArray, rng: np.random.Generator) -> SingleArray:
        """Log price moves between the points, shape (points, symbols)."""
        symbols = len(sd)
        moves = rng.standard_normal((POINTS, symbols), dtype=np.float32)
        moves *= np.sqrt(1.0 - self._share**2).astype(np.float32)
        market = rng.standard_normal((POINTS, 1), dtype=np.float32)
        moves += market * self._share.astype(np.float32)
        moves *= (POINT_SCALE[:, None] * sd).astype(np.float32)
        jumping = np.flatnonzero(rng.random(symbols) < JUMP_CHANCE)
        if len(jumping):
            size = np.exp(2.0 + 0.6 * rng.standard_normal(len(jumping)))
            side = np.where(rng.random(len(jumping)) < 0.5, -1.0, 1.0)
            moves[rng.integers(1, POINTS, len(jumping)), jumping] += side * size * sd[jumping]
            self._volatility.shock(jumping, AFTERSHOCK)
        return moves

    def _spread_ticks(self, middle: FloatArray, sd: FloatArray) -> IntArray:
        """Spread in ticks: wider for illiquid symbols and in lively minutes, at least one."""
        wide = np.rint(middle * self._spread * np.sqrt(sd / self._sd))
        return np.maximum(wide, 1.0).astype(np.int64)

    def _trades(
        self,
        middle: SingleArray,
        moves: SingleArray,
        spread: IntArray,
        volume: FloatArray,
        rng: np.random.Generator,
    ) -> MinuteTrades:
        """What trades at every point: the bid or the ask around the middle (both in ticks)."""
        dice = rng.integers(0, 256, middle.shape, dtype=np.uint8)
        taker_buys = dice < np.where(moves > 0, _BUY_AFTER_RISE, _BUY_AFTER_FALL)
        half = 0.5 * spread.astype(np.float32)
        price = np.maximum(np.rint(middle + np.where(taker_buys, half, -half)), 1)
        np.copyto(
            price[0],
            self._close,
            where=rng.random(len(volume)) < SAME_PRICE_CHANCE,
            casting="same_kind",
        )
        expected = SIZE_LEVELS[dice & 15]
        wanted = self._trading() * volume / self._trade_size / expected.sum(axis=0)
        expected *= wanted.astype(np.float32)
        expected += rng.random(middle.shape, dtype=np.float32)
        trades = np.floor(expected)
        lots_a_trade = self._trade_size / (self._step * self._tick * middle[0])
        lots = np.rint(trades * np.maximum(lots_a_trade, 1.0).astype(np.float32))
        whole_price, whole_lots = price.astype(np.int64), lots.astype(np.int64)
        return MinuteTrades(
            price=whole_price,
            lots=whole_lots,
            taker_lots=np.rint(lots * np.where(taker_buys, _BOUGHT, _SOLD)).astype(np.int64),
            quote=whole_price * whole_lots * (self._tick * self._step),
            trades=trades.astype(np.int64),
            taker_buys=taker_buys,
            close_before=self._close,
            buys_before=self._buys,
            spread=spread,
        )

    def _minute_volume(
        self,
        moves: SingleArray,
        remembered: FloatArray,
        rng: np.random.Generator,
    ) -> FloatArray:
        """Quote volume each symbol wants to trade in the minute; more when prices move more."""
        symbols = len(remembered)
        kick = FLOW_SD * np.sqrt(1.0 - FLOW_DECAY**2)
        self._flow = self._flow * FLOW_DECAY + kick * rng.standard_normal(symbols)
        travelled = np.abs(moves.sum(axis=0)) + np.abs(moves).max(axis=0)
        excess = np.log(travelled / self._sd)
        noise = VOLUME_NOISE_SD * rng.standard_normal(symbols)
        level = 0.45 * remembered + 0.45 * excess + self._flow + noise
        volume: FloatArray = np.exp(self._log_minute_volume + level + VOLUME_OFFSET)
        return volume

    def _trading(self) -> BoolArray:
        """Which symbols trade in the current minute: listed, not ended and not halted."""
        now_ms = self._minute * MINUTE_MS
        trading: BoolArray = (self._opens_ms <= now_ms) & (now_ms < self._ends_ms)
        return trading


def _column(listings: Sequence[Listing], name: str) -> FloatArray:
    return np.array([getattr(item, name) for item in listings], dtype=np.float64)
