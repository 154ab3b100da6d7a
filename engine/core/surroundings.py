"""What the other symbols did around a Setup, read from the series the core keeps anyway."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.core.series import Series
from engine.core.state import EngineState
from engine.domain.events import Instant
from engine.domain.setup import MarketContext, Setup
from engine.smc.cross_section import (
    BTC,
    LONG_MINUTES,
    LOOK_BACK_MS,
    MINUTE_MS,
    NO_MOVES,
    SHORT_MINUTES,
    MarketMinute,
    Moves,
    as_return,
    market_minute,
    move,
)

_NEAR_MS = 55_000
"""So far into a minute the closes of the one before have come, or they are late anyway."""


def with_surroundings(state: EngineState, setups: Sequence[Setup]) -> list[Setup]:
    """Return the Setups with their market; one that carries it already is left as it is.

    The market is that of the minute before the proving one, which every symbol has told by now.
    It is added up once a minute, by `look_ahead` or at the first Setup.
    """
    if not state.config.look_around:
        return list(setups)
    return [
        setup if setup.market is not None else replace(setup, market=_market(state, setup))
        for setup in setups
    ]


def look_ahead(state: EngineState, now: Instant) -> None:
    """Add up the market for the Setups of the close that is near: its burst has other work."""
    into_minute_ms = now.exchange_ms % MINUTE_MS
    if state.config.look_around and into_minute_ms >= _NEAR_MS:
        _remembered(state, now.exchange_ms - into_minute_ms - MINUTE_MS)


def _market(state: EngineState, setup: Setup) -> MarketContext:
    open_ms = setup.proved_at_ms - LOOK_BACK_MS
    market = _remembered(state, open_ms)
    own = _moves_of(state, setup.symbol, open_ms)
    return MarketContext(
        symbol_return_15m=as_return(own.short),
        symbol_return_60m=as_return(own.long),
        **market._asdict(),
    )


def _remembered(state: EngineState, open_ms: int) -> MarketMinute:
    if state.market_minute is None or state.market_minute[0] != open_ms:
        state.market_minute = (open_ms, _market_minute(state, open_ms))
    return state.market_minute[1]


def _market_minute(state: EngineState, open_ms: int) -> MarketMinute:
    def all_moves() -> Iterator[Moves]:
        for market in state.symbols.values():
            yield moves_at(market.series, open_ms)

    return market_minute(all_moves(), _moves_of(state, BTC, open_ms))


def _moves_of(state: EngineState, symbol: str, open_ms: int) -> Moves:
    market = state.symbols.get(symbol)
    return NO_MOVES if market is None else moves_at(market.series, open_ms)


def moves_at(series: Series, open_ms: int) -> Moves:
    """Return the moves of a series up to the close of the minute that opened at `open_ms`."""
    close, short, long = series.closes_at(open_ms, SHORT_MINUTES, LONG_MINUTES)
    if close is None:
        return NO_MOVES
    return Moves(
        None if short is None else move(close, short), None if long is None else move(close, long)
    )
