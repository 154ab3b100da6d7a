"""Positions of ours whose plan is not in the book: revived from a tombstone, or taken over."""

from decimal import Decimal

from engine.core.placeholder import placeholder
from engine.core.protection import Protection
from engine.core.state import BookState, EngineState
from engine.core.tell import alarm
from engine.core.trade import ZERO, SentState, Trade, names_of
from engine.domain.candle import Timeframe
from engine.domain.effects import Effect
from engine.domain.events import Instant, TradeMemory
from engine.domain.instrument import Rounding
from engine.domain.notices import AlarmKind
from engine.domain.order import Purpose
from engine.domain.position import Position
from engine.domain.setup import Direction
from engine.risk.exits import deadlines


def revive(book: BookState, client_id: str, now: Instant) -> tuple[Trade | None, list[Effect]]:
    """Return the buried trade an order id points to, running again, or None."""
    stone = book.tombstone_of(client_id)
    if stone is None or stone.trade.symbol in book.trades:
        return None, []
    del book.tombstones[stone.trade.names.digest]
    trade = stone.trade
    trade.held = False
    if trade.entry is not None:
        trade.entry.state, trade.entry.expected = SentState.ENDED, ZERO
    book.trades[trade.symbol] = trade
    text = f"{trade.symbol}: an entry given up as lost has appeared; adopted and being protected"
    return trade, [alarm(AlarmKind.ADOPTED, f"{book.book.value}:{client_id}", text, now)]


def revive_symbol(
    book: BookState, symbol: str, direction: Direction, now: Instant
) -> tuple[Trade | None, list[Effect]]:
    """Return the newest buried trade of a symbol and direction, running again, or None."""
    for stone in reversed(book.tombstones.values()):
        trade = stone.trade
        if trade.symbol == symbol and trade.direction is direction:
            return revive(book, trade.names.next(Purpose.ENTRY), now)
    return None, []


def take_over(
    state: EngineState,
    book: BookState,
    symbol: str,
    direction: Direction,
    price: Decimal,
    now: Instant,
    *,
    stop: Decimal | None = None,
    target: Decimal | None = None,
) -> tuple[Trade | None, list[Effect]]:
    """Return a new trade around a position that carries our order ids but has no plan.

    The stop is the one that rests, else `adopt_stop_ratio` away from `price`; the target is the
    one that rests, else two stop distances away. None when neither the instrument nor a stop is
    known, because then no price can be put on the venue's grid.
    """
    market = state.symbols.get(symbol)
    if market is None and stop is None:
        text = f"{symbol}: a position of ours is outside the universe; please handle it by hand"
        return None, [alarm(AlarmKind.FOREIGN_POSITION, f"{book.book.value}:{symbol}", text, now)]
    instrument = market.instrument if market else placeholder(symbol)
    sign = int(direction)
    distance = price * Decimal(repr(state.config.adopt_stop_ratio))
    stop = stop or instrument.quantize_price(price - sign * distance, Rounding.NEAREST)
    far = price + 2 * sign * abs(price - stop)
    target = target or instrument.quantize_price(max(far, price / 2), Rounding.NEAREST)
    key = f"adopted-{symbol}-{now.exchange_ms}"
    due = deadlines(state.config.exits, Timeframe.M1, now.exchange_ms)
    trade = Trade(
        memory=TradeMemory(
            trade_key=key,
            book=book.book,
            symbol=symbol,
            setup_id=key,
            direction=sign,
            score=None,
            entry_price=float(price),
            stop_price=stop,
            target_price=target,
            risk=ZERO,
            time_exit_ms=due.time_exit_ms,
            stagnation_ms=due.stagnation_ms,
            opened_ms=now.exchange_ms,
            best_r=0.0,
            timeframe=Timeframe.M1.value,
        ),
        instrument=instrument,
        names=names_of(state.config.epoch, book.book, key),
        protection=Protection(stop, target),
        position=Position(book=book.book, symbol=symbol),
        entry=None,
        risk_ratio=0.0,
        planned_margin=ZERO,
    )
    book.trades[symbol] = trade
    text = f"{symbol}: a position of ours without a stored plan was adopted, stop {stop}"
    return trade, [alarm(AlarmKind.ADOPTED, f"{book.book.value}:{key}", text, now)]
