"""Our account at Binance behind `ports.Venue`."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from decimal import Decimal

from engine.domain.account import SymbolSetup, VenuePosition, VenueSnapshot
from engine.domain.events import AccountEvent, OrderChanged
from engine.domain.order import Book, Fill, Order, OrderRequest
from engine.exchange.binance.account_reader import AccountReader
from engine.exchange.binance.codec_account import (
    AccountConfig,
    Income,
    KeyPermissions,
    MarginConfig,
)
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.listen_key import ListenKeys
from engine.exchange.binance.margin_desk import MarginDesk
from engine.exchange.binance.order_desk import OrderDesk
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.user_stream import UserStream
from engine.exchange.binance.ws_api import WsApi
from engine.ports import Clock


class BinanceVenue:
    """One account. `run` keeps its two sockets; without it orders go over REST and it is deaf.

    Args:
        config: addresses and keys.
        clock: both clocks.
        rest: shared with the market data so that one weight budget rules both.
        rng: jitter of reconnections.
        book: which book the events are for.
        next_id: ids of WebSocket API requests.

    Raises:
        ValueError: the configuration has no keys.
    """

    def __init__(
        self,
        config: BinanceConfig,
        clock: Clock,
        rest: BinanceRest,
        *,
        rng: random.Random,
        book: Book = Book.LIVE,
        next_id: Callable[[], int] | None = None,
    ) -> None:
        if not config.has_keys:
            raise ValueError("an account needs an API key and its secret")
        self._rest = rest
        self._events: asyncio.Queue[AccountEvent] = asyncio.Queue()
        self._ws_api = WsApi(
            config,
            clock,
            budget=rest.budget,
            server=rest.server,
            rng=rng,
            next_id=next_id or itertools.count(1).__next__,
        )
        self._desk = OrderDesk(rest, self._ws_api)
        self._reader = AccountReader(rest, self._ws_api, self._desk)
        self._margin = MarginDesk(rest, clock)
        self._stream = UserStream(
            config,
            clock,
            ListenKeys(rest, self._ws_api, config.keep_alive_s),
            server=rest.server,
            rng=rng,
            book=book,
            sink=self._hear,
            on_margin_changed=self._margin.forget,
        )

    @property
    def is_hearing(self) -> bool:
        """True while the user data stream is up."""
        return self._stream.is_hearing

    @property
    def is_connected(self) -> bool:
        """True while orders go over the WebSocket API."""
        return self._ws_api.is_connected

    async def run(self) -> None:
        """Keep the WebSocket API and the user data stream up for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ws_api.run(), name="ws-api")
            group.create_task(self._stream.run(), name="user stream")

    async def place(self, request: OrderRequest) -> Order:
        """Send one order and return the acknowledged order; errors as `ports.Venue.place`."""
        order = await self._desk.place(request)
        if self._stream.is_hearing:
            self._stream.expectations.expect(order.client_id)
        return order

    async def cancel(self, symbol: str, client_id: str, *, conditional: bool) -> Order:
        """Cancel one order of ours and return its last state."""
        return await self._desk.cancel(symbol, client_id, conditional=conditional)

    async def query(self, symbol: str, client_id: str, *, conditional: bool) -> Order | None:
        """Return an order by our id; None means "not found", which is not proof of absence."""
        return await self._desk.query(symbol, client_id, conditional=conditional)

    async def fills(self, symbol: str, since_ms: int) -> tuple[Fill, ...]:
        """Return executions of a symbol since a time, oldest first, at most 7 days back."""
        return await self._reader.fills(symbol, since_ms)

    async def snapshot(self) -> VenueSnapshot:
        """Return the whole account: balances, positions, both families of open orders."""
        return await self._reader.snapshot()

    async def conditionals(self) -> tuple[Order, ...]:
        """Return the resting conditional orders of all symbols."""
        return await self._reader.conditionals()

    async def wallet(self) -> Decimal:
        """Return the USDT balance without unrealised profit; one REST call."""
        return await self._reader.wallet()

    async def income(self, since_ms: int, until_ms: int) -> tuple[Income, ...]:
        """Return booked entries of [since_ms, until_ms], oldest first, at most 1000."""
        return await self._reader.income(since_ms, until_ms)

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return open positions without a REST call where possible."""
        return await self._reader.positions()

    async def account_config(self) -> AccountConfig:
        """Return position mode, multi-assets mode and whether the account may trade."""
        return await self._reader.config()

    async def key_permissions(self) -> KeyPermissions:
        """Return what the API key may do; refused where the venue has no wallet API."""
        return await self._reader.key_permissions()

    async def margin_configs(self) -> dict[str, MarginConfig]:
        """Return margin type and leverage of every symbol, as the venue has them now."""
        return await self._reader.margin_configs()

    async def prepare(self, symbol: str, leverage: int) -> SymbolSetup:
        """Make the symbol isolated at `leverage` (or its bracket's most) and read it back."""
        return await self._margin.prepare(symbol, leverage)

    async def events(self) -> AsyncIterator[AccountEvent]:
        """Yield account events for ever, with AccountDeaf / AccountHeard around every loss."""
        while True:
            yield await self._events.get()

    def _hear(self, event: AccountEvent) -> None:
        if isinstance(event, OrderChanged):
            self._desk.remember(event.order)
        self._events.put_nowait(event)
