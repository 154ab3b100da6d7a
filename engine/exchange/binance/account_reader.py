"""Reading the account: snapshot, positions, conditional orders, executions."""

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any, TypeVar

from engine.domain.account import VenuePosition, VenueSnapshot
from engine.domain.errors import MalformedMessage, VenueError, VenueUnreachable
from engine.domain.order import Fill, Order
from engine.exchange.binance.codec_account import (
    AccountConfig,
    Income,
    KeyPermissions,
    MarginConfig,
    decode_account_config,
    decode_income,
    decode_key_permissions,
    decode_margin_configs,
    decode_positions,
    decode_wallet,
)
from engine.exchange.binance.codec_orders import (
    decode_conditionals,
    decode_orders,
    decode_trades,
    trade_order_ids,
)
from engine.exchange.binance.endpoints import (
    ACCOUNT,
    ACCOUNT_CONFIG,
    INCOME,
    KEY_PERMISSIONS,
    OPEN_CONDITIONALS,
    OPEN_ORDERS,
    POSITIONS,
    SYMBOL_CONFIG,
    USER_TRADES,
    Endpoint,
)
from engine.exchange.binance.limits import ACCOUNT as ACCOUNT_NEED
from engine.exchange.binance.order_desk import OrderDesk
from engine.exchange.binance.parse import guarded, integer
from engine.exchange.binance.parse import rows as json_rows
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.ws_api import WsApi
from engine.exchange.binance.ws_methods import ACCOUNT_POSITION

_WEEK_MS = 7 * 86_400_000
_SLACK_MS = 60_000
_PAGE = 1000
_MOST_PAGES = 20

_T = TypeVar("_T")


class AccountReader:
    """What the venue knows about the account; every method raises `VenueError` kinds."""

    def __init__(self, rest: BinanceRest, ws_api: WsApi, desk: OrderDesk) -> None:
        self._rest = rest
        self._ws_api = ws_api
        self._desk = desk

    async def snapshot(self) -> VenueSnapshot:
        """Return the whole account, its parts read at the same time so that they fit together."""
        taken_ms = self._rest.server.now_ms()
        wallet, positions, orders, conditionals, config = await together(
            self._read(ACCOUNT, decode_wallet),
            self._read(POSITIONS, decode_positions),
            self._read(OPEN_ORDERS, decode_orders),
            self.conditionals(),
            self.config(),
        )
        for order in orders:
            self._desk.remember(order)
        return VenueSnapshot(
            taken_ms=taken_ms,
            wallet=wallet,
            positions=positions,
            orders=orders,
            conditionals=conditionals,
            hedge_mode=config.hedge_mode,
            can_trade=config.can_trade,
        )

    async def conditionals(self) -> tuple[Order, ...]:
        """Return the resting conditional orders of all symbols."""
        resting = await self._read(OPEN_CONDITIONALS, decode_conditionals)
        for order in resting:
            self._desk.remember(order)
        return resting

    async def config(self) -> AccountConfig:
        """Return the account's settings."""
        return await self._read(ACCOUNT_CONFIG, decode_account_config)

    async def key_permissions(self) -> KeyPermissions:
        """Return what the API key may do; refused where the venue has no wallet API."""
        return await self._read(KEY_PERMISSIONS, decode_key_permissions)

    async def margin_configs(self) -> dict[str, MarginConfig]:
        """Return margin type and leverage of every symbol."""
        return await self._read(SYMBOL_CONFIG, decode_margin_configs)

    async def wallet(self) -> Decimal:
        """Return the USDT balance without unrealised profit; one REST call."""
        return await self._read(ACCOUNT, decode_wallet)

    async def income(self, since_ms: int, until_ms: int) -> tuple[Income, ...]:
        """Return booked entries of [since_ms, until_ms], oldest first, at most 1000."""
        params = {"startTime": since_ms, "endTime": until_ms, "limit": _PAGE}
        return _readable(decode_income, await self._rest.call(INCOME, params))

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return open positions over the WebSocket API, which is no REST call, if it is up."""
        if self._ws_api.is_connected:
            try:
                body = await self._ws_api.request(ACCOUNT_POSITION, {}, ACCOUNT_NEED)
                return decode_positions(body)
            except (VenueError, MalformedMessage):
                pass  # a read: REST may be asked as well
        return await self._read(POSITIONS, decode_positions)

    async def fills(self, symbol: str, since_ms: int) -> tuple[Fill, ...]:
        """Return executions since a time, oldest first, with our order ids.

        Args:
            symbol: the venue's spelling.
            since_ms: exchange ms; the venue tells at most 7 days.
        """
        earliest = self._rest.server.now_ms() - _WEEK_MS + _SLACK_MS
        rows = await self._trades(symbol, max(since_ms, earliest))
        client_ids = {
            venue_id: await self._desk.client_id_of(symbol, venue_id)
            for venue_id in _readable(trade_order_ids, rows)
        }
        return _readable(lambda body: decode_trades(body, client_ids), rows)

    async def _trades(self, symbol: str, since_ms: int) -> list[Any]:
        """Return userTrades rows, page after page."""
        rows: list[Any] = []
        params: dict[str, str | int] = {"symbol": symbol, "startTime": since_ms, "limit": _PAGE}
        for _ in range(_MOST_PAGES):
            page = await self._rest.call(USER_TRADES, params)
            newest = _readable(_newest_trade_id, page)
            rows.extend(page)
            if len(page) < _PAGE:
                break
            params = {"symbol": symbol, "fromId": newest + 1, "limit": _PAGE}
        return rows

    async def _read(self, endpoint: Endpoint, decode: Callable[[Any], _T]) -> _T:
        return _readable(decode, await self._rest.call(endpoint))


@guarded
def _newest_trade_id(page: Any) -> int:  # noqa: ANN401
    return max((integer(row["id"]) for row in json_rows(page)), default=0)


def _readable(decode: Callable[[Any], _T], body: object) -> _T:
    try:
        return decode(body)
    except MalformedMessage as error:
        raise VenueUnreachable(f"unreadable reply: {error}") from error


async def together(*calls: Coroutine[Any, Any, Any]) -> tuple[Any, ...]:
    """Run calls at the same time and return their results in order.

    Raises:
        VenueError: the first call that failed; the others are cancelled.
    """
    failures: list[VenueError] = []
    tasks: list[asyncio.Task[Any]] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks.extend(group.create_task(call) for call in calls)
    except* VenueError as errors:
        failures.extend(error for error in errors.exceptions if isinstance(error, VenueError))
    if failures:
        raise failures[0]
    return tuple(task.result() for task in tasks)
