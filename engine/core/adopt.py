"""Positions of ours whose plan is not in the book: revived from a tombstone, or taken over."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is known of a round trip whose plan is lost; `stop` and `target` None if unknown."""

    key: str
    symbol: str
    direction: Direction
    price: Decimal
    stop: Decimal | None
    target: Decimal | None
    opened_ms: int


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
    """Return a new trade around a position that is ours but has no plan.

    The stop is the one that rests, else `adopt_stop_ratio` away from `price`; the target is the
    one that rests, else two stop distances away. None when neither the instrument nor a stop is
    known, because then no price can be put on the venue's grid.
    """
    if symbol not in state.symbols and stop is None:
        text = f"{symbol}: a position of ours is outside the universe; please handle it by hand"
        return None, [alarm(AlarmKind.FOREIGN_POSITION, f"{book.book.value}:{symbol}", text, now)]
    key = f"adopted-{symbol}-{now.exchange_ms}"
    trade = improvise(
        state,
        book,
        Plan(
            key=key,
            symbol=symbol,
            direction=direction,
            price=price,
            stop=stop,
            target=target,
            opened_ms=now.exchange_ms,
        ),
    )
    book.trades[symbol] = trade
    stop = trade.protection.stop_price
    text = f"{symbol}: a position of ours without a stored plan was adopted, stop {stop}"
    return trade, [alarm(AlarmKind.ADOPTED, f"{book.book.value}:{key}", text, now)]


def improvise(state: EngineState, book: BookState, plan: Plan) -> Trade:
    """Return a trade around a plan that is made up where it is lost; it is in no book yet."""
    market = state.symbols.get(plan.symbol)
    instrument = market.instrument if market else placeholder(plan.symbol)
    sign = int(plan.direction)
    distance = plan.price * Decimal(repr(state.config.adopt_stop_ratio))
    stop = plan.stop or instrument.quantize_price(plan.price - sign * distance, Rounding.NEAREST)
    far = plan.price + 2 * sign * abs(plan.price - stop)
    target = plan.target or instrument.quantize_price(max(far, plan.price / 2), Rounding.NEAREST)
    due = deadlines(state.config.exits, Timeframe.M1, plan.opened_ms)
    return Trade(
        memory=TradeMemory(
            trade_key=plan.key,
            book=book.book,
            symbol=plan.symbol,
            setup_id=plan.key,
            direction=sign,
            score=None,
            entry_price=float(plan.price),
            stop_price=stop,
            target_price=target,
            risk=ZERO,
            time_exit_ms=due.time_exit_ms,
            stagnation_ms=due.stagnation_ms,
            opened_ms=plan.opened_ms,
            best_r=0.0,
            timeframe=Timeframe.M1.value,
        ),
        instrument=instrument,
        names=names_of(state.config.epoch, book.book, plan.key),
        protection=Protection(stop, target),
        position=Position(book=book.book, symbol=plan.symbol),
        entry=None,
        risk_ratio=0.0,
        planned_margin=ZERO,
        improvised=True,
    )
