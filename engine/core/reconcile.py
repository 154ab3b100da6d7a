"""The venue's snapshot against our belief. The snapshot wins, unless it is older than the news.

Positions first, then legs, then left-overs. What is naked is protected in this very step. A
position that vanished or shrank must be seen twice before it is believed while we are running,
because a snapshot is not atomic; after a restart or a deaf stream it is believed at once.
"""

from dataclasses import replace
from decimal import Decimal

from engine.core.adopt import revive_symbol, take_over
from engine.core.closing import finish
from engine.core.fills import opened, value_risk
from engine.core.guard import judge_equity
from engine.core.protection import Leg, LegState
from engine.core.rivals import is_rivals, notice_rival
from engine.core.state import BookState, Claim, Doubt, EngineState
from engine.core.tell import alarm, ask_snapshot, remembered
from engine.core.trade import ZERO, SentState, Trade
from engine.core.trades import drive
from engine.domain.account import VenuePosition, VenueSnapshot
from engine.domain.effects import CancelOrder, Effect, TakeSnapshot
from engine.domain.events import Instant
from engine.domain.ids import parse_client_order_id
from engine.domain.notices import AlarmKind, Priority
from engine.domain.order import Order, OrderStatus, OrderType, Purpose
from engine.domain.position import ExitReason
from engine.domain.setup import Direction

_DOUBT_S = 0.5
"""Wall seconds between the two snapshots that must agree."""


def on_snapshot(
    state: EngineState, book: BookState, snapshot: VenueSnapshot, now: Instant
) -> list[Effect]:
    """Make the book agree with the venue; entries are possible again afterwards."""
    book.wallet = snapshot.wallet
    effects = _judge_account(book, snapshot, now)
    for order in (*snapshot.conditionals, *snapshot.orders):
        effects += notice_rival(state, book, order, now)
    positions = {row.symbol: row for row in snapshot.positions if row.qty}
    running = dict(sorted(book.trades.items()))
    for symbol, trade in running.items():
        effects += _compare(state, book, trade, positions.get(symbol), snapshot, now)
    for symbol in sorted(positions.keys() - running.keys()):
        effects += _unexpected(state, book, positions[symbol], snapshot, now)
    for symbol in book.foreign.keys() - positions.keys():
        del book.foreign[symbol]
    effects += _sweep(state, book, positions, snapshot)
    doubtful = book.snapshot_wanted or any(isinstance(one, TakeSnapshot) for one in effects)
    if not doubtful:
        book.ready = not book.deaf
        book.claims.clear()
    return effects + judge_equity(state, book, now)


def _judge_account(book: BookState, snapshot: VenueSnapshot, now: Instant) -> list[Effect]:
    trouble = ""
    if snapshot.hedge_mode:
        trouble = "the account is in hedge mode; one-way mode is needed"
    elif not snapshot.can_trade:
        trouble = "the exchange does not allow this account to trade"
    changed, book.trouble = trouble != book.trouble, trouble
    if not trouble or not changed:
        return []
    key = f"{book.book.value}:trouble:{now.exchange_ms}"
    return [alarm(AlarmKind.ACCOUNT, key, f"{book.book.value} book: {trouble}", now)]


# --- positions with a trade ----------------------------------------------------------------------


def _compare(
    state: EngineState,
    book: BookState,
    trade: Trade,
    row: VenuePosition | None,
    snapshot: VenueSnapshot,
    now: Instant,
) -> list[Effect]:
    if trade.improvised and not state.symbols:
        return ask_snapshot(book, f"{trade.symbol}: the universe is not known yet", now)
    agrees = (row.qty if row else ZERO) == trade.position.qty
    # Fills missed in a past life are told just before the first snapshot: for a restored trade
    # only a fill of a later venue time makes the snapshot old news.
    moved_ms = trade.filled_ms if trade.held else trade.active_ms
    if moved_ms >= snapshot.taken_ms and not agrees:
        return ask_snapshot(book, f"{trade.symbol} moved while the snapshot was taken", now)
    if moved_ms >= snapshot.taken_ms and not trade.held:
        return drive(state, book, trade, now)
    first = trade.held or not book.ready
    trade.held = False
    effects = _compare_position(
        state, book, trade, row, now, at_once=first, taken=snapshot.taken_ms
    )
    _compare_legs(state, book, trade, snapshot, now)
    _settle_orders(trade, row)
    return effects + drive(state, book, trade, now)


def _compare_position(
    state: EngineState,
    book: BookState,
    trade: Trade,
    row: VenuePosition | None,
    now: Instant,
    *,
    at_once: bool,
    taken: int,
) -> list[Effect]:
    venue_qty = row.qty if row else ZERO
    ours = trade.position.qty
    if venue_qty == ours:
        book.doubts.pop(trade.symbol, None)
        return []
    sign = int(trade.direction)
    if row is not None and venue_qty * sign > ours * sign:
        book.doubts.pop(trade.symbol, None)
        return _grow(state, trade, row, taken, now)
    if ours == ZERO:
        # Somebody has opened the other way while our legs are being cleared away: shown when ours
        # has left.
        return ask_snapshot(book, f"{trade.symbol}: another's position beside our legs", now)
    if not at_once and not _seen_twice(book, trade.symbol, venue_qty, now):
        return ask_snapshot(book, f"{trade.symbol}: position differs from our fills", now)
    book.doubts.pop(trade.symbol, None)
    return _shrink(state, book, trade, venue_qty, taken, now)


def _seen_twice(book: BookState, symbol: str, qty: Decimal, now: Instant) -> bool:
    doubt = book.doubts.get(symbol)
    if doubt is None or doubt.qty != qty:
        book.doubts[symbol] = Doubt(qty, now.wall_s)
        return False
    return now.wall_s - doubt.seen_s >= _DOUBT_S


def _grow(
    state: EngineState, trade: Trade, row: VenuePosition, taken: int, now: Instant
) -> list[Effect]:
    """More is open than our fills say: take it over and protect it; its fills come later."""
    missing = row.qty - trade.position.qty
    if not trade.qty:
        opened(state, trade, now.exchange_ms)
    trade.position = replace(trade.position, qty=row.qty, entry_price=row.entry_price)
    trade.unaccounted += missing
    trade.truth_ms = taken
    trade.tally.entry_qty += abs(missing)
    trade.tally.entry_value += abs(missing) * row.entry_price
    trade.told_protected = False
    value_risk(trade)
    text = f"{trade.symbol}: the exchange holds {row.qty}, {missing} more than our fills; adopted"
    key = f"{trade.book.value}:{trade.memory.trade_key}:{taken}"
    return [alarm(AlarmKind.ADOPTED, key, text, now, Priority.FILL), remembered(trade)]


def _shrink(
    state: EngineState, book: BookState, trade: Trade, venue_qty: Decimal, taken: int, now: Instant
) -> list[Effect]:
    """Less is open: closed by hand, by liquidation, or its fills are lost. Valued at the mark."""
    sign = int(trade.direction)
    kept = venue_qty if venue_qty * sign > 0 else ZERO
    gone = abs(trade.position.qty - kept)
    price = state.price_of(trade.symbol) or trade.position.entry_price
    position = trade.position
    gain = (price - position.entry_price) * gone * sign
    trade.position = replace(position, qty=kept, realised=position.realised + gain)
    trade.unaccounted = -gone * sign
    trade.truth_ms = taken
    trade.tally.exit_qty += gone
    trade.tally.exit_value += gone * price
    text = f"{trade.symbol}: {gone} was closed outside the bot; its result is estimated at {price}"
    key = f"{trade.book.value}:{trade.memory.trade_key}:{taken}"
    effects: list[Effect] = [alarm(AlarmKind.ACCOUNT, key, text, now)]
    if kept:
        return [*effects, remembered(trade)]
    return [*effects, *finish(state, book, trade, ExitReason.EXTERNAL, now)]


def _settle_orders(trade: Trade, row: VenuePosition | None) -> None:
    """Entry and exit orders whose fills stayed away are settled by the position itself."""
    if (row.qty if row else ZERO) != trade.position.qty:
        return
    entry = trade.entry
    if entry is not None and entry.state is SentState.ENDED and entry.expected is not None:
        entry.expected = min(entry.expected, trade.filled.get(entry.client_id, ZERO))
    sent = trade.exit
    if sent is not None and sent.state in {SentState.UNKNOWN, SentState.ENDED}:
        trade.exit = None
        trade.exit_retry_at_s = 0.0


# --- legs ----------------------------------------------------------------------------------------


def _compare_legs(
    state: EngineState, book: BookState, trade: Trade, snapshot: VenueSnapshot, now: Instant
) -> None:
    """Adopt legs that rest, drop legs that do not; `drive` then sends what is missing."""
    protection = trade.protection
    resting = {
        order.client_id: order
        for order in snapshot.conditionals
        if order.symbol == trade.symbol and not order.status.is_final
    }
    for leg in list(protection.legs.values()):
        if leg.sent_ms >= snapshot.taken_ms:
            continue
        if leg.client_id in resting:
            protection.confirm(leg.client_id, now.wall_s)
        elif leg.state is LegState.RESTING:
            protection.lost(leg.client_id)
        elif leg.state in {LegState.SENT, LegState.CANCELLING}:
            protection.forget(leg.client_id)
    for order in resting.values():
        rival = is_rivals(state, book, order)
        if order.client_id not in protection.legs and trade.owns(order.client_id) and not rival:
            _adopt_leg(trade, order, now)
    trade.confirm_by_snapshot = False
    protection.needs_snapshot = False


def _adopt_leg(trade: Trade, order: Order, now: Instant) -> None:
    is_stop = order.order_type is OrderType.STOP_MARKET
    protection = trade.protection
    ahead = (order.trigger_price - protection.stop_price) * int(trade.direction)
    fresh = order.client_id not in protection.ended
    if is_stop and fresh and (ahead > 0 or trade.improvised):
        protection.stop_price = order.trigger_price  # it was moved before the restart
    elif fresh and trade.improvised:
        protection.target_price = order.trigger_price
    protection.adopt(
        Leg(
            client_id=order.client_id,
            purpose=Purpose.STOP if is_stop else Purpose.TARGET,
            qty=order.qty,
            trigger=order.trigger_price,
            state=LegState.TRIGGERED if order.status is OrderStatus.TRIGGERED else LegState.RESTING,
            since_s=now.wall_s,
        )
    )


# --- positions and orders without a trade --------------------------------------------------------


def _unexpected(
    state: EngineState,
    book: BookState,
    row: VenuePosition,
    snapshot: VenueSnapshot,
    now: Instant,
) -> list[Effect]:
    """A position without a running trade: ours by evidence, or foreign."""
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
    effects += _grow(state, trade, row, snapshot.taken_ms, now)
    _compare_legs(state, book, trade, snapshot, now)
    for order in legs:
        if order.client_id not in trade.protection.legs:
            _adopt_leg(trade, order, now)
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


def _sweep(
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
