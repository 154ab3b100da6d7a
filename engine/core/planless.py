"""Unfinished intents whose plan (`TradeMemory`) is lost: evidence that what they opened is ours."""

from decimal import Decimal

from engine.core.adopt import Plan, improvise
from engine.core.state import BookState, Claim, EngineState
from engine.core.tell import alarm, remembered
from engine.core.trade import SentOrder, SentState
from engine.domain.effects import Effect
from engine.domain.events import Instant, StateRestored
from engine.domain.instrument import Instrument, Rounding
from engine.domain.notices import AlarmKind
from engine.domain.order import Intent, Purpose
from engine.domain.setup import Direction


def take_intents(state: EngineState, event: StateRestored, now: Instant) -> list[Effect]:
    """Turn intents without a memory into trades that are looked for, or into claims.

    An entry freezes its symbol like every unknown entry: it is looked up, and what it has opened is
    protected by the first snapshot. A stop, target or exit only proves that a position on its
    other side is ours. Intents of trades that are known to have ended prove nothing.
    """
    known = {(one.book, one.trade_key) for one in event.trades}
    known |= {(one.book, one.trade_key.partition("#")[0]) for one in event.recent}
    lost = [one for one in event.intents if (one.book, one.trade_key) not in known]
    effects: list[Effect] = []
    for intent in sorted(lost, key=lambda one: one.request.purpose is not Purpose.ENTRY):
        book = state.books.get(intent.book)
        if book is None or intent.request.symbol in book.trades:
            continue
        price = intent.request.price
        if intent.request.purpose is Purpose.ENTRY and price is not None:
            effects += _look_for(state, book, intent, price, lost, now)
        else:
            _claim(state, book, intent, lost, now)
    return effects


def requantize(book: BookState, symbol: str, instrument: Instrument) -> None:
    """Put guessed prices on the venue's grid, now that it is known."""
    trade = book.trades.get(symbol)
    if trade is None or not trade.improvised or trade.protection.legs:
        return
    memory = trade.memory
    stop = instrument.quantize_price(memory.stop_price, Rounding.NEAREST)
    target = instrument.quantize_price(memory.target_price, Rounding.NEAREST)
    trade.remember(stop_price=stop, target_price=target)
    trade.protection.stop_price, trade.protection.target_price = stop, target


def _look_for(
    state: EngineState,
    book: BookState,
    intent: Intent,
    price: Decimal,
    lost: list[Intent],
    now: Instant,
) -> list[Effect]:
    request = intent.request
    plan = Plan(
        key=intent.trade_key,
        symbol=request.symbol,
        direction=Direction(request.side.sign),
        price=price,
        stop=_trigger(lost, intent, Purpose.STOP),
        target=_trigger(lost, intent, Purpose.TARGET),
        opened_ms=intent.created_ms,
    )
    trade = improvise(state, book, plan)
    trade.held = trade.confirm_by_snapshot = True
    trade.entry = SentOrder(request.client_id, request.qty, now.wall_s, SentState.UNKNOWN)
    book.trades[trade.symbol] = trade
    text = (
        f"{trade.symbol}: an entry of a former run has no stored plan; what it has opened is "
        f"protected by a stop at {trade.protection.stop_price}"
    )
    told = alarm(AlarmKind.ADOPTED, f"{intent.book.value}:{request.client_id}", text, now)
    return [remembered(trade), told]


def _claim(
    state: EngineState, book: BookState, intent: Intent, lost: list[Intent], now: Instant
) -> None:
    # One that stayed open for days because its end was never heard proves nothing any more.
    if now.exchange_ms - intent.created_ms > state.config.tombstone_ms:
        return
    side = intent.request.side.sign
    direction = Direction(side if intent.request.purpose is Purpose.ENTRY else -side)
    stop = _trigger(lost, intent, Purpose.STOP)
    target = _trigger(lost, intent, Purpose.TARGET)
    book.claims[intent.request.symbol] = Claim(direction, stop, target)


def _trigger(lost: list[Intent], of: Intent, purpose: Purpose) -> Decimal | None:
    """Return the newest price at which the same round trip wanted this leg."""
    wanted = [
        one
        for one in lost
        if (one.book, one.trade_key) == (of.book, of.trade_key) and one.request.purpose is purpose
    ]
    return max(wanted, key=lambda one: one.created_ms).request.trigger_price if wanted else None
