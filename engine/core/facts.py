"""Gathering what the gate looks at; no rule is judged here."""

from decimal import Decimal

from engine.core.state import BookState, EngineState, SymbolState
from engine.core.trade import TradePhase
from engine.domain.events import Instant
from engine.domain.order import Book
from engine.domain.setup import Setup
from engine.domain.signal import CostEstimate
from engine.risk.costs import cost_ratio, estimate_cost, spread_ratio
from engine.risk.gate_inputs import GateFacts

NO_DELISTING_MS = 4_102_444_800_000
"""Delivery dates from 2100 on mean "none"; Binance writes 4133404800000."""


def gate_facts(state: EngineState, setup: Setup, now: Instant, *, taken: bool) -> GateFacts:
    """Return the facts about a setup at this moment."""
    market = state.symbols.get(setup.symbol)
    entry_book = state.policy.entry_book
    book = state.books.get(entry_book) if entry_book else None
    prepared = book.prepared.get(setup.symbol) if book else None
    return GateFacts(
        policy=state.policy,
        now_ms=now.exchange_ms,
        paused=state.paused,
        breakers=", ".join(sorted(name.words for name in book.breakers.tripped)) if book else "",
        not_ready=_not_ready(state, book),
        blind=state.sight.reason(setup.symbol),
        stale_after_ms=state.config.stale_after_ms,
        muted_until_ms=state.muted.get(setup.symbol, 0),
        not_tradable=_not_tradable(state, market, book, setup),
        quote_volume_24h=market.quote_volume_24h if market else 0.0,
        spread=_spread(state, market, setup, now) * setup.entry,
        last=market.last if market else 0.0,
        busy=_busy(book, setup.symbol),
        cool_until_ms=book.cool_until.get(setup.symbol, 0) if book else 0,
        maintenance_ratio=float(prepared.maintenance_ratio) if prepared else 0.02,
        leverage=state.leverage_of(book, setup.symbol) if book else 1,
        first_live_pending=_first_live(book),
        approved_by_operator=taken,
        exposure=state.exposure(book) if book else None,
        breaker_state=book.breakers if book else None,
        min_notional=market.instrument.min_notional if market else Decimal(0),
    )


def symbol_cost(
    state: EngineState, market: SymbolState, setup: Setup, now: Instant
) -> CostEstimate:
    """Return the round-trip cost of a setup with our own commission rate and the current spread."""
    costs = state.config.costs
    entry_book = state.policy.entry_book
    book = state.books.get(entry_book) if entry_book else None
    prepared = book.prepared.get(setup.symbol) if book else None
    return estimate_cost(
        entry=setup.entry,
        stop=setup.stop,
        taker_fee=float(prepared.taker_fee) if prepared else costs.taker_fee,
        spread_ratio=_spread(state, market, setup, now),
        impact_ratio=costs.impact_ratio,
    )


def unit_cost(cost: CostEstimate, entry: Decimal) -> Decimal:
    """Return the round-trip cost of one unit in USDT."""
    return entry * Decimal(repr(cost_ratio(cost)))


def _spread(state: EngineState, market: SymbolState | None, setup: Setup, now: Instant) -> float:
    """Return the spread as a share of the price; an assumption where no fresh quote is known."""
    assumed = state.config.costs.spread_ratio
    if market is None:
        return assumed
    age = now.exchange_ms - market.quote_ms
    if market.quote_ms >= 0 and age <= state.config.quote_max_age_ms:
        known = spread_ratio(market.bid, market.ask)
        if known is not None:
            return known
    return max(assumed, float(market.instrument.tick_size) / setup.entry)


def _not_ready(state: EngineState, book: BookState | None) -> str:
    if state.stopping:
        return "the bot is stopping"
    if state.outranked:
        return f"a newer instance (start {state.outranked}) trades this account"
    if book is None:
        wanted = state.policy.entry_book
        return f"the {wanted.value} book is not connected" if wanted else ""
    if book.deaf:
        return f"the account stream is down: {book.deaf}"
    if book.trouble:
        return book.trouble
    return "" if book.ready else f"the {book.book.value} account is not reconciled yet"


def _not_tradable(
    state: EngineState, market: SymbolState | None, book: BookState | None, setup: Setup
) -> str:
    if market is None or not market.scanned:
        return "not in the universe"
    instrument = market.instrument
    if setup.timeframe not in state.config.trade_timeframes:
        return f"{setup.timeframe.value} setups are alerts only"
    if instrument.status != "TRADING":
        return f"status {instrument.status}"
    if instrument.delivery_ms < NO_DELISTING_MS:
        return "a delisting is announced"
    if book and book.book in state.config.prepared_books and setup.symbol not in book.prepared:
        return "margin type and leverage are not confirmed yet"
    return ""


def _busy(book: BookState | None, symbol: str) -> str:
    if book is None:
        return ""
    trade = book.trades.get(symbol)
    if trade is not None:
        cleaning = trade.phase in {TradePhase.CLEANING, TradePhase.DONE}
        return (
            "orders of the last trade are not confirmed gone"
            if cleaning
            else (f"a trade is {trade.phase.value}")
        )
    if symbol in book.foreign:
        return "a position that is not ours is open"
    if symbol in book.fallen_symbols():
        return "an entry that was never found may still appear"
    if symbol in book.orphans.values():
        return "a left-over order is being cancelled"
    return ""


def _first_live(book: BookState | None) -> str:
    if book is None or book.book is not Book.LIVE or book.first_proved or not book.trades:
        return ""
    return "the stop of the first live entry is not confirmed yet"
