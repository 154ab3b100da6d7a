"""Opening WebSocket connections with the options this venue wants."""

import logging
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from engine.domain.errors import VenueUnreachable
from engine.exchange.binance.config import BinanceConfig

# The venue pings every 3 min and forgives 10; ours find a dead peer within 40 s.
_PING_S = 20.0
_CLOSE_S = 2.0
_LARGEST_FRAME = 4 * 2**20
_QUEUED_FRAMES = 2048

CLOSED = (ConnectionClosed, OSError)

_quiet_log = logging.getLogger("websockets.client")


class _Connect(connect):
    """`connect` without redirects: a listen key in the address must not travel elsewhere."""

    def process_redirect(  # type: ignore[explicit-override] # typing.override is Python 3.12
        self, exc: Exception
    ) -> Exception:
        return exc


async def open_socket(config: BinanceConfig, url: str) -> ClientConnection:
    """Return an open connection.

    Raises:
        VenueUnreachable: it could not be made; the text names the host, never the whole address.
    """
    try:
        return await _Connect(
            url,
            compression=None,
            proxy=config.proxy,
            open_timeout=config.connect_timeout_s,
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            close_timeout=_CLOSE_S,
            max_size=_LARGEST_FRAME,
            max_queue=_QUEUED_FRAMES,
            logger=_quiet_log,
            user_agent_header="smcbot",
        )
    except (InvalidHandshake, InvalidURI, OSError, TimeoutError, EOFError) as error:
        host = urlsplit(url).netloc
        raise VenueUnreachable(
            f"no connection to {host}: {type(error).__name__} {error}"
        ) from error


def close_reason(connection: ClientConnection) -> str:
    """Return why a connection ended, in a few words."""
    if connection.close_code is None:
        return "connection lost"
    return f"closed with code {connection.close_code} {connection.close_reason or ''}".rstrip()
