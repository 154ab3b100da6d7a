"""Placing, cancelling and looking up orders: over the WebSocket API, else over REST."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from engine.domain.errors import (
    MalformedMessage,
    OutcomeUnknown,
    VenueError,
    VenueRejected,
    VenueUnreachable,
)
from engine.domain.order import Order, OrderRequest, OrderStatus
from engine.exchange.binance.classify import NO_SUCH_ORDER, DuplicateOrderId
from engine.exchange.binance.codec_orders import (
    decode_conditional,
    decode_order,
    is_bare_acknowledgement,
)
from engine.exchange.binance.endpoints import (
    CANCEL_CONDITIONAL,
    CANCEL_ORDER,
    PLACE_CONDITIONAL,
    PLACE_ORDER,
    QUERY_CONDITIONAL,
    QUERY_ORDER,
    Endpoint,
)
from engine.exchange.binance.limits import ACCOUNT, ORDER
from engine.exchange.binance.order_params import Params, conditional_params, order_params
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.ws_api import WsApi, is_clock_refusal
from engine.exchange.binance.ws_methods import (
    CONDITIONAL_CANCEL,
    CONDITIONAL_PLACE,
    ORDER_CANCEL,
    ORDER_PLACE,
    ORDER_STATUS,
    Method,
)

_REMEMBERED = 4096
_MALFORMED_PARAMETER = -1102

_T = TypeVar("_T")


class OrderDesk:
    """Orders of one account; see `ports.Venue` for what each error means."""

    def __init__(self, rest: BinanceRest, ws_api: WsApi) -> None:
        self._rest = rest
        self._ws_api = ws_api
        self._conditionals: OrderedDict[str, Order] = OrderedDict()
        self._client_ids: OrderedDict[str, str] = OrderedDict()

    def remember(self, order: Order) -> None:
        """Keep what later replies leave out: conditional orders, and our ids by the venue's."""
        if order.conditional:
            _keep(self._conditionals, order.client_id, order)
        else:
            _keep(self._client_ids, order.venue_id, order.client_id)

    async def place(self, request: OrderRequest) -> Order:
        """Send one order and return it as acknowledged."""
        try:
            order = await self._place(request)
        except ValueError as error:
            # The request itself is impossible; it is refused here and never sent.
            raise VenueRejected(_MALFORMED_PARAMETER, str(error)) from error
        except DuplicateOrderId as error:
            order = await self._landed_before(request, error)
        self.remember(order)
        return order

    async def _place(self, request: OrderRequest) -> Order:
        if request.is_conditional:
            body = await self._send(
                CONDITIONAL_PLACE, PLACE_CONDITIONAL, conditional_params(request)
            )
            return _decoded(decode_conditional, body, "placed, but the reply is unreadable")
        body = await self._send(ORDER_PLACE, PLACE_ORDER, order_params(request))
        return _decoded(decode_order, body, "placed, but the reply is unreadable")

    async def _landed_before(self, request: OrderRequest, error: DuplicateOrderId) -> Order:
        try:
            found = await self.query(
                request.symbol, request.client_id, conditional=request.is_conditional
            )
        except VenueError:
            raise error from None
        if found is None:
            raise error
        return found

    async def cancel(self, symbol: str, client_id: str, *, conditional: bool) -> Order:
        """Cancel one order and return its last state."""
        if not conditional:
            params: Params = {"symbol": symbol, "origClientOrderId": client_id}
            body = await self._send(ORDER_CANCEL, CANCEL_ORDER, params)
            return _decoded(decode_order, body, "cancelled, but the reply is unreadable")
        body = await self._send(CONDITIONAL_CANCEL, CANCEL_CONDITIONAL, {"clientAlgoId": client_id})
        if is_bare_acknowledgement(body):
            return await self._cancelled(symbol, client_id)
        return _decoded(decode_conditional, body, "cancelled, but the reply is unreadable")

    async def _cancelled(self, symbol: str, client_id: str) -> Order:
        # The documented reply says "success" and nothing about the order.
        known = self._conditionals.get(client_id)
        if known is None:
            known = await self._lookup_cancelled(symbol, client_id)
        if known.status.is_final:
            return known
        now_ms = self._rest.server.now_ms()
        return replace(known, status=OrderStatus.CANCELED, event_time_ms=now_ms)

    async def _lookup_cancelled(self, symbol: str, client_id: str) -> Order:
        problem = f"{client_id} was cancelled, but what it was cannot be read"
        try:
            found = await self.query(symbol, client_id, conditional=True)
        except VenueError as error:
            raise OutcomeUnknown(problem) from error
        if found is None:
            raise OutcomeUnknown(problem)
        return found

    async def query(self, symbol: str, client_id: str, *, conditional: bool) -> Order | None:
        """Return an order by our id, None if the venue says it does not exist."""
        try:
            if conditional:
                # The WebSocket API has no look-up of conditional orders.
                body = await self._rest.call(QUERY_CONDITIONAL, {"clientAlgoId": client_id})
                return _read(decode_conditional, body)
            params: Params = {"symbol": symbol, "origClientOrderId": client_id}
            body = await self._send(ORDER_STATUS, QUERY_ORDER, params)
        except VenueRejected as error:
            if error.code == NO_SUCH_ORDER:
                return None
            raise
        return _read(decode_order, body)

    async def client_id_of(self, symbol: str, venue_id: str) -> str:
        """Return our id of an order known by the venue's, "" if the venue forgot it."""
        if venue_id not in self._client_ids:
            try:
                body = await self._rest.call(QUERY_ORDER, {"symbol": symbol, "orderId": venue_id})
            except VenueRejected as error:
                if error.code == NO_SUCH_ORDER:
                    return ""
                raise
            self.remember(_read(decode_order, body))
        return self._client_ids.get(venue_id, "")

    async def _send(self, method: Method, endpoint: Endpoint, params: Params) -> Any:  # noqa: ANN401
        if self._ws_api.is_connected:
            try:
                return await self._over_socket(method, params)
            except VenueUnreachable:
                pass  # surely not sent, or only a read: REST may be tried
        return await self._rest.call(endpoint, params)

    async def _over_socket(self, method: Method, params: Params) -> Any:  # noqa: ANN401
        need = ORDER if method.effect else ACCOUNT
        try:
            return await self._ws_api.request(method, params, need)
        except VenueRejected as error:
            if not is_clock_refusal(error):
                raise
        # The refusal proves that it was not executed: correct the clock and sign again, once.
        await self._rest.resync()
        return await self._ws_api.request(method, params, need)


def _decoded(decode: Callable[[Any], Order], body: object, problem: str) -> Order:
    try:
        return decode(body)
    except MalformedMessage as error:
        raise OutcomeUnknown(f"{problem}: {error}") from error


def _read(decode: Callable[[Any], Order], body: object) -> Order:
    try:
        return decode(body)
    except MalformedMessage as error:
        raise VenueUnreachable(f"unreadable order: {error}") from error


def _keep(memory: OrderedDict[str, _T], key: str, value: _T) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)
