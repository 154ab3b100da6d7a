"""Drives a whole engine through a narrative: events in, effects out, venue played by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from engine.core.config import EngineConfig
from engine.core.engine import Engine
from engine.domain.candle import Timeframe
from engine.domain.commands import Command, Receipt
from engine.domain.effects import (
    Acknowledge,
    CancelOrder,
    Effect,
    Entry,
    Notify,
    Record,
    ScoreSetups,
    SubmitOrder,
    TakeSnapshot,
    TradeEnded,
    VerdictGiven,
)
from engine.domain.events import (
    CandleClosed,
    CommandGiven,
    Event,
    Instant,
    IntentExpired,
    OrderAccepted,
    OrderChanged,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
    Origin,
    SetupsScored,
    SnapshotTaken,
    StateRestored,
    SymbolPrepared,
    Ticked,
    UniverseChanged,
)
from engine.domain.notices import Notice
from engine.domain.order import Book, Fill, OrderRequest, OrderStatus, Purpose
from engine.domain.position import ClosedTrade
from engine.domain.setup import Setup, setup_id
from engine.domain.signal import Mode, Verdict
from engine.domain.snapshot import PositionView, Snapshot
from tests.builders import (
    MINUTE,
    START_MS,
    candle,
    d,
    fill,
    instrument,
    order,
    score,
    symbol_setup,
    venue_snapshot,
)

T = TypeVar("T")


class Step(NamedTuple):
    """What a scripted detector returns."""

    events: tuple[object, ...]
    setups: tuple[Setup, ...]


@dataclass
class Script:
    """Setups to be found at a symbol's next candle."""

    setups: dict[str, list[Setup]] = field(default_factory=dict)
    steps: int = 0

    def factory(self, symbol: str, timeframe: Timeframe, _tick: float) -> "ScriptedDetector":
        """Return a detector that reads this script on 1m and finds nothing elsewhere."""
        return ScriptedDetector(self, symbol, timeframe)


class ScriptedDetector:
    """Finds what the script says."""

    def __init__(self, script: Script, symbol: str, timeframe: Timeframe) -> None:
        self.script, self.symbol, self.timeframe = script, symbol, timeframe

    def step(self, *row: float) -> Step:
        """Take a candle."""
        self.script.steps += 1
        if self.timeframe is not Timeframe.M1:
            return Step((), ())
        return Step((), tuple(self.script.setups.pop(self.symbol, ())))


def proved_by(found: Setup, open_time_ms: int) -> Setup:
    """Return the setup as if the 1m candle opening then had proved it."""
    return replace(
        found,
        setup_id=setup_id(
            found.symbol, found.timeframe, found.recipe, found.direction, open_time_ms
        ),
        proved_at_ms=open_time_ms + MINUTE,
        expires_at_ms=open_time_ms + 16 * MINUTE,
    )


class Story:
    """An engine with its two clocks; `log` holds every effect since the start."""

    def __init__(self, mode: Mode = Mode.PAPER, book: Book = Book.PAPER, **config: Any) -> None:
        self.script = Script()
        self.book = book
        books = config.pop("books", (Book.PAPER, Book.LIVE))
        # Setups stay as the script has them; what is added to them has tests of its own.
        values = {"look_around": False} | config
        self.config = EngineConfig(detector=self.script.factory, mode=mode, books=books, **values)
        self.engine = Engine(self.config)
        self.ms = START_MS + MINUTE
        self.wall = 1000.0
        self.log: list[Effect] = []
        self.trade_ids = 0
        self.candles: dict[str, int] = {}

    # --- time and events -------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        """The moment of the next event."""
        return Instant(self.ms, self.wall)

    def feed(self, event: Event) -> list[Effect]:
        """Process one event; scores are answered by the caller."""
        effects = self.engine.process(event, self.now)
        self.log += effects
        return effects

    def later(self, seconds: float, *, speed: float = 1.0) -> list[Effect]:
        """Let wall time pass in ticks of 250 ms; exchange time runs at `speed`."""
        effects: list[Effect] = []
        for _ in range(round(seconds / 0.25)):
            self.wall += 0.25
            self.ms += round(250 * speed)
            effects += self.feed(Ticked())
        return effects

    def jump(self, ms: int) -> list[Effect]:
        """Let exchange time pass at once (a fast sim), with one tick at the end."""
        self.ms += ms
        self.wall += 0.25
        return self.feed(Ticked())

    # --- start -----------------------------------------------------------------------------------

    def start(
        self,
        symbols: Sequence[str] = ("BTCUSDT", "ETHUSDT"),
        *,
        restored: StateRestored | None = None,
        wallet: object = 10_000,
        price: float = 100.0,
        **snapshot: Any,
    ) -> list[Effect]:
        """Restore, learn the universe, agree with the venue and close a first minute."""
        effects = self.feed(restored or StateRestored({}, (), (), (), ()))
        instruments = tuple(instrument(symbol) for symbol in symbols)
        volumes = dict.fromkeys(symbols, 50e6)
        effects += self.feed(UniverseChanged(instruments, volumes, {}))
        for symbol in symbols:
            effects += self.close(symbol, price, origin=Origin.PRELOAD)
            effects += self.feed(SymbolPrepared(self.book, symbol_setup(symbol)))
        self.wall += 4.0  # later snapshots are not held back by the one at start
        self.ms += 10
        for book in self.config.books:
            effects += self.snapshot(book=book, wallet=d(wallet), **snapshot)
        return effects

    def close(
        self,
        symbol: str = "BTCUSDT",
        price: float = 100.0,
        *,
        origin: Origin = Origin.LIVE,
        **kw: Any,
    ) -> list[Effect]:
        """Close the symbol's next minute at `price`."""
        opened = self.candles.get(symbol, START_MS - MINUTE) + MINUTE
        self.candles[symbol] = opened
        row = candle(price, symbol=symbol, open_time_ms=opened, **kw)
        return self.feed(CandleClosed(row, origin, self.wall))

    def snapshot(self, *, book: Book | None = None, **fields: Any) -> list[Effect]:
        """Let the venue tell its whole truth now."""
        taken = fields.pop("taken_ms", self.ms)
        return self.feed(SnapshotTaken(book or self.book, venue_snapshot(taken, **fields)))

    def signal(self, found: Setup, value: float = 0.6, **score_fields: Any) -> Verdict | None:
        """Let the detector find a setup, score it, and return the verdict (None if not told)."""
        opened = self.candles.get(found.symbol, START_MS - MINUTE) + MINUTE
        found = proved_by(found, opened)
        self.ms = max(self.ms, opened + MINUTE)
        self.script.setups[found.symbol] = [found]
        for effect in self.close(found.symbol, found.entry):
            if isinstance(effect, ScoreSetups):
                scores = tuple(score(value, of=one, **score_fields) for one in effect.setups)
                return self.verdict(self.feed(SetupsScored(scores)))
        return None

    def command(self, command: Command) -> Receipt:
        """Give a command and return the receipt."""
        effects = self.feed(CommandGiven(command))
        return next(one.receipt for one in effects if isinstance(one, Acknowledge))

    # --- the venue, by hand ----------------------------------------------------------------------

    def accept(self, request: OrderRequest) -> list[Effect]:
        """The venue acknowledges an order."""
        return self.feed(OrderAccepted(self.book, order(request)))

    def change(
        self, request: OrderRequest, status: OrderStatus, *, filled: object = 0, **fields: Any
    ) -> list[Effect]:
        """The venue reports a status."""
        values = {"filled_qty": d(filled), **fields}
        return self.feed(OrderChanged(self.book, order(request, status, **values)))

    def fill(
        self, request: OrderRequest, qty: object = None, price: object = 100, **fields: Any
    ) -> list[Effect]:
        """The venue reports one execution of an order."""
        return self.feed(OrderFilled(self.book, self.execution(request, qty, price, **fields)))

    def execution(
        self, request: OrderRequest, qty: object = None, price: object = 100, **fields: Any
    ) -> Fill:
        """Return the next execution of an order."""
        self.trade_ids += 1
        values = {"trade_id": self.trade_ids, "event_time_ms": self.ms, **fields}
        return fill(
            request.qty if qty is None else qty,
            price,
            request.side,
            client_id=request.client_id,
            symbol=request.symbol,
            **values,
        )

    def reject(self, request: OrderRequest, code: int, reason: str = "no") -> list[Effect]:
        """The venue refuses an order."""
        return self.feed(OrderRejected(self.book, request.client_id, request.symbol, code, reason))

    def unknown(self, request: OrderRequest) -> list[Effect]:
        """Nobody knows what became of an order."""
        return self.feed(OrderUnknown(self.book, request.client_id, request.symbol, "timeout"))

    def expire(self, request: OrderRequest) -> list[Effect]:
        """An unknown order was not found for its whole expiry."""
        return self.feed(IntentExpired(self.book, request.client_id, request.symbol))

    def enter(self, found: Setup, price: object = 100, **score_fields: Any) -> OrderRequest:
        """Signal, fill the entry completely and confirm both legs; return the entry request."""
        self.signal(found, **score_fields)
        entry = self.last(Purpose.ENTRY)
        self.accept(entry)
        self.fill(entry, price=price)
        self.change(entry, OrderStatus.FILLED, filled=entry.qty)
        self.accept(self.last(Purpose.STOP))
        self.accept(self.last(Purpose.TARGET))
        return entry

    # --- looking at the effects ------------------------------------------------------------------

    def of(self, kind: type[T], effects: Sequence[Effect] | None = None) -> list[T]:
        """Return the effects of one kind."""
        return [one for one in (self.log if effects is None else effects) if isinstance(one, kind)]

    def sent(
        self, purpose: Purpose | None = None, effects: Sequence[Effect] | None = None
    ) -> list[OrderRequest]:
        """Return the orders sent."""
        requests = [one.intent.request for one in self.of(SubmitOrder, effects)]
        return [one for one in requests if purpose is None or one.purpose is purpose]

    def last(self, purpose: Purpose) -> OrderRequest:
        """Return the newest order of a purpose."""
        return self.sent(purpose)[-1]

    def cancels(self, effects: Sequence[Effect] | None = None) -> list[str]:
        """Return the ids of orders cancelled."""
        return [one.client_id for one in self.of(CancelOrder, effects)]

    def snapshots_asked(self, effects: Sequence[Effect] | None = None) -> int:
        """Return how often the venue's truth was asked for."""
        return len(self.of(TakeSnapshot, effects))

    def entries(self, kind: type[T], effects: Sequence[Effect] | None = None) -> list[T]:
        """Return the journal entries of one kind."""
        found: list[Entry] = [one.entry for one in self.of(Record, effects)]
        return [one for one in found if isinstance(one, kind)]

    def notices(self, kind: type[T], where: Callable[[Any], bool] = lambda _: True) -> list[T]:
        """Return the notices of one kind."""
        told: list[Notice] = [one.notice for one in self.of(Notify)]
        return [one for one in told if isinstance(one, kind) and where(one)]

    def closed(self) -> list[ClosedTrade]:
        """Return the finished round trips."""
        return [entry.trade for entry in self.entries(TradeEnded)]

    def verdict(self, effects: Sequence[Effect]) -> Verdict | None:
        """Return the verdict among effects."""
        given = self.entries(VerdictGiven, effects)
        return given[0].verdict if given else None

    def view(self) -> Snapshot:
        """Return the engine's picture of itself."""
        return self.engine.snapshot(self.now)

    def position(self, symbol: str = "BTCUSDT") -> PositionView:
        """Return the open position of a symbol."""
        return next(one for one in self.view().positions if one.symbol == symbol)

    def held(self, symbol: str = "BTCUSDT") -> Decimal:
        """Return the open quantity of a symbol, 0 if none."""
        return sum((one.qty for one in self.view().positions if one.symbol == symbol), Decimal(0))
