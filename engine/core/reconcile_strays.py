"""Positions and orders of the venue that belong to no running trade."""

from decimal import Decimal

from engine.core.adopt import revive_symbol, take_over
from engine.core.reconcile_legs import adopt_leg, compare_legs
from engine.core.reconcile_position import grow
from engine.core.rivals import is_rivals
from engine.core.state import BookState, Claim, EngineState
from engine.core.tell import alarm, ask_snapshot
from engine.core.trade import Trade
from engine.core.trades import drive
from engine.domain.account import VenuePosition, VenueSnapshot
from engine.domain.effects import CancelOrder, Effect
from engine.domain.events import Instant
from engine.domain.ids import parse_client_order_id
from engine.domain.notices import AlarmKind
from engine.domain.order import Order, OrderType
from engine.domain.setup import Direction


def on_unexpected_position(
    state: EngineState,
    book: BookState,
    row: VenuePosition,
    snapshot: VenueSnapshot,
    now: Instant,
) -> list[Effect]:
    """Judge a position without a running trade: ours by evidence, or foreign."""
    direction = Direction.LONG if row.qty > 0 else Direction.SHORT
    legs = _legs_of_ours(state, book, row, snapshot)
    claim = book.claims.get(row.symbol)
    if claim is not None and claim.direction is not direction:
        claim = None
    if book.foreign.get(row.symbol) == row.qty and not legs and claim is None:
        return []
    if _left_after(state, book, row.symbol, snapshot.taken_ms):
        return ask_snapshot(book, f"{row.symbol} closed while the snapshot was taken", now)
    if not state.symbols:
        return ask_snapshot(book, f"{row.symbol}: the universe is not known yet", now)
    trade, effects = revive_symbol(book, row.symbol, direction, now)
    if trade is None and (legs or claim):
        wished = claim or Claim(direction)
        stop = _trigger(legs, OrderType.STOP_MARKET) or wished.stop
        target = _trigger(legs, OrderType.TAKE_PROFIT_MARKET) or wished.target
        trade, effects = take_over(
            state, book, row.symbol, direction, row.entry_price, now, stop=stop, target=target
        )
    if trade is None:
        return effects + _foreign(book, row, now)
    book.foreign.pop(row.symbol, None)
    effects += grow(state, trade, row, snapshot.taken_ms, now)
    compare_legs(state, book, trade, snapshot, now)
    for order in legs:
        if order.client_id not in trade.protection.legs:
            adopt_leg(trade, order, now)
    return effects + drive(state, book, trade, now)


def _left_after(state: EngineState, book: BookState, symbol: str, taken_ms: int) -> bool:
    closed_ms = book.cool_until.get(symbol, 0) - state.config.limits.cool_down_ms
    return closed_ms >= taken_ms


def _foreign(book: BookState, row: VenuePosition, now: Instant) -> list[Effect]:
    told = row.symbol in book.foreign
    book.foreign[row.symbol] = row.qty
    if told:
        return []
    text = (
        f"{row.symbol}: a position of {row.qty} at {row.entry_price} is not ours; "
        "it is left alone and has no stop of ours"
    )
    key = f"{book.book.value}:{row.symbol}:{row.qty}"
    return [alarm(AlarmKind.FOREIGN_POSITION, key, text, now)]


def _legs_of_ours(
    state: EngineState, book: BookState, row: VenuePosition, snapshot: VenueSnapshot
) -> list[Order]:
    """Orders of ours that would close this very position.

    A left-over of the other side proves nothing, and what a newer instance has placed guards a
    position of its own.
    """
    return [
        order
        for order in snapshot.conditionals
        if _would_close(order, row)
        and not order.status.is_final
        and parse_client_order_id(order.client_id) is not None
        and not is_rivals(state, book, order)
    ]


def _would_close(order: Order, row: VenuePosition | None) -> bool:
    return row is not None and order.symbol == row.symbol and order.side.sign * row.qty < 0


def _trigger(legs: list[Order], kind: OrderType) -> Decimal | None:
    return next((leg.trigger_price for leg in legs if leg.order_type is kind), None)


def sweep_orders(
    state: EngineState,
    book: BookState,
    positions: dict[str, VenuePosition],
    snapshot: VenueSnapshot,
) -> list[Effect]:
    """Cancel orders of ours that guard nothing; a left-over stop could open a position later."""
    seen: set[str] = set()
    effects: list[Effect] = []
    for order in (*snapshot.conditionals, *snapshot.orders):
        if parse_client_order_id(order.client_id) is None or order.status.is_final:
            continue
        if is_rivals(state, book, order):
            continue
        trade = book.trades.get(order.symbol)
        if trade is not None:
            if _belongs(trade, order.client_id) or (trade.qty and not trade.is_protected):
                continue
        elif _would_close(order, positions.get(order.symbol)):
            continue
        seen.add(order.client_id)
        book.orphans[order.client_id] = order.symbol
        conditional = order.conditional or order.order_type in {
            OrderType.STOP_MARKET,
            OrderType.TAKE_PROFIT_MARKET,
        }
        effects.append(
            CancelOrder(book.book, order.symbol, order.client_id, conditional=conditional)
        )
    for client_id in book.orphans.keys() - seen:
        del book.orphans[client_id]
    return effects


def _belongs(trade: Trade, client_id: str) -> bool:
    """A leg that was given up and rests all the same is a left-over like any other."""
    protection = trade.protection
    return client_id in protection.legs or (
        trade.owns(client_id) and client_id not in protection.ended
    )
