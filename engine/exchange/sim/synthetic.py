"""The synthetic market: invented prices that behave like real ones, from a seed."""

from __future__ import annotations

from typing import Final

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.factor_model import FactorModel
from engine.exchange.sim.listings import synthetic_listings
from engine.exchange.sim.market import MarketError
from engine.exchange.sim.path_market import PathMarket

DEFAULT_SYMBOLS: Final = 530
WARM_MINUTES: Final = 1500


class SyntheticMarket(PathMarket):
    """A seeded factor market; the same arguments give the same bytes.

    Args:
        symbols: Tradable USDT perpetuals, 1 to about 2,000. Five more rows that a universe has to
            exclude follow them in ``rules``.
        seed: Any non-negative integer.
        start_ms: Exchange time at the start, rounded down to a whole minute.
        warm_minutes: Minutes of history made before the start. The 1-minute history keeps 1500;
            longer ones fill the 15-minute history (512 candles, 7,680 minutes).
    """

    def __init__(
        self,
        symbols: int = DEFAULT_SYMBOLS,
        *,
        seed: int = 1,
        start_ms: int,
        warm_minutes: int = WARM_MINUTES,
    ) -> None:
        if seed < 0 or warm_minutes < 1:
            raise MarketError(
                f"seed must be >= 0 and warm_minutes >= 1, got {seed} and {warm_minutes}"
            )
        start_minute = start_ms // MINUTE_MS
        first_minute = start_minute - warm_minutes
        listings = synthetic_listings(symbols, seed, start_minute * MINUTE_MS)
        super().__init__(
            FactorModel(listings, seed, first_minute),
            [item.rules for item in listings],
            seed=seed,
            first_minute=first_minute,
            start_ms=start_minute * MINUTE_MS,
        )
