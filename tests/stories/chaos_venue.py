"""A small venue that loses, delays, doubles and misreports; the truth stays in its own books."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from engine.domain.account import VenuePosition, VenueSnapshot
from engine.domain.effects import CancelOrder, Effect, SubmitOrder, TakeSnapshot
from engine.domain.events import (
    BalanceChanged,
    CancelRefused,
    Event,
    IntentExpired,
    OrderAccepted,
    OrderChanged,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
    SnapshotTaken,
)
from engine.domain.order import (
    Book,
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
)
from tests.builders import d, fill, order

ZERO = Decimal(0)


@dataclass
class Holding:
    """Position of one symbol with its average price."""

    qty: Decimal = ZERO
    entry: Decimal = ZERO


@dataclass
class ChaosVenue:
    """`chance` is the probability of each kind of trouble; 0 heals the venue."""

    rng: random.Random
    chance: float = 0.08
    wallet: Decimal = Decimal(10_000)
    prices: dict[str, Decimal] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    resting: dict[str, OrderRequest] = field(default_factory=dict)
    seen_ids: list[str] = field(default_factory=list)
    entry_filled: dict[str, Decimal] = field(default_factory=dict)
    finals: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    queue: list[tuple[float, int, Callable[[], Event]]] = field(default_factory=list)
    wall: float = 0.0
    ms: int = 0
    _serial: int = 0
    _stream_due: float = 0.0

    # --- effects in ------------------------------------------------------------------------------

    def take(self, effects: list[Effect]) -> None:
        """Do what the core wants done, more or less."""
        for effect in effects:
            match effect:
                case SubmitOrder(intent):
                    self._submit(intent.request)
                case CancelOrder(_, symbol, client_id, _):
                    self._cancel(symbol, client_id)
                case TakeSnapshot():
                    self._snapshot()
                case _:
                    pass

    def _unlucky(self) -> bool:
        return self.rng.random() < self.chance

    def _later(self, event: Event, delay: float | None = None) -> None:
        self._serial += 1
        wait = self.rng.uniform(0.01, 0.4) if delay is None else delay
        # One stream: order is kept, as on a socket.
        due = max(self.wall + wait, self._stream_due) if delay is None else self.wall + wait
        self._stream_due = due if delay is None else self._stream_due
        self.queue.append((due, self._serial, lambda: event))
        if self._unlucky():
            self._serial += 1
            self.queue.append((due + 0.2, self._serial, lambda: event))

    def due(self) -> list[Event]:
        """Return what arrives now."""
        ready = sorted(one for one in self.queue if one[0] <= self.wall)
        self.queue = [one for one in self.queue if one[0] > self.wall]
        return [make() for _, _, make in ready]

    # --- orders ----------------------------------------------------------------------------------

    def _submit(self, request: OrderRequest) -> None:
        assert request.client_id not in self.seen_ids, "an id was sent twice"
        self.seen_ids.append(request.client_id)
        if self._unlucky():
            self._later(self._rejected(request, -1008))
            return
        if self._unlucky():
            unknown = OrderUnknown(Book.PAPER, request.client_id, request.symbol, "timeout")
            self._later(unknown, 0.1)
            if self._unlucky() or self.rng.random() < 0.5:
                self._later(IntentExpired(Book.PAPER, request.client_id, request.symbol), 20.0)
                return
        self._execute(request)

    def _rejected(self, request: OrderRequest, code: int) -> OrderRejected:
        return OrderRejected(Book.PAPER, request.client_id, request.symbol, code, "chaos")

    def _execute(self, request: OrderRequest) -> None:
        if request.is_conditional:
            self._rest(request)
        elif request.order_type is OrderType.LIMIT:
            self._trade(request, self.rng.choice([ZERO, d("0.3"), d(1), d(1), d(1)]))
        elif self._held_against(request) == ZERO:
            self._later(self._rejected(request, -2022))
        else:
            self._trade(request, self.rng.choice([d("0.5"), d(1), d(1)]))

    def _rest(self, request: OrderRequest) -> None:
        if self._crossed(request):
            self._later(self._rejected(request, -2021))
            return
        self.resting[request.client_id] = request
        self._later(OrderAccepted(Book.PAPER, order(request)))

    def _held_against(self, request: OrderRequest) -> Decimal:
        """Quantity a reduce-only order could close."""
        held = self.holdings.setdefault(request.symbol, Holding()).qty
        return abs(held) if held * request.side.sign < 0 else ZERO

    def _trade(self, request: OrderRequest, share: Decimal) -> None:
        total = (
            request.qty
            if not request.reduce_only
            else min(request.qty, self._held_against(request))
        )
        total = (total * share).quantize(d("0.001")) if share < 1 else total
        self._later(OrderAccepted(Book.PAPER, order(request)))
        left = total
        parts = self.rng.randint(1, 3)
        for part in range(parts):
            qty = left if part == parts - 1 else (left / 2).quantize(d("0.001"))
            if qty > 0:
                self._fill(request, qty)
                left -= qty
        status = OrderStatus.FILLED if total == request.qty else OrderStatus.EXPIRED
        final = order(request, status, filled_qty=total, conditional=False)
        self.finals[request.client_id] = final
        self._later(OrderChanged(Book.PAPER, final))

    def _fill(self, request: OrderRequest, qty: Decimal) -> None:
        price = self.prices[request.symbol]
        holding = self.holdings.setdefault(request.symbol, Holding())
        signed = qty * request.side.sign
        if holding.qty * signed < 0:
            self.wallet += (price - holding.entry) * -signed
        else:
            value = abs(holding.qty) * holding.entry + qty * price
            holding.entry = value / (abs(holding.qty) + qty)
        holding.qty += signed
        if request.purpose is Purpose.ENTRY:
            done = self.entry_filled.get(request.client_id, ZERO)
            self.entry_filled[request.client_id] = done + qty
        one = fill(
            qty,
            price,
            request.side,
            trade_id=len(self.fills) + 1,
            client_id=request.client_id,
            symbol=request.symbol,
            event_time_ms=self.ms,
        )
        self.fills.append(one)
        self._later(BalanceChanged(Book.PAPER, self.wallet, "ORDER", self.ms))
        self._later(OrderFilled(Book.PAPER, one))

    def _cancel(self, symbol: str, client_id: str) -> None:
        request = self.resting.get(client_id)
        if self._unlucky():
            return  # neither done nor answered
        if request is None:
            self._later(CancelRefused(Book.PAPER, client_id, symbol, -2011))
            return
        del self.resting[client_id]
        if not self._unlucky():
            self._later(OrderChanged(Book.PAPER, order(request, OrderStatus.CANCELED)))

    def _snapshot(self) -> None:
        """Fills first, then positions and orders, as they are when the reply is written."""
        taken = self.ms
        replies: list[Event] = [OrderFilled(Book.PAPER, one) for one in self.fills[-40:]]
        positions = tuple(
            VenuePosition(symbol=symbol, qty=one.qty, entry_price=one.entry)
            for symbol, one in self.holdings.items()
            if one.qty
        )
        legs = tuple(order(request) for request in self.resting.values())
        truth = VenueSnapshot(
            taken_ms=taken, wallet=self.wallet, positions=positions, orders=(), conditionals=legs
        )
        self._serial += 1
        due = self.wall + self.rng.uniform(0.05, 0.6)
        for event in [*replies, SnapshotTaken(Book.PAPER, truth)]:
            self._serial += 1
            self.queue.append((due, self._serial, lambda event=event: event))

    def crash(self, open_entries: list[OrderRequest]) -> None:
        """The bot dies: whatever was on its way is lost; open entries are looked up afterwards."""
        self.queue.clear()
        for request in open_entries:
            final = self.finals.get(request.client_id)
            if final is None:
                lost = IntentExpired(Book.PAPER, request.client_id, request.symbol)
                self._later(lost, 20.0)
                continue
            for one in [one for one in self.fills if one.client_id == request.client_id]:
                self._later(OrderFilled(Book.PAPER, one), 2.0)
            self._later(OrderChanged(Book.PAPER, final), 2.5)

    # --- the market ------------------------------------------------------------------------------

    def move(self, symbol: str, price: Decimal) -> None:
        """Move the price, trigger what is crossed, and now and then drop a leg."""
        self.prices[symbol] = price
        for request in [one for one in self.resting.values() if one.symbol == symbol]:
            if request.client_id in self.resting and self._crossed(request):
                self._trigger(request)
            elif self.rng.random() < self.chance / 200:
                del self.resting[request.client_id]
                self._later(OrderChanged(Book.PAPER, order(request, OrderStatus.CANCELED)))

    def _crossed(self, request: OrderRequest) -> bool:
        price, trigger = self.prices[request.symbol], request.trigger_price or ZERO
        falls = (request.order_type is OrderType.STOP_MARKET) == (request.side is Side.SELL)
        return price <= trigger if falls else price >= trigger

    def _trigger(self, request: OrderRequest) -> None:
        del self.resting[request.client_id]
        self._later(OrderChanged(Book.PAPER, order(request, OrderStatus.TRIGGERED)))
        if self._held_against(request) == ZERO:
            self._later(OrderChanged(Book.PAPER, order(request, OrderStatus.EXPIRED)))
            return
        self._trade(request, d(1))
        self._later(OrderChanged(Book.PAPER, order(request, OrderStatus.FILLED)))

    def guarded(self, symbol: str) -> bool:
        """Return whether stops of the right side cover the whole position."""
        held = self.holdings.get(symbol, Holding()).qty
        stops = sum(
            (
                one.qty
                for one in self.resting.values()
                if one.symbol == symbol
                and one.order_type is OrderType.STOP_MARKET
                and one.side.sign * held < 0
            ),
            ZERO,
        )
        return stops >= abs(held)
