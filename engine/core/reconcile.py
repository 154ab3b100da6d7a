"""The venue's snapshot against our belief. The snapshot wins, unless it is older than the news.

Positions first, then legs, then left-overs. What is naked is protected in this very step. A
position that vanished or shrank must be seen twice before it is believed while we are running,
because a snapshot is not atomic; after a restart or a deaf stream it is believed at once.
"""

from engine.core.guard import judge_equity
from engine.core.reconcile_legs import compare_legs
from engine.core.reconcile_position import compare_position, settle_orders
from engine.core.reconcile_strays import on_unexpected_position, sweep_orders
from engine.core.rivals import notice_rival
from engine.core.state import BookState, EngineState
from engine.core.tell import alarm, ask_snapshot
from engine.core.trade import ZERO, Trade
from engine.core.trades import drive
from engine.domain.account import VenuePosition, VenueSnapshot
from engine.domain.effects import Effect, TakeSnapshot
from engine.domain.events import Instant
from engine.domain.notices import AlarmKind


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
        effects += on_unexpected_position(state, book, positions[symbol], snapshot, now)
    for symbol in book.foreign.keys() - positions.keys():
        del book.foreign[symbol]
    effects += sweep_orders(state, book, positions, snapshot)
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
    effects = compare_position(state, book, trade, row, now, at_once=first, taken=snapshot.taken_ms)
    compare_legs(state, book, trade, snapshot, now)
    settle_orders(trade, row)
    return effects + drive(state, book, trade, now)
