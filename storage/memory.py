"""The journal in memory: for backtests and tests, where nothing outlives the process."""

from collections.abc import Sequence

from engine.domain.effects import (
    Entry,
    FillSeen,
    OrderSeen,
    SettingChanged,
    TradeEnded,
    TradeOpened,
    TradeVoided,
)
from engine.domain.events import StateRestored, TradeMemory
from engine.domain.order import Book, Fill, Intent, IntentState, Purpose
from engine.domain.position import ClosedTrade
from storage.intents import UNFINISHED
from storage.trades import RECENT

_FillKey = tuple[Book, str, int]
_TradeKey = tuple[Book, str]


class MemoryJournal:
    """Implements `ports.Journal` with the same answers as `SqlJournal`.

    Attributes:
        entries: every record appended, in order; empty when `keep_entries` is off.
    """

    def __init__(self, *, keep_entries: bool = True) -> None:
        """Start empty.

        Args:
            keep_entries: also keep the raw records. A long backtest switches it off: what
                `restore` needs is kept in any case and stays small.
        """
        self.entries: list[Entry] = []
        self._keep = keep_entries
        self._settings: dict[str, str] = {}
        self._intents: dict[str, tuple[Intent, IntentState]] = {}
        self._signal_keys: set[str] = set()
        self._fills: dict[_FillKey, tuple[str, Fill]] = {}
        self._trades: dict[_TradeKey, TradeMemory] = {}
        self._closed: dict[_TradeKey, ClosedTrade] = {}

    async def restore(self) -> StateRestored:
        """Return what an unfinished past left behind."""
        memories = sorted(
            self._trades.values(), key=lambda m: (m.opened_ms, m.book.value, m.trade_key)
        )
        return StateRestored(
            settings=dict(self._settings),
            trades=tuple(memories),
            intents=tuple(i for i, state in self._intents.values() if state in UNFINISHED),
            fills=tuple(
                (book, fill)
                for (book, _, _), (trade_key, fill) in self._fills.items()
                if self._is_unfinished(book, trade_key)
            ),
            recent=self._recent(),
        )

    async def save_intent(self, intent: Intent) -> bool:
        """Keep an intent before it is sent; False when its signal key was used before."""
        client_id = intent.request.client_id
        known = client_id in self._intents or intent.signal_key in self._signal_keys
        if known and intent.request.purpose is Purpose.ENTRY:
            return False
        self._intents[client_id] = (intent, IntentState.PENDING)
        if intent.signal_key is not None:
            self._signal_keys.add(intent.signal_key)
        return True

    async def settle_intent(self, client_id: str, state: IntentState, reason: str = "") -> None:
        """Keep where an intent stands; an unknown client id changes nothing."""
        if client_id in self._intents and self._intents[client_id][1] is not IntentState.DONE:
            self._intents[client_id] = (self._intents[client_id][0], state)

    async def tombstones(self, since_ms: int) -> tuple[Intent, ...]:
        """Return expired entries since then, which may still appear at the venue."""
        return tuple(
            intent
            for intent, state in self._intents.values()
            if state is IntentState.EXPIRED and intent.created_ms >= since_ms
        )

    async def append(self, entries: Sequence[Entry]) -> None:
        """Keep records in order."""
        for entry in entries:
            self._remember(entry)
        if self._keep:
            self.entries.extend(entries)

    def _remember(self, entry: Entry) -> None:
        match entry:
            case SettingChanged(key=key, value=value):
                self._settings[key] = value
            case OrderSeen(order=order) if order.status.is_final:
                self._finish(order.client_id)
            case FillSeen(book=book, trade_key=trade_key, fill=fill):
                self._fills.setdefault((book, fill.symbol, fill.trade_id), (trade_key, fill))
            case TradeOpened(memory=memory):
                self._trades[memory.book, memory.trade_key] = memory
            case TradeVoided(book=book, trade_key=trade_key):
                self._trades.pop((book, trade_key), None)
            case TradeEnded(trade=trade):
                self._closed[trade.book, trade.trade_key] = trade
                self._trades.pop((trade.book, trade.trade_key), None)
            case _:
                pass

    def _finish(self, client_id: str) -> None:
        intent, state = self._intents.get(client_id, (None, IntentState.DONE))
        if intent is not None and state in UNFINISHED:
            self._intents[client_id] = (intent, IntentState.DONE)

    def _is_unfinished(self, book: Book, trade_key: str) -> bool:
        key = (book, trade_key)
        return bool(trade_key) and (key in self._trades or key not in self._closed)

    def _recent(self) -> tuple[ClosedTrade, ...]:
        found: list[ClosedTrade] = []
        for book in Book:
            closed = (trade for trade in self._closed.values() if trade.book is book)
            found.extend(sorted(closed, key=_closing_order)[-RECENT:])
        return tuple(sorted(found, key=lambda t: (t.closed_ms, t.book.value, t.trade_key)))


def _closing_order(trade: ClosedTrade) -> tuple[int, str]:
    return trade.closed_ms, trade.trade_key
