"""Trades and states in the middle of their life, for tests of single modules."""

from typing import Any

from engine.core.protection import Protection
from engine.core.state import BookState, EngineState
from engine.core.trade import SentOrder, SentState, Trade, names_of
from engine.domain.events import TradeMemory
from engine.domain.order import Book, Purpose
from engine.domain.position import Position
from tests.builders import MINUTE, START_MS, d, fill, instrument
from tests.stories.story import Story


def memory(**fields: Any) -> TradeMemory:
    """Return the plan of a long trade from 100 with its stop at 98."""
    values: dict[str, Any] = {
        "trade_key": "key",
        "book": Book.PAPER,
        "symbol": "BTCUSDT",
        "setup_id": "setup",
        "direction": 1,
        "score": 0.6,
        "entry_price": 100.0,
        "stop_price": d(98),
        "target_price": d(104),
        "risk": d(2),
        "time_exit_ms": START_MS + 120 * MINUTE,
        "stagnation_ms": START_MS + 30 * MINUTE,
        "opened_ms": START_MS,
        "best_r": 0.0,
        "timeframe": "1m",
    }
    return TradeMemory(**(values | fields))


def trade(qty: object = 1, *, entered: bool = True, **fields: Any) -> Trade:
    """Return a trade holding `qty` bought at 100, its entry ended or still pending."""
    plan = memory(**fields)
    names = names_of(0, plan.book, plan.trade_key)
    entry = SentOrder(names.next(Purpose.ENTRY), d(max(d(qty), d(1))), 0.0)
    one = Trade(
        memory=plan,
        instrument=instrument(plan.symbol),
        names=names,
        protection=Protection(plan.stop_price, plan.target_price),
        position=Position(book=plan.book, symbol=plan.symbol),
        entry=entry,
        risk_ratio=0.01,
        planned_margin=d(10),
    )
    if d(qty):
        bought = fill(qty, 100, client_id=entry.client_id)
        one.position = one.position.apply(bought)
        one.tally.add(bought, opens=True)
        one.filled[entry.client_id] = d(qty)
    if entered:
        entry.state, entry.expected = SentState.ENDED, d(qty)
    return one


def running(*trades: Trade) -> tuple[Story, EngineState, BookState]:
    """Return a started story whose paper book holds these trades."""
    story = Story()
    story.start()
    state = story.engine._state
    book = state.books[Book.PAPER]
    for one in trades:
        book.trades[one.symbol] = one
    return story, state, book
