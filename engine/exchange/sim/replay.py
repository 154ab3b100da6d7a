"""The replayed market: recorded candles as the embedded exchange's prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from engine.exchange.sim.candle_columns import MINUTE_MS
from engine.exchange.sim.listings import make_rules
from engine.exchange.sim.path_market import PathMarket
from engine.exchange.sim.replay_frames import Recording, ReplayError, Source, read_recording
from engine.exchange.sim.replay_source import ReplaySource
from engine.exchange.sim.rules import SymbolRules

REPLAY_WARM_MINUTES: Final = 500
QUOTES: Final = ("USDT", "USDC", "BUSD", "FDUSD")


class ReplayMarket(PathMarket):
    """Recorded candles, each turned into trades that close at exactly the same candle.

    Several files are merged over the period all symbols share, or over all they cover. Minutes
    missing in the recording have no trades; a contract whose recording begins after the start is
    pending until then. After the last minute nothing trades and `exhausted` is true.

    Args:
        sources: Parquet files, folders of them, or frames in the candle store's schema.
        start_ms: Where to begin; by default after ``warm_minutes`` of the period.
        symbols: Only these symbols.
        common: Replay only the minutes all symbols share, see `read_recording`.
        warm_minutes: Minutes before the start that become history at once.
        seed: Seed of what the recording does not say (order within a minute, sides, funding).
        spread_multiplier: Factor on the typical spread of a contract this liquid.

    Raises:
        ReplayError: the files cannot be used or do not reach over the start.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        start_ms: int | None = None,
        symbols: Sequence[str] | None = None,
        common: bool = True,
        warm_minutes: int = REPLAY_WARM_MINUTES,
        seed: int = 1,
        spread_multiplier: float = 1.0,
    ) -> None:
        recording = read_recording(sources, symbols, common=common)
        start = _start_minute(recording, start_ms, warm_minutes)
        super().__init__(
            ReplaySource(
                recording, start - warm_minutes, seed=seed, spread_multiplier=spread_multiplier
            ),
            inferred_rules(recording),
            seed=seed,
            first_minute=start - warm_minutes,
            start_ms=start * MINUTE_MS,
        )


def inferred_rules(recording: Recording) -> list[SymbolRules]:
    """Rules of every recorded symbol; tick and lot are the decimals its candles are written in."""
    result = []
    for index, symbol in enumerate(recording.symbols):
        tick = Decimal(1).scaleb(-recording.price_digits[index])
        lot = Decimal(1).scaleb(-recording.lot_digits[index])
        quote = next((item for item in QUOTES if symbol.endswith(item)), "")
        begin = int(recording.traded[:, index].argmax())
        price = float(recording.prices[3, begin, index]) * float(tick)
        rules = make_rules(symbol.removesuffix(quote), tick, price, quote)
        result.append(
            replace(
                rules,
                price_precision=recording.price_digits[index],
                step_size=lot,
                market_step=lot,
                min_qty=lot,
                qty_precision=recording.lot_digits[index],
                **_listing(recording, begin),
            )
        )
    return result


def _listing(recording: Recording, begin: int) -> dict[str, Any]:
    """Onboarding of a contract whose recording begins ``begin`` minutes into the period."""
    if begin == 0:
        return {}
    onboard_ms = (recording.first_minute + begin) * MINUTE_MS
    return {"status": "PENDING_TRADING", "onboard_ms": onboard_ms}


def _start_minute(recording: Recording, start_ms: int | None, warm_minutes: int) -> int:
    earliest = recording.first_minute + warm_minutes
    latest = recording.first_minute + recording.minutes - 1
    start = earliest if start_ms is None else start_ms // MINUTE_MS
    if not earliest <= start <= latest:
        raise ReplayError(
            f"the start must lie {warm_minutes} minutes or more after the first of "
            f"{recording.minutes} recorded minutes and before their end: "
            f"{earliest * MINUTE_MS}..{latest * MINUTE_MS} ms, asked for {start * MINUTE_MS}"
        )
    return start
