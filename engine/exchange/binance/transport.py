"""python-binance reduced to what we trust it with: one HTTP exchange, signed by us.

What we replace, and why (facts/binance-futures.md §9): its clock and recvWindow, the order of
its signature, its error bodies (it loses the text that tells the three kinds of 503 apart), its
shared `response` attribute, its redirects, and the Spot ping of its constructor helper.
"""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from engine.domain.errors import VenueError, VenueUnreachable
from engine.exchange.binance.classify import doubtful
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.endpoints import Api, Endpoint

with warnings.catch_warnings():
    # It imports aliases that `websockets` has deprecated, for the sockets we do not use.
    warnings.simplefilter("ignore", DeprecationWarning)
    from binance import AsyncClient

# Raised before a byte of the request can have left.
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """True for a 2xx status."""
        return 200 <= self.status < 300


class Transport(AsyncClient):  # type: ignore[misc] # the library is untyped
    """One HTTP session. Must be made inside the event loop that uses it."""

    def __init__(self, config: BinanceConfig) -> None:
        self._config = config
        super().__init__(config.api_key or None, None, https_proxy=config.proxy)
        self.FUTURES_URL = config.rest_url
        self.MARGIN_API_URL = config.wallet_url

    async def exchange(self, endpoint: Endpoint, query: str, *, timeout_s: float) -> Reply:
        """Send one request and return whatever is answered.

        Args:
            endpoint: what to call.
            query: parameters exactly as they were signed.
            timeout_s: wall seconds for the whole exchange.

        Raises:
            VenueUnreachable: not sent, or a read without an answer.
            OutcomeUnknown: a request with an effect, sent and not answered.
        """
        wallet = endpoint.api is Api.WALLET
        request = self._request_margin_api if wallet else self._request_futures_api
        try:
            reply: Reply = await request(
                endpoint.method,
                endpoint.name,
                version=endpoint.version,
                query=query,
                timeout_s=timeout_s,
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise failure(endpoint, error) from error
        return reply

    async def close(self) -> None:
        """Close the session's connections."""
        await self.session.close()

    def _init_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            headers=self._get_headers(),
            connector=aiohttp.TCPConnector(limit=64, ttl_dns_cache=60),
            # A token of the venue may be a cookie of its gateway; nothing of it is ours to keep.
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def _get_headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "smcbot"}
        if self._config.has_keys:
            headers["X-MBX-APIKEY"] = self._config.api_key
        return headers

    def _get_request_kwargs(
        self,
        method: str,
        _signed: bool,
        _force_params: bool = False,
        *,
        query: str,
        timeout_s: float,
    ) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=self._config.connect_timeout_s)
        # A GET's `params` are appended to the URL as they are; other methods send them as a form.
        place = "params" if method == "get" else "data"
        options: dict[str, Any] = {"timeout": timeout, "allow_redirects": False}
        return {**options, place: query} if query else options

    async def _handle_response(self, response: aiohttp.ClientResponse) -> Reply:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, headers, await response.read())


def network_words(error: Exception) -> str:
    """Return what went wrong on the network in words a person can act on."""
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        # The text of a refused connection only repeats the address, its number names the cause.
        number = cause.errno or 0
        reason = os.strerror(number) if number > 0 else str(cause.strerror or cause)
        return f"cannot connect to {error.host}:{error.port} ({reason})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return f"{type(error).__name__} {error}".strip()


def failure(endpoint: Endpoint, error: Exception) -> VenueError:
    """Return what a failed exchange means: nothing sent, or sent and not answered."""
    shown = f"{endpoint.method.upper()} {endpoint.path}: {network_words(error)}"
    if isinstance(error, _BEFORE_SENDING):
        return VenueUnreachable(shown)
    return doubtful(shown, effect=endpoint.effect)
