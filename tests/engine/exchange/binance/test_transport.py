import errno

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from engine.domain.errors import OutcomeUnknown, VenueUnreachable
from engine.exchange.binance import endpoints
from engine.exchange.binance.transport import Reply, Transport, failure, network_words
from tests.engine.exchange.binance.scripted import Answer, wired

_KEY = ConnectionKey("fapi.binance.com", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientConnectorError(_KEY, OSError("refused")),
        aiohttp.ClientConnectorDNSError(_KEY, OSError("no such host")),
        aiohttp.ConnectionTimeoutError("connect"),
        aiohttp.InvalidURL("x"),
    ],
)
def test_failure_when_before_sending_is_certainly_not_sent(error: Exception) -> None:
    assert isinstance(failure(endpoints.PLACE_ORDER, error), VenueUnreachable)


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(104, "reset"),
        aiohttp.SocketTimeoutError("read"),
        aiohttp.ClientPayloadError("cut"),
        TimeoutError(),
        ConnectionResetError(),
    ],
)
def test_failure_when_after_sending_is_unknown_for_orders_only(error: Exception) -> None:
    assert isinstance(failure(endpoints.PLACE_ORDER, error), OutcomeUnknown)
    assert isinstance(failure(endpoints.QUERY_ORDER, error), VenueUnreachable)


async def test_exchange_when_answered_returns_status_headers_and_body() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v1/time", Answer(b"teapot", 418, {"X-Thing": "7"}))
        transport = Transport(it.config)
        reply = await transport.exchange(endpoints.TIME, "", timeout_s=2.0)
        await transport.close()
    assert (reply.status, reply.body, reply.headers["x-thing"]) == (418, b"teapot", "7")
    assert not reply.ok


async def test_exchange_when_used_for_each_version_addresses_it() -> None:
    async with wired() as it:
        it.venue.answer("GET", "v3/account", Answer({}))
        transport = Transport(it.config)
        await transport.exchange(endpoints.ACCOUNT, "a=1&b=%2F", timeout_s=2.0)
        await transport.close()
        assert it.venue.asked[0].text == "a=1&b=%2F"


async def test_exchange_when_library_defaults_would_leak_uses_none_of_them() -> None:
    async with wired() as it:
        it.venue.answer("POST", "v1/listenKey", Answer({}))
        transport = Transport(it.config)
        await transport.exchange(endpoints.START_LISTEN_KEY, "", timeout_s=2.0)
        await transport.close()
        (asked,) = it.venue.asked
    assert asked.text == ""  # no recvWindow, timestamp or broker id of the library
    assert asked.headers["user-agent"] == "smcbot"


@pytest.mark.parametrize(("status", "ok"), [(200, True), (204, True), (300, False), (503, False)])
def test_reply_when_status_is_2xx_is_ok(status: int, ok: bool) -> None:
    assert Reply(status, {}, b"").ok is ok


def test_network_words_when_the_connection_is_refused_name_address_and_cause() -> None:
    refused = aiohttp.ClientConnectorError(_KEY, OSError(errno.ECONNREFUSED, "Connect call failed"))
    assert (
        network_words(refused) == f"cannot connect to {_KEY.host}:{_KEY.port} (Connection refused)"
    )


def test_network_words_when_the_name_is_unknown_keep_the_resolvers_words() -> None:
    unknown = aiohttp.ClientConnectorError(_KEY, OSError(-2, "Name or service not known"))
    assert network_words(unknown).endswith("(Name or service not known)")


def test_network_words_when_nobody_answers_are_plain() -> None:
    assert network_words(TimeoutError()) == "no answer in time"
    assert network_words(ValueError("odd")) == "ValueError odd"
