"""The listen key that opens the user data stream: fetched, kept alive, never deleted."""

import asyncio

import structlog

from engine.domain.errors import MalformedMessage, VenueError, VenueRejected, VenueUnreachable
from engine.exchange.binance.classify import KEY_GONE
from engine.exchange.binance.codec_account import decode_listen_key
from engine.exchange.binance.endpoints import EXTEND_LISTEN_KEY, START_LISTEN_KEY
from engine.exchange.binance.limits import ACCOUNT
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.ws_api import WsApi
from engine.exchange.binance.ws_methods import USER_STREAM_PING

log = structlog.get_logger(__name__)

_RETRY_S = 60.0


class ListenKeyGone(Exception):  # noqa: N818 - says what happened
    """The venue no longer knows the key, or made another: the stream needs a new one."""


class ListenKeys:
    """Life of the account's one listen key.

    It is shared by every program on the same API key, so it is not deleted at shutdown: that
    would deafen the instance that follows us (facts/failures.md 14).
    """

    def __init__(self, rest: BinanceRest, ws_api: WsApi, keep_alive_s: float) -> None:
        self._rest = rest
        self._ws_api = ws_api
        self._keep_alive_s = keep_alive_s
        self.extensions = 0

    async def obtain(self) -> str:
        """Return the account's key, extended by an hour if it lives, new otherwise.

        Raises:
            VenueError: the venue did not give one.
        """
        body = await self._rest.call(START_LISTEN_KEY)
        try:
            return decode_listen_key(body)
        except MalformedMessage as error:
            raise VenueUnreachable(f"unreadable listenKey reply: {error}") from error

    async def keep_alive(self, key: str) -> None:
        """Extend the key for ever, over the WebSocket API where possible.

        Raises:
            ListenKeyGone: it cannot be extended any more.
        """
        pause_s = self._keep_alive_s
        while True:
            await asyncio.sleep(pause_s)
            try:
                await self._extend(key)
                pause_s = self._keep_alive_s
            except VenueRejected as error:
                raise ListenKeyGone(str(error)) from error
            except VenueError as error:
                # The key lives for an hour: there is time to try again.
                log.warning("listen_key.not_extended", reason=str(error))
                pause_s = min(_RETRY_S, self._keep_alive_s)

    async def _extend(self, key: str) -> None:
        body = await self._ping()
        self.extensions += 1
        try:
            told = decode_listen_key(body)
        except MalformedMessage:
            return  # PUT answers {} in some versions
        if told != key:
            raise ListenKeyGone("the venue extended another key than ours")

    async def _ping(self) -> object:
        try:
            return await self._ws_api.request(USER_STREAM_PING, {}, ACCOUNT)
        except VenueRejected as error:
            if error.code == KEY_GONE:
                raise
            log.info("listen_key.ws_ping_refused", reason=str(error))
        except VenueError:
            pass
        return await self._rest.call(EXTEND_LISTEN_KEY)
