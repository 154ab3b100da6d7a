"""What the engine needs from outside; adapters implement these, `bot/app.py` plugs them in."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.domain.account import SymbolSetup, VenueSnapshot
from engine.domain.candle import Candle, Timeframe
from engine.domain.effects import Entry
from engine.domain.events import AccountEvent, FeedEvent, Instant, MarketEvent, StateRestored
from engine.domain.instrument import Instrument
from engine.domain.notices import Notice
from engine.domain.order import Fill, Intent, IntentState, Order, OrderRequest
from engine.domain.setup import Setup
from engine.domain.signal import Score


class Clock(Protocol):
    """The only source of now, on two clocks that differ when the market runs at a speed."""

    @property
    def speed(self) -> float:
        """Exchange seconds per wall second."""
        ...

    def exchange_ms(self) -> int:
        """Exchange time in Unix milliseconds."""
        ...

    def wall_ms(self) -> int:
        """Wall time in Unix milliseconds."""
        ...

    def monotonic(self) -> float:
        """Monotonic wall seconds; the event loop's own time, so that a virtual loop rules it."""
        ...

    def instant(self) -> Instant:
        """Both clocks at once."""
        ...


class Scorer(Protocol):
    """Turns setups into scores; synchronous, single-threaded, budgeted in the benchmark."""

    @property
    def name(self) -> str:
        """Which scorer and model version this is, for every notice and /status."""
        ...

    def score(self, setups: Sequence[Setup]) -> tuple[Score, ...]:
        """Return one score a setup, in order. The result does not depend on the batch."""
        ...


@dataclass(frozen=True, slots=True)
class Ticker24h:
    """24 hour statistics of a symbol: quote volume in USDT and the last price."""

    symbol: str
    quote_volume: float
    last: float


class MarketData(Protocol):
    """Public data of a venue. Every method raises `VenueError` kinds; none retries for ever."""

    async def instruments(self) -> tuple[Instrument, ...]:
        """Return every contract the venue lists, whatever its status."""
        ...

    async def tickers(self) -> tuple[Ticker24h, ...]:
        """Return 24 h statistics of all symbols."""
        ...

    async def candles(
        self,
        symbol: str,
        timeframe: Timeframe,
        *,
        limit: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> tuple[Candle, ...]:
        """Return closed candles, oldest first; the row still open is dropped."""
        ...

    def stream(self, names: Sequence[str]) -> AsyncIterator["MarketFrame"]:
        """Open one connection to these streams and yield until it ends or breaks.

        Names are the venue's stream names, all of one route. Raises `VenueUnreachable` when the
        connection cannot be made; ends normally on any close.
        """
        ...


@dataclass(frozen=True, slots=True)
class MarketFrame:
    """One frame off a socket, stamped with monotonic wall time as it left the socket."""

    received_at: float
    event: MarketEvent | None


class Venue(Protocol):
    """Our account at an exchange, real or simulated."""

    async def place(self, request: OrderRequest) -> Order:
        """Send one order (ordinary or conditional) and return the acknowledged order.

        Raises:
            VenueRejected: the venue refused it, certainly.
            VenueBusy: not executed, certainly; may be tried later.
            VenueUnreachable: not sent, certainly.
            OutcomeUnknown: anything else.
        """
        ...

    async def cancel(self, symbol: str, client_id: str, *, conditional: bool) -> Order:
        """Cancel one order of ours and return its last state.

        Raises:
            VenueRejected: there is nothing to cancel (-2011), or another refusal.
            OutcomeUnknown: it may or may not have been cancelled.
        """
        ...

    async def query(self, symbol: str, client_id: str, *, conditional: bool) -> Order | None:
        """Return an order by our id; None means "not found", which is not proof of absence."""
        ...

    async def fills(self, symbol: str, since_ms: int) -> tuple[Fill, ...]:
        """Return executions of a symbol since a time, oldest first, at most 7 days back."""
        ...

    async def snapshot(self) -> VenueSnapshot:
        """Return the whole account: balances, positions, both families of open orders."""
        ...

    async def conditionals(self) -> tuple[Order, ...]:
        """Return the resting conditional orders of all symbols."""
        ...

    async def prepare(self, symbol: str, leverage: int) -> SymbolSetup:
        """Make the symbol isolated at `leverage`, or what its bracket allows, and read it back."""
        ...

    def events(self) -> AsyncIterator[AccountEvent]:
        """Yield account events for ever, reconnecting; tells AccountDeaf / AccountHeard itself."""
        ...


class Journal(Protocol):
    """The append-only memory. One writer; what it acknowledged survives a kill."""

    async def restore(self) -> StateRestored:
        """Return what an unfinished past left behind."""
        ...

    async def save_intent(self, intent: Intent) -> bool:
        """Commit an intent before it is sent; False when its signal key was used before."""
        ...

    async def settle_intent(self, client_id: str, state: IntentState, reason: str = "") -> None:
        """Commit where an intent stands."""
        ...

    async def append(self, entries: Sequence[Entry]) -> None:
        """Commit records in order, in one transaction."""
        ...


class Notifier(Protocol):
    """Tells the human; never waits, never raises, bounded."""

    def notify(self, notice: Notice) -> None:
        """Queue a notice."""
        ...


FeedSink = Callable[[MarketEvent | FeedEvent], None]
AccountSink = Callable[[AccountEvent], None]
Sleep = Callable[[float], Awaitable[None]]


class CallKind(StrEnum):
    """Why a request is made of the venue's REST API; /health shows the four apart."""

    STARTUP = "startup"
    SCHEDULED = "scheduled"
    POSITION_GUARD = "position_guard"
    RECOVERY = "recovery"


CALL_KIND: ContextVar[CallKind | None] = ContextVar("call_kind", default=None)


@contextmanager
def calls_counted_as(kind: CallKind) -> Iterator[None]:
    """Count the requests made inside the block as `kind`.

    Requests outside any block count as startup until the venue is told that start-up is over,
    and as recovery from then on.
    """
    token = CALL_KIND.set(kind)
    try:
        yield
    finally:
        CALL_KIND.reset(token)
