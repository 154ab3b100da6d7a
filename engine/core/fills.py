"""Executions: each is applied once, to the round trip that holds the symbol."""

from dataclasses import replace
from decimal import Decimal

from engine.core.closing import exit_reason_of, finish
from engine.core.state import BookState, EngineState
from engine.core.tell import remembered
from engine.core.trade import ZERO, Trade
from engine.domain.candle import Timeframe
from engine.domain.effects import Effect, Notify
from engine.domain.events import Instant
from engine.domain.ids import parse_client_order_id
from engine.domain.notices import FillNotice
from engine.domain.order import Fill, Purpose
from engine.risk.exits import deadlines

_TRUTH_SLACK_S = 2.0
"""Wall seconds by which a snapshot's content may be newer than the moment it was asked for."""


def apply_fill(
    state: EngineState, book: BookState, trade: Trade, fill: Fill, now: Instant
) -> list[Effect]:
    """Apply one fresh execution to a running trade; the caller drives it afterwards."""
    trade.filled[fill.client_id] = trade.filled.get(fill.client_id, ZERO) + fill.qty
    trade.active_ms = now.exchange_ms
    trade.filled_ms = max(trade.filled_ms, fill.event_time_ms)
    trade.reported = None
    fill = in_usdt(state, fill)
    slack_ms = round(_TRUTH_SLACK_S * 1000 * state.config.speed)
    rest = _take_unaccounted(trade, fill, slack_ms)
    if rest is None:
        return [remembered(trade)]
    if rest.side is trade.entry_side:
        return _opens(state, trade, rest, now)
    if not trade.qty:
        return []  # somebody else's order opens the other way; the next snapshot shows it
    closing = replace(rest, qty=min(rest.qty, trade.qty))
    trade.tally.add(closing, opens=False)
    trade.position = trade.position.apply(closing)
    if trade.qty:
        return [remembered(trade)]
    return finish(state, book, trade, exit_reason_of(trade, fill), now)


def in_usdt(state: EngineState, fill: Fill) -> Fill:
    """Return the fill with its fee in USDT, valued at the last price of the fee asset.

    Where that price is unknown the taker rate of the notional stands in.
    """
    if fill.fee_asset in {"USDT", ""} or fill.fee == 0:
        return fill
    price = state.price_of(f"{fill.fee_asset}USDT")
    if price is None:
        rate = Decimal(repr(state.config.costs.taker_fee))
        return replace(fill, fee=fill.qty * fill.price * rate, fee_asset="USDT")
    return replace(fill, fee=fill.fee * price, fee_asset="USDT")


def _take_unaccounted(trade: Trade, fill: Fill, slack_ms: int) -> Fill | None:
    """Pay off quantity already taken from a snapshot; None when nothing is left to apply."""
    signed = fill.qty * fill.side.sign
    owed = trade.unaccounted
    if owed * signed <= 0 or fill.event_time_ms > trade.truth_ms + slack_ms:
        return fill
    paid = min(abs(owed), fill.qty)
    trade.unaccounted -= paid * fill.side.sign
    trade.position = replace(trade.position, fees=trade.position.fees + fill.fee)
    if paid == fill.qty:
        return None
    return replace(fill, qty=fill.qty - paid, fee=ZERO)


def _opens(state: EngineState, trade: Trade, fill: Fill, now: Instant) -> list[Effect]:
    if not trade.qty:
        opened(state, trade, fill.event_time_ms)
    trade.position = trade.position.apply(fill)
    trade.tally.add(fill, opens=True)
    trade.told_protected = False
    value_risk(trade)
    effects: list[Effect] = [remembered(trade)]
    parts = parse_client_order_id(fill.client_id)
    if parts is not None and parts.purpose is Purpose.ENTRY:
        effects.append(_fill_notice(trade, fill, now))
    return effects


def opened(state: EngineState, trade: Trade, opened_ms: int) -> None:
    """Start the clocks of a trade at its first execution."""
    due = deadlines(state.config.exits, Timeframe(trade.memory.timeframe), opened_ms)
    trade.remember(
        opened_ms=opened_ms,
        time_exit_ms=due.time_exit_ms,
        stagnation_ms=due.stagnation_ms,
        best_r=0.0,
        funding=ZERO,
    )


def value_risk(trade: Trade) -> None:
    """Fix the money between the average entry and the first stop."""
    entry = trade.position.entry_price
    distance = abs(entry - trade.memory.stop_price)
    trade.remember(entry_price=float(entry), risk=distance * trade.qty)


def _fill_notice(trade: Trade, fill: Fill, now: Instant) -> Notify:
    return Notify(
        FillNotice(
            notice_id=f"fill:{trade.book.value}:{fill.symbol}:{fill.trade_id}",
            at_ms=now.exchange_ms,
            book=trade.book,
            fill=fill,
            purpose=Purpose.ENTRY,
            setup_id=trade.memory.setup_id,
            stop_price=trade.protection.stop_price,
            target_price=trade.protection.target_price,
            planned_price=trade.planned_entry,
        )
    )
