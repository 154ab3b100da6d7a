"""Tests of engine/smc/market_table.py: the table against the plain reading of the definitions."""

import random

import numpy as np
import pytest

from engine.domain.setup import MarketContext
from engine.smc.cross_section import MINUTE_MS, NO_MOVES, Moves, as_return, market_minute, move
from engine.smc.market_table import MARKET_COLUMNS, MarketTable, Pulse, pulse_of

T0 = 1_700_000_040_000
Closes = dict[int, float]
"""Close by open time."""


def walk(seed: int, first: int, minutes: int, holes: tuple[range, ...] = ()) -> Closes:
    rng = random.Random(seed)
    price, closes = 100.0, {}
    for minute in range(first, first + minutes):
        price = round(price * (1 + rng.gauss(0, 0.004)), 2)
        if not any(minute in hole for hole in holes):
            closes[T0 + minute * MINUTE_MS] = price
    return closes


MARKET = {
    "BTCUSDT": walk(1, 0, 300),
    "AUSDT": walk(2, 0, 300, (range(100, 105),)),
    "BUSDT": walk(3, 40, 200),
    "CUSDT": walk(4, 0, 300, (range(50, 51), range(200, 290))),
    "DUSDT": walk(5, 10, 290),
    "EUSDT": walk(6, 0, 300),
}


def pulse(closes: Closes) -> Pulse:
    return pulse_of(np.array(list(closes), np.int64), np.array(list(closes.values())))


def plain_moves(closes: Closes, open_ms: int) -> Moves:
    """A span with a hole in it is unknown: the live series begins anew after one."""

    def over(minutes: int) -> int | None:
        times = [open_ms - n * MINUTE_MS for n in range(minutes + 1)]
        if any(time not in closes for time in times):
            return None
        return move(closes[open_ms], closes[times[-1]])

    return Moves(over(15), over(60))


def plain_context(symbol: str, proved_at_ms: int) -> MarketContext:
    open_ms = proved_at_ms - 2 * MINUTE_MS
    moves = {name: plain_moves(closes, open_ms) for name, closes in MARKET.items()}
    own = moves.get(symbol, NO_MOVES)
    return MarketContext(
        symbol_return_15m=as_return(own.short),
        symbol_return_60m=as_return(own.long),
        **market_minute(moves.values(), moves["BTCUSDT"])._asdict(),
    )


@pytest.mark.parametrize("symbol", MARKET)
def test_table_when_read_equals_the_definitions_bit_for_bit(symbol: str) -> None:
    table = MarketTable.of((name, pulse(closes)) for name, closes in MARKET.items())
    proved = [T0 + minute * MINUTE_MS for minute in range(-5, 320)]
    told = table.contexts(pulse(MARKET[symbol]), np.array(proved, np.int64))
    assert told == [plain_context(symbol, at_ms) for at_ms in proved]
    assert any(one.breadth_15m is None for one in told)
    assert sum(one.market_return_60m is not None for one in told) > 100


def test_table_when_symbols_come_in_another_order_is_equal() -> None:
    proved = np.array([T0 + minute * MINUTE_MS for minute in range(300)], np.int64)
    names = list(MARKET)
    random.Random(3).shuffle(names)
    one, other = (
        MarketTable.of((name, pulse(MARKET[name])) for name in order) for order in (MARKET, names)
    )
    own = pulse(MARKET["AUSDT"])
    for name in MARKET_COLUMNS:
        ours, theirs = one.columns(own, proved)[name], other.columns(own, proved)[name]
        assert ours.tobytes() == theirs.tobytes()


def test_table_when_empty_knows_nothing() -> None:
    nobody = pulse({})
    table = MarketTable.of([("AUSDT", nobody)])
    (told,) = table.contexts(nobody, np.array([T0], np.int64))
    assert told == MarketContext(**dict.fromkeys(MARKET_COLUMNS))  # type: ignore[arg-type]
    assert table.contexts(nobody, np.array([], np.int64)) == []


def test_context_when_a_later_candle_changes_is_the_same() -> None:
    """What is told at a close depends on no candle that closes at it or after it."""
    proved_ms = T0 + 150 * MINUTE_MS
    known = {
        name: {t: c for t, c in closes.items() if t <= proved_ms - 2 * MINUTE_MS}
        for name, closes in MARKET.items()
    }
    whole = MarketTable.of((name, pulse(closes)) for name, closes in MARKET.items())
    cut = MarketTable.of((name, pulse(closes)) for name, closes in known.items())
    at = np.array([proved_ms], np.int64)
    assert whole.contexts(pulse(MARKET["EUSDT"]), at) == cut.contexts(pulse(known["EUSDT"]), at)
