"""The core: a deterministic, synchronous function of (state, event, moment)."""

from collections.abc import Callable

from engine.core import on_market, views
from engine.core.config import EngineConfig
from engine.core.on_account import on_account
from engine.core.on_command import on_command
from engine.core.on_scorer import on_scorer_changed
from engine.core.on_timer import on_tick
from engine.core.restore import on_restored
from engine.core.signals import on_scored
from engine.core.state import EngineState, new_state
from engine.domain.candle import Candle
from engine.domain.effects import Effect, WatchPrices
from engine.domain.events import (
    AccountDeaf,
    AccountHeard,
    AccountRefused,
    BalanceChanged,
    CancelRefused,
    CandleClosed,
    CommandGiven,
    ContractChanged,
    Event,
    FeedBlind,
    FeedSeeing,
    FundingPaid,
    Instant,
    IntentExpired,
    MarkMoved,
    OrderAccepted,
    OrderChanged,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
    PositionReported,
    PriceMoved,
    QuoteMoved,
    ScorerChanged,
    SetupsScored,
    SnapshotTaken,
    StateRestored,
    StopRequested,
    SymbolPrepared,
    Ticked,
    UniverseChanged,
)
from engine.domain.order import Book
from engine.domain.setup import Evidence
from engine.domain.snapshot import Snapshot

_Handler = Callable[..., list[Effect]]
_ACCOUNT_EVENTS: tuple[type, ...] = (
    OrderAccepted,
    OrderRejected,
    OrderUnknown,
    IntentExpired,
    OrderFilled,
    OrderChanged,
    CancelRefused,
    BalanceChanged,
    FundingPaid,
    PositionReported,
    SnapshotTaken,
    SymbolPrepared,
    AccountDeaf,
    AccountHeard,
    AccountRefused,
)


class Engine:
    """Takes events one at a time and says what is to be done about each.

    Feed order at start: `StateRestored`, `UniverseChanged`, then the rest in any order.
    """

    def __init__(self, config: EngineConfig) -> None:
        self._state = new_state(config)
        self._handlers: dict[type, _Handler] = {
            CandleClosed: on_market.on_candle,
            PriceMoved: on_market.on_price,
            QuoteMoved: on_market.on_quote,
            MarkMoved: on_market.on_mark,
            ContractChanged: on_market.on_contract,
            UniverseChanged: on_market.on_universe,
            FeedBlind: on_market.on_blind,
            FeedSeeing: on_market.on_seeing,
            StateRestored: on_restored,
            SetupsScored: _on_scored,
            ScorerChanged: on_scorer_changed,
            CommandGiven: _on_command,
            Ticked: _on_ticked,
            StopRequested: _on_stop,
        }
        self._handlers.update(dict.fromkeys(_ACCOUNT_EVENTS, on_account))
        self._quiet = {CandleClosed, PriceMoved, QuoteMoved, MarkMoved, ContractChanged}

    def process(self, event: Event, now: Instant) -> list[Effect]:
        """Return the effects of one event, in the order in which they must be done."""
        effects = self._handlers[type(event)](self._state, event, now)
        if type(event) not in self._quiet:
            effects += self._watch()
        return effects

    def snapshot(self, now: Instant) -> Snapshot:
        """Return a frozen picture of the state."""
        return views.snapshot(self._state, now)

    def candles(self, symbol: str, n: int) -> tuple[Candle, ...]:
        """Return the last `n` closed minutes of a symbol, oldest first; empty if unknown."""
        market = self._state.symbols.get(symbol)
        return market.series.last(n) if market else ()

    def evidence(self, symbol: str) -> tuple[Evidence, ...]:
        """Return the live findings of a symbol's 1m detector; empty if unknown."""
        market = self._state.symbols.get(symbol)
        if market is None or market.detector is None:
            return ()
        return self._state.config.evidence(market.detector)

    def open_since(self, book: Book) -> dict[str, int]:
        """Return every symbol of a book whose executions may be missing, and since when.

        Running round trips, entries without a fill and given-up entries alike; exchange time.
        """
        state = self._state.books.get(book)
        if state is None:
            return {}
        trades = [stone.trade for stone in state.tombstones.values()]
        trades += state.trades.values()
        return {trade.symbol: trade.memory.opened_ms for trade in trades}

    def _watch(self) -> list[Effect]:
        """Ask for mark and quote streams of exactly the symbols with trades."""
        wanted = frozenset(symbol for book in self._state.books.values() for symbol in book.trades)
        if wanted == self._state.watched:
            return []
        self._state.watched = wanted
        return [WatchPrices(wanted)]


def _on_scored(state: EngineState, event: SetupsScored, now: Instant) -> list[Effect]:
    return on_scored(state, event.scores, now)


def _on_command(state: EngineState, event: CommandGiven, now: Instant) -> list[Effect]:
    return on_command(state, event.command, now)


def _on_ticked(state: EngineState, _event: Ticked, now: Instant) -> list[Effect]:
    return on_tick(state, now)


def _on_stop(state: EngineState, _event: StopRequested, _now: Instant) -> list[Effect]:
    """No entries from now on; the stops rest at the exchange."""
    state.stopping = True
    return []
