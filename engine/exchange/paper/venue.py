"""`ports.Venue` over an exchange in this process: simulated fills, fees, funding and latency."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
import structlog

from engine.domain.account import SymbolSetup, VenueSnapshot
from engine.domain.errors import VenueRejected
from engine.domain.events import (
    AccountEvent,
    AccountHeard,
    CandleClosed,
    MarketEvent,
    PriceMoved,
)
from engine.domain.instrument import Instrument
from engine.domain.order import Book, Fill, Order, OrderRequest
from engine.exchange.binance.codec_account import decode_positions, decode_wallet
from engine.exchange.binance.codec_orders import (
    decode_conditional,
    decode_conditionals,
    decode_order,
    decode_orders,
    decode_trades,
    trade_order_ids,
)
from engine.exchange.binance.codec_user import KeyExpired, MarginChanged, decode_user_frame
from engine.exchange.binance.order_params import Params, conditional_params, order_params
from engine.exchange.paper import contracts
from engine.exchange.paper.quotes import QuoteBoard
from engine.exchange.sim.brackets import default_brackets
from engine.exchange.sim.errors import ApiError, SimError
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.instrument_rules import rules_of
from engine.exchange.sim.persistence import PackedRows, dump_world
from engine.exchange.sim.world import Fees
from engine.ports import Clock

log = structlog.get_logger(__name__)

_ACCOUNT = "paper"
_ALREADY_ISOLATED = -4046
_NO_SUCH_ORDER = -2013
_DAY_MS = 86_400_000
_REMEMBERED_MS = 2 * _DAY_MS

Endpoint = Callable[[str, Mapping[str, str], int], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperConfig:
    """Starting balance in USDT and the wall seconds an order travels, drawn evenly between."""

    balance: Decimal = Decimal(10_000)
    latency_s: tuple[float, float] = (0.03, 0.08)


class PaperVenue:
    """A simulator, named one: it never reaches a real exchange.

    It speaks to the embedded exchange in the venue's own vocabulary and reads the answers with
    the real adapter's codec, so that paper and live differ in nothing the core can see. Questions
    wait until the live market's contracts are known: before that an account looks empty.
    """

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        config: PaperConfig,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._config = config
        self._instruments = contracts.kept(state)
        self._state = state
        self._listed = asyncio.Event()
        self._board = QuoteBoard()
        self._exchange = self._opened()
        self._events: asyncio.Queue[AccountEvent] = asyncio.Queue()
        self._interest: set[str] = set()
        self._tidied_ms = clock.exchange_ms()
        self._events.put_nowait(AccountHeard(Book.PAPER))
        self.changes = 0

    def list_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Learn the contracts of the live market; those seen before stay tradable."""
        self._listed.set()
        fresh = {i.symbol: i for i in instruments if self._instruments.get(i.symbol) != i}
        if not fresh:
            return
        self._instruments |= fresh
        self._reopen()

    def _opened(self) -> Exchange:
        try:
            return self._build()
        except SimError:
            # Paper money must never keep the bot from looking after real positions.
            log.exception("paper.state_unusable")
            self._state = None
            return self._build()

    def _build(self) -> Exchange:
        rules = [rules_of(instrument) for instrument in self._instruments.values()]
        if self._state is None:
            return Exchange(rules, seed_balance=self._config.balance)
        return Exchange.load(self._state, rules)

    def dump(self) -> dict[str, Any]:
        """Return the account's whole state, JSON-ready, for the next start."""
        return self._with_contracts(self._exchange.dump())

    def _with_contracts(self, state: dict[str, Any]) -> dict[str, Any]:
        # The exchange's own proof of what it did; here the journal keeps that, and it only grows.
        state["ledger"] = []
        used = contracts.symbols_used(self._exchange.world)
        state[contracts.KEPT] = [
            contracts.pack(one) for symbol, one in self._instruments.items() if symbol in used
        ]
        return state

    def _tidy(self, now_ms: int) -> None:
        """Once a day forget what has ended, so that the state stays small for ever."""
        if now_ms - self._tidied_ms < _DAY_MS:
            return
        self._tidied_ms = now_ms
        contracts.forget_ended(self._exchange.world, now_ms - _REMEMBERED_MS)
        self._reopen()

    def _reopen(self) -> None:
        # Packed anew: the exchange's own dump remembers rows that were forgotten since.
        self._state = self._with_contracts(dump_world(self._exchange.world, PackedRows()))
        self._exchange = self._build()
        self._interest = self._exchange.symbols_of_interest()

    def hear(self, event: MarketEvent) -> None:
        """Let a live market event move the paper market."""
        due = self._board.hear(event)
        symbol = event.candle.symbol if isinstance(event, CandleClosed) else event.symbol
        if symbol not in self._interest:
            return
        now_ms = self._clock.exchange_ms()
        self._tidy(now_ms)
        tick = self._board.tick(self._instruments[symbol], moved=isinstance(event, PriceMoved))
        if tick is not None:
            self._exchange.on_tick(symbol, tick, now_ms)
        if due is not None:
            self._exchange.apply_funding(due.symbol, due.rate, due.mark, now_ms)
        self._exchange.advance(now_ms)
        self._publish()

    async def place(self, request: OrderRequest) -> Order:
        """Execute or rest one order; never leaves the outcome unknown."""
        await self._travel()
        self._quote(request.symbol)
        if request.is_conditional:
            body = self._call(self._exchange.place_algo, conditional_params(request))
            return decode_conditional(body)
        return decode_order(self._call(self._exchange.place_order, order_params(request)))

    async def cancel(self, symbol: str, client_id: str, *, conditional: bool) -> Order:
        """Cancel one order and return its last state."""
        await self._travel()
        if conditional:
            self._call(self._exchange.cancel_algo, {"clientAlgoId": client_id})
            body = self._call(self._exchange.query_algo, {"clientAlgoId": client_id})
            return decode_conditional(body)
        return decode_order(self._call(self._exchange.cancel_order, _ours(symbol, client_id)))

    async def query(self, symbol: str, client_id: str, *, conditional: bool) -> Order | None:
        """Return an order by our id; here "not found" is the whole truth."""
        await self._listed.wait()
        try:
            if conditional:
                body = self._call(self._exchange.query_algo, {"clientAlgoId": client_id})
                return decode_conditional(body)
            return decode_order(self._call(self._exchange.query_order, _ours(symbol, client_id)))
        except VenueRejected as error:
            if error.code == _NO_SUCH_ORDER:
                return None
            raise

    async def fills(self, symbol: str, since_ms: int) -> tuple[Fill, ...]:
        """Return executions of a symbol since a time, oldest first."""
        await self._listed.wait()
        params: Params = {"symbol": symbol, "startTime": since_ms}
        body = self._call(self._exchange.user_trades, params)
        names = {}
        for venue_id in trade_order_ids(body):
            found = self._call(
                self._exchange.query_order, {"symbol": symbol, "orderId": str(venue_id)}
            )
            names[venue_id] = decode_order(found).client_id
        return decode_trades(body, names)

    async def snapshot(self) -> VenueSnapshot:
        """Return the whole account."""
        await self._listed.wait()
        call, exchange = self._call, self._exchange
        return VenueSnapshot(
            taken_ms=self._clock.exchange_ms(),
            wallet=decode_wallet(call(exchange.account_v3, {})),
            positions=decode_positions(call(exchange.position_risk_v3, {})),
            orders=decode_orders(call(exchange.open_orders, {})),
            conditionals=await self.conditionals(),
        )

    async def conditionals(self) -> tuple[Order, ...]:
        """Return the resting conditional orders."""
        await self._listed.wait()
        return decode_conditionals(self._call(self._exchange.open_algos, {}))

    async def prepare(self, symbol: str, leverage: int) -> SymbolSetup:
        """Make the symbol isolated at `leverage`, or what its bracket allows."""
        first = default_brackets(self._instruments[symbol].base_asset)[0]
        allowed = min(leverage, first.initial_leverage)
        try:
            params: Params = {"symbol": symbol, "marginType": "ISOLATED"}
            self._call(self._exchange.set_margin_type, params)
        except VenueRejected as error:
            if error.code != _ALREADY_ISOLATED:
                raise
        self._call(self._exchange.set_leverage, {"symbol": symbol, "leverage": allowed})
        fees = Fees()
        return SymbolSetup(
            symbol=symbol,
            leverage=allowed,
            isolated=True,
            max_leverage=first.initial_leverage,
            maintenance_ratio=first.maint_ratio,
            taker_fee=fees.taker,
            maker_fee=fees.maker,
        )

    async def events(self) -> AsyncIterator[AccountEvent]:
        """Yield account events for ever."""
        while True:
            yield await self._events.get()

    async def _travel(self) -> None:
        await asyncio.sleep(self._rng.uniform(*self._config.latency_s))

    def _quote(self, symbol: str) -> None:
        instrument = self._instruments.get(symbol)
        tick = self._board.tick(instrument, moved=False) if instrument else None
        if tick is not None:
            self._exchange.quote(symbol, tick)

    def _call(self, endpoint: Endpoint, params: Mapping[str, str | int]) -> Any:  # noqa: ANN401 - JSON is anything
        texts = {name: str(value) for name, value in params.items()}
        try:
            body = endpoint(_ACCOUNT, texts, self._clock.exchange_ms())
        except ApiError as error:
            raise VenueRejected(error.code, error.msg) from error
        finally:
            self._publish()
        return body

    def _publish(self) -> None:
        changed = self._exchange.drain_events()
        if not changed:
            return
        self.changes += 1
        self._interest = self._exchange.symbols_of_interest()
        for _account, body in changed:
            for event in decode_user_frame(orjson.dumps(body), Book.PAPER).events:
                if not isinstance(event, KeyExpired | MarginChanged):
                    self._events.put_nowait(event)


def _ours(symbol: str, client_id: str) -> Params:
    return {"symbol": symbol, "origClientOrderId": client_id}
