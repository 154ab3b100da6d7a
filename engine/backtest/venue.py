"""The matching engine as the backtest's counterparty: synchronous, without sockets or a clock."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from engine.backtest.assumptions import Assumptions
from engine.backtest.words import (
    conditional_of,
    events_of,
    order_of,
    params_of,
    position_of,
)
from engine.domain.account import SymbolSetup, VenueSnapshot
from engine.domain.effects import CancelOrder
from engine.domain.events import (
    AccountEvent,
    CancelRefused,
    OrderAccepted,
    OrderChanged,
    OrderFilled,
    OrderRejected,
    PositionReported,
)
from engine.domain.instrument import Instrument, Rounding
from engine.domain.order import Book, OrderRequest, OrderType
from engine.exchange.sim.account import Position
from engine.exchange.sim.brackets import default_brackets
from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.instrument_rules import rules_of
from engine.exchange.sim.matching import BookDepth
from engine.exchange.sim.tick import Tick
from engine.exchange.sim.world import Behaviour, Fees

_ACCOUNT = "backtest"
_LEGS = 2
"""Orders that wait around a position at rest: its stop and its target."""
ZERO = Decimal(0)


class BacktestVenue:
    """One account at the embedded exchange. Prices come from the caller, minute by minute.

    The quote stands around the last price: half the assumed spread on each side, in
    whole ticks, at least one. Every call that acts returns the account events it caused, in order.

    Attributes:
        slippage: by symbol, what fills of the running position paid beyond the last price, USDT.
    """

    def __init__(
        self, book: Book, instruments: Iterable[Instrument], assumptions: Assumptions
    ) -> None:
        self._book = book
        self._instruments = {one.symbol: one for one in instruments}
        self._assumptions = assumptions
        self._volumes: Mapping[str, float] = {}
        self._depths: dict[str, BookDepth] = {}
        self._exchange = Exchange(
            [rules_of(one) for one in self._instruments.values()],
            fees=Fees(maker=assumptions.maker_fee, taker=assumptions.taker_fee),
            seed_balance=assumptions.balance,
            behaviour=Behaviour(depth=assumptions.depth(0.0), depth_by_symbol=self._depths),
        )
        self._half_spread = Decimal(repr(assumptions.spread / 2))
        self._last: dict[str, Decimal] = {}
        self._triggers: dict[str, tuple[Decimal, ...]] = {}
        self._bounds: dict[str, tuple[float, float]] = {}
        self.slippage: dict[str, Decimal] = {}

    @property
    def busy(self) -> dict[str, tuple[Decimal, ...]]:
        """Symbols with a position or an order, and the trigger prices that wait in each."""
        return self._triggers

    def side_of(self, symbol: str) -> int:
        """Return the sign of the position held; +1 while there is none."""
        return self._position(symbol).sign or 1

    def size_of(self, symbol: str) -> float:
        """Return the signed quantity held."""
        return float(self._position(symbol).qty)

    def bounds(self, symbol: str) -> tuple[float, float] | None:
        """Return (low, high) trigger prices of a position at rest between a stop and a target.

        None when anything else waits: another leg, an order, or no position.
        """
        return self._bounds.get(symbol)

    def is_guarded(self, symbol: str) -> bool:
        """Return whether a stop waits in the symbol."""
        algos = self._exchange.world.account(_ACCOUNT).open_algos_of(symbol)
        return any(algo.order_type == OrderType.STOP_MARKET for algo in algos)

    def fires_at(self, symbol: str, price: float) -> bool:
        """Return whether a trade at the price would fire an order that waits."""
        last = self._instruments[symbol].quantize_price(price, Rounding.NEAREST)
        algos = self._exchange.world.account(_ACCOUNT).open_algos_of(symbol)
        return any(algo.has_crossed(last) for algo in algos)

    def prepare(self, symbol: str, leverage: int) -> SymbolSetup:
        """Make a symbol isolated at `leverage`, or what its bracket allows."""
        first = default_brackets(self._instruments[symbol].base_asset)[0]
        allowed = min(leverage, first.initial_leverage)
        self._exchange.set_margin_type(
            _ACCOUNT, {"symbol": symbol, "marginType": "ISOLATED"}, now_ms=0
        )
        self._exchange.set_leverage(_ACCOUNT, {"symbol": symbol, "leverage": str(allowed)}, 0)
        self._exchange.drain_events()
        return SymbolSetup(
            symbol=symbol,
            leverage=allowed,
            isolated=True,
            max_leverage=first.initial_leverage,
            maintenance_ratio=first.maint_ratio,
            taker_fee=self._assumptions.taker_fee,
            maker_fee=self._assumptions.maker_fee,
        )

    def learn_volumes(self, day_volumes: Mapping[str, float]) -> None:
        """Shape the symbols' books after their quote volumes of the last day."""
        self._volumes = day_volumes
        self._depths.clear()

    def quote(self, symbol: str, price: float) -> None:
        """Put the quote around a price without a trade there: nothing is matched."""
        tick = self._tick(symbol, price, moved=False)
        if tick is not None:
            self._exchange.quote(symbol, tick)

    def move(self, symbol: str, price: float, now_ms: int) -> list[AccountEvent]:
        """Let the symbol trade at a price: stops fire, margins are checked."""
        tick = self._tick(symbol, price, moved=True)
        if tick is None:
            return []
        self._exchange.on_tick(symbol, tick, now_ms)
        return self._heard()

    def place(self, request: OrderRequest, now_ms: int) -> list[AccountEvent]:
        """Execute, rest or refuse one order."""
        params = params_of(request)
        try:
            if request.is_conditional:
                order = conditional_of(self._exchange.place_algo(_ACCOUNT, params, now_ms))
            else:
                order = order_of(self._exchange.place_order(_ACCOUNT, params, now_ms))
        except ApiError as error:
            self._exchange.drain_events()
            refused = OrderRejected(
                self._book, request.client_id, request.symbol, error.code, error.msg
            )
            return [refused]
        return [*self._heard(), OrderAccepted(self._book, order)]

    def cancel(self, effect: CancelOrder, now_ms: int) -> list[AccountEvent]:
        """Cancel one order; the push tells that it is gone."""
        try:
            if effect.conditional:
                self._exchange.cancel_algo(_ACCOUNT, {"clientAlgoId": effect.client_id}, now_ms)
            else:
                params = {"symbol": effect.symbol, "origClientOrderId": effect.client_id}
                self._exchange.cancel_order(_ACCOUNT, params, now_ms)
        except ApiError as error:
            return [CancelRefused(self._book, effect.client_id, effect.symbol, error.code)]
        return self._heard()

    def fund(self, symbol: str, rate: float, price: float, now_ms: int) -> list[AccountEvent]:
        """Charge one funding payment at the mark `price`; longs pay a positive rate."""
        mark = Decimal(repr(price))
        self._exchange.apply_funding(symbol, Decimal(repr(rate)), mark, now_ms)
        return self._heard()

    def snapshot(self, now_ms: int) -> VenueSnapshot:
        """Return the whole account."""
        exchange = self._exchange
        wallet = exchange.account_v3(_ACCOUNT, {}, now_ms)["assets"][0]["walletBalance"]
        positions = map(position_of, exchange.position_risk_v3(_ACCOUNT, {}, now_ms))
        return VenueSnapshot(
            taken_ms=now_ms,
            wallet=Decimal(wallet),
            positions=tuple(one for one in positions if one.qty),
            orders=tuple(map(order_of, exchange.open_orders(_ACCOUNT, {}, now_ms))),
            conditionals=tuple(map(conditional_of, exchange.open_algos(_ACCOUNT, {}, now_ms))),
        )

    def pass_time(self, now_ms: int) -> None:
        """Let the exchange forget what is old."""
        self._exchange.advance(now_ms)

    def _tick(self, symbol: str, price: float, *, moved: bool) -> Tick | None:
        instrument = self._instruments[symbol]
        tick = instrument.tick_size
        last = instrument.quantize_price(price, Rounding.NEAREST)
        steps = (last * self._half_spread / tick).to_integral_value(ROUND_HALF_EVEN)
        half = max(steps, Decimal(1)) * tick
        if last <= half:
            return None
        self._last[symbol] = last
        if symbol not in self._depths:
            self._depths[symbol] = self._assumptions.depth(self._volumes.get(symbol, 0.0))
        path = (last,) if moved else ()
        return Tick(bid=last - half, ask=last + half, last=last, mark=last, path=path)

    def _heard(self) -> list[AccountEvent]:
        raised = self._exchange.drain_events()
        if not raised:
            return []
        events = [one for _, body in raised for one in events_of(body, self._book)]
        for event in events:
            if isinstance(event, OrderFilled):
                fill = event.fill
                beyond = (fill.price - self._last[fill.symbol]) * fill.side.sign * fill.qty
                self.slippage[fill.symbol] = self.slippage.get(fill.symbol, ZERO) + beyond
        for symbol in sorted({_symbol_of(event) for event in events} - {""}):
            self._note_busy(symbol)
        return events

    def _position(self, symbol: str) -> Position:
        return self._exchange.world.account(_ACCOUNT).position(symbol, "BOTH")

    def _note_busy(self, symbol: str) -> None:
        """Remember what waits in a symbol; only its own events can change that."""
        account = self._exchange.world.account(_ACCOUNT)
        algos, orders = account.open_algos_of(symbol), account.open_orders_of(symbol)
        self._bounds.pop(symbol, None)
        if not (algos or orders or self._position(symbol).qty):
            self._triggers.pop(symbol, None)
            return
        triggers = tuple(algo.trigger_price for algo in algos)
        self._triggers[symbol] = triggers
        if len(triggers) == _LEGS and not orders and self.is_guarded(symbol):
            self._bounds[symbol] = (float(min(triggers)), float(max(triggers)))


def _symbol_of(event: AccountEvent) -> str:
    """Return the symbol an event of this venue is about, empty for the wallet's."""
    match event:
        case OrderFilled(fill=fill):
            return fill.symbol
        case OrderChanged(order=order):
            return order.symbol
        case PositionReported(position=position):
            return position.symbol
        case _:
            return ""
