"""Commands about open positions: close, close all, panic, break-even. Exits are never blocked."""

from decimal import Decimal

from engine.core.guard import PAUSED
from engine.core.settings import MODE
from engine.core.state import BookState, EngineState, policy_of
from engine.core.tell import mode_notice, remembered, setting
from engine.core.trade import ZERO, Trade
from engine.core.trades import drive, want_flat
from engine.domain.commands import ClosePosition, Panic
from engine.domain.effects import Effect
from engine.domain.events import Instant
from engine.domain.instrument import Rounding
from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from engine.domain.signal import Mode

Answer = tuple[bool, str, list[Effect]]


def close_position(state: EngineState, command: ClosePosition, now: Instant) -> Answer:
    """Close a share of what is held of a symbol, in whichever books hold it."""
    share, symbol = command.share_pct, command.symbol
    if not 1 <= share <= 100:
        return False, f"{share} % given, 1 to 100 % of a position can be closed.", []
    held = _held(state, symbol)
    if not held:
        return False, _nothing_held(state, symbol), []
    effects: list[Effect] = []
    said: list[str] = []
    for book, trade in held:
        keep = _keep(trade, share)
        if share < 100 and (keep == ZERO or keep >= trade.qty):
            return False, f"{share} % of {trade.qty} {symbol} cannot be split; close it whole.", []
        want_flat(trade, ExitReason.OPERATOR, keep)
        closing = f"{(trade.qty - keep).normalize():f} of {trade.qty.normalize():f}"
        said.append(f"{closing} ({book.book.value})")
        effects += drive(state, book, trade, now)
    return True, f"Closing {symbol} at market: {', '.join(said)}.", effects


def _keep(trade: Trade, share_pct: int) -> Decimal:
    """Return what stays open; the closed part is rounded down to the order step."""
    if share_pct == 100:
        return ZERO
    return trade.qty - trade.instrument.quantize_qty(trade.qty * share_pct / 100)


def _held(state: EngineState, symbol: str) -> list[tuple[BookState, Trade]]:
    return [(book, trade) for book, trade in state.trades() if trade.symbol == symbol and trade.qty]


def _nothing_held(state: EngineState, symbol: str) -> str:
    for book, trade in state.trades():
        if trade.symbol == symbol:
            return f"{symbol} ({book.book.value}) is {trade.phase.value}, nothing is held."
    for book in state.books.values():
        if symbol in book.foreign:
            return f"The position in {symbol} is not ours; close it at the exchange."
    return f"No open position in {symbol}."


def close_all(state: EngineState, now: Instant) -> Answer:
    """Close every position of ours, in every book."""
    effects, closing = _flatten(state, now)
    if not closing:
        return True, "No open positions.", effects
    return True, f"Closing {len(closing)} positions at market: {', '.join(closing)}.", effects


def panic(state: EngineState, command: Panic, now: Instant) -> Answer:
    """Pause, cancel entries, flatten our own and adopted positions, switch to signals."""
    effects, closing = _flatten(state, now)
    entering = _cancel_entries(state)
    for book, trade in entering:
        effects += drive(state, book, trade, now)
    state.takeable.clear()
    state.paused = "panic"
    state.policy = policy_of(
        Mode.SIGNALS, state.policy.allow_negative_edge, approval=state.approval
    )
    text = "Panic: paused, switched to signals"
    text += f", closing {', '.join(closing)}" if closing else ", nothing was open"
    if entering:
        names = ", ".join(trade.symbol for _, trade in entering)
        text += f", cancelling entries in {names}"
    foreign = sorted({symbol for book in state.books.values() for symbol in book.foreign})
    if foreign:
        text += f". Not ours and left alone: {', '.join(foreign)}"
    text += "."
    told = mode_notice(state, text, command.requested_by, command.command_id, now)
    settings = [setting(PAUSED, "panic"), setting(MODE, Mode.SIGNALS.value)]
    return True, text, [*effects, *settings, told]


def _flatten(state: EngineState, now: Instant) -> tuple[list[Effect], list[str]]:
    effects: list[Effect] = []
    closing: list[str] = []
    for book, trade in state.trades():
        if not trade.qty:
            continue
        want_flat(trade, ExitReason.OPERATOR)
        closing.append(f"{trade.symbol} ({book.book.value})")
        effects += drive(state, book, trade, now)
    return effects, closing


def _cancel_entries(state: EngineState) -> list[tuple[BookState, Trade]]:
    """Whatever a running entry still fills is protected and closed at once."""
    entering = [(book, trade) for book, trade in state.trades() if not trade.entry_settled]
    for _, trade in entering:
        want_flat(trade, ExitReason.OPERATOR)
    return entering


def break_even(state: EngineState, symbol: str, now: Instant) -> Answer:
    """Move the stop to the entry price, if the market is beyond it already."""
    held = _held(state, symbol)
    if not held:
        return False, _nothing_held(state, symbol), []
    effects: list[Effect] = []
    moved: list[str] = []
    for book, trade in held:
        price = state.price_of(symbol)
        is_long = trade.direction is Direction.LONG
        sign = int(trade.direction)
        rounding = Rounding.UP if is_long else Rounding.DOWN
        stop = trade.instrument.quantize_price(trade.position.entry_price, rounding)
        if price is None or (price - stop) * sign <= 0:
            return False, f"{symbol} at {price} is not beyond its entry {stop} yet.", []
        if (stop - trade.protection.stop_price) * sign <= 0:
            return False, f"The stop of {symbol} is at {trade.protection.stop_price} already.", []
        trade.protection.move_stop(stop)
        moved.append(f"{stop} ({book.book.value})")
        effects += [*drive(state, book, trade, now), remembered(trade)]
    return True, f"Moving the stop of {symbol} to its entry: {', '.join(moved)}.", effects
