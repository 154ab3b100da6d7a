"""Another instance on our account: an order of ours that a newer start has sent.

The newer start wins. This one takes no entries any more, goes on protecting what it holds, and
keeps its hands off the orders and positions of the other.
"""

from engine.core.state import BookState, EngineState
from engine.core.tell import alarm
from engine.core.trade import Trade
from engine.domain.effects import Effect
from engine.domain.events import Instant
from engine.domain.ids import parse_client_order_id
from engine.domain.notices import AlarmKind
from engine.domain.order import Fill, Order, OrderStatus

_ALIVE = frozenset({OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED})
"""The end of an order may be one of our own that is told late."""


def is_rivals(state: EngineState, book: BookState, order: Order) -> bool:
    """Return whether an instance started after us has sent this order while we were running.

    An older order with a higher number is our own: its database, which counts the starts, is lost.
    So is one that we know already; it only reports late.
    """
    if order.status not in _ALIVE or order.client_id in book.orphans:
        return False
    trade = book.trades.get(order.symbol)
    return _is_newer(state, trade, order.client_id, order.event_time_ms)


def fill_is_rivals(state: EngineState, trade: Trade | None, fill: Fill) -> bool:
    """Return the same of an execution, given the running trade of its symbol."""
    return _is_newer(state, trade, fill.client_id, fill.event_time_ms)


def notice_rival(state: EngineState, book: BookState, order: Order, now: Instant) -> list[Effect]:
    """Halt if the order is a newer instance's."""
    if not is_rivals(state, book, order):
        return []
    return halt(state, book, order.client_id, now)


def halt(state: EngineState, book: BookState, client_id: str, now: Instant) -> list[Effect]:
    """Take no entries for the rest of this life, and say so once."""
    if state.outranked:
        return []
    state.outranked = _epoch_of(client_id)
    text = (
        f"another instance (start {state.outranked}) trades the {book.book.value} account, this is "
        f"start {state.config.epoch}: it takes no entries any more and only protects what it holds"
    )
    key = f"outranked:{state.config.epoch}:{state.outranked}"
    return [alarm(AlarmKind.ACCOUNT, key, text, now)]


def _is_newer(state: EngineState, trade: Trade | None, client_id: str, at_ms: int) -> bool:
    if _epoch_of(client_id) <= state.config.epoch or at_ms < state.started_ms:
        return False
    if trade is None:
        return True
    return client_id not in trade.protection.legs and client_id not in trade.protection.ended


def _epoch_of(client_id: str) -> int:
    """Return the number of the start that named an order, -1 for a foreign one."""
    parts = parse_client_order_id(client_id)
    return parts.epoch if parts else -1
