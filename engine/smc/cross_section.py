"""What all symbols did lately, added up in whole numbers so that the order never matters.

A symbol's move is its return kept within ±20 % and rounded to a billionth, an integer: sums of
integers are exact, so a live process that hears the symbols in any order, a table made of files,
and workers on other machines come to equal values bit for bit.
"""

from collections.abc import Iterable
from typing import NamedTuple

BTC = "BTCUSDT"
SHORT_MINUTES = 15
LONG_MINUTES = 60
MINUTE_MS = 60_000
LOOK_BACK_MS = 2 * MINUTE_MS
"""From the close that proves a Setup back to the OPEN of the minute looked at, the one before."""
MOST_MOVE = 0.2
MOVE_SCALE = 1e9
LEAST_SYMBOLS = 5
"""With fewer symbols there is no market to speak of."""


class Moves(NamedTuple):
    """A symbol's moves up to a minute over both spans; None where a candle is missing."""

    short: int | None
    long: int | None


NO_MOVES = Moves(None, None)


class MarketMinute(NamedTuple):
    """The market up to a minute; the fields are those of `MarketContext` of the same name."""

    market_return_15m: float | None
    market_return_60m: float | None
    btc_return_15m: float | None
    breadth_15m: float | None


def move(close: float, before: float) -> int:
    """Return the move from one close to a later one, in billionths."""
    ratio = close / before - 1.0
    # Branches, not min and max: 530 symbols are asked twice in the burst of a close.
    if ratio > MOST_MOVE:
        ratio = MOST_MOVE
    elif ratio < -MOST_MOVE:
        ratio = -MOST_MOVE
    return round(ratio * MOVE_SCALE)


def as_return(moved: int | None) -> float | None:
    """Return a move as a ratio."""
    return None if moved is None else moved / MOVE_SCALE


def market_minute(moves: Iterable[Moves], btc: Moves) -> MarketMinute:
    """Return the market of one minute.

    Args:
        moves: of every symbol, BTC among them.
        btc: those of `BTC`.
    """
    known = long_known = total = long_total = balance = 0
    for short, long in moves:
        if short is not None:
            known += 1
            total += short
            balance += (short > 0) - (short < 0)
        if long is not None:
            long_known += 1
            long_total += long
    enough = known >= LEAST_SYMBOLS
    return MarketMinute(
        market_return_15m=total / known / MOVE_SCALE if enough else None,
        market_return_60m=(
            long_total / long_known / MOVE_SCALE if long_known >= LEAST_SYMBOLS else None
        ),
        btc_return_15m=as_return(btc.short),
        breadth_15m=0.5 + balance / (2 * known) if enough else None,
    )
