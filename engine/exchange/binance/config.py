"""Where the venue is and with which keys and patience we speak to it."""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from engine.exchange.binance.hosts import check_url

_URL_FIELDS = ("rest_url", "stream_url", "ws_api_url", "wallet_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class BinanceConfig:
    """Addresses, keys and deadlines; all times are wall seconds unless named `_ms`.

    Attributes:
        rest_url: base of the REST API, ending in `/fapi`.
        stream_url: base of the streams; `/market`, `/public` and `/private` are appended.
        ws_api_url: the WebSocket API.
        wallet_url: base of the wallet's REST API, ending in `/sapi`; None where there is none.
        api_key: empty for public data only.
        api_secret: HMAC secret of the key.
        proxy: `http://` proxy for every connection, e.g. for a static address; None for none.
        allow_any_host: the operator vouches for addresses that are not the venue's.
        recv_window_s: how old a signed request may be when the venue sees it.
        order_timeout_s: silence after which the outcome of an order is unknown.
        request_timeout_s: total time of any other request.
        connect_timeout_s: time to make a connection.
        seen_within_s: an acknowledged order must show on the user stream this soon.
        keep_alive_s: listen key extension; the venue forgets a key after 3600 s.
        renew_after_s: life of a connection; the venue ends it at 24 h.
        overlap_s: how long a renewed connection runs beside its successor.
    """

    rest_url: str
    stream_url: str
    ws_api_url: str
    wallet_url: str | None = None
    api_key: str = field(default="", repr=False)
    api_secret: str = field(default="", repr=False)
    proxy: str | None = field(default=None, repr=False)
    allow_any_host: bool = False
    recv_window_s: float = 5.0
    order_timeout_s: float = 5.0
    request_timeout_s: float = 20.0
    connect_timeout_s: float = 5.0
    seen_within_s: float = 3.0
    keep_alive_s: float = 1800.0
    renew_after_s: float = 23 * 3600.0
    overlap_s: float = 5.0

    def __post_init__(self) -> None:
        for name in _URL_FIELDS:
            if getattr(self, name) is None:
                continue
            url = check_url(name, getattr(self, name), allow_any_host=self.allow_any_host)
            object.__setattr__(self, name, url)
        if bool(self.api_key) != bool(self.api_secret):
            raise ValueError("api_key and api_secret must be given together or not at all")

    @property
    def has_keys(self) -> bool:
        """True when signed requests are possible."""
        return bool(self.api_key)

    def recv_window_ms(self, speed: float) -> int:
        """Return recvWindow in exchange ms, long enough for `recv_window_s` of wall time.

        The venue takes at most 60000.
        """
        return min(60_000, max(1, int(self.recv_window_s * 1000 * speed)))

    @classmethod
    def production(
        cls, *, api_key: str = "", api_secret: str = "", proxy: str | None = None
    ) -> Self:
        """The real exchange."""
        return cls(
            rest_url="https://fapi.binance.com/fapi",
            stream_url="wss://fstream.binance.com",
            ws_api_url="wss://ws-fapi.binance.com/ws-fapi/v1",
            wallet_url="https://api.binance.com/sapi",
            api_key=api_key,
            api_secret=api_secret,
            proxy=proxy,
        )

    @classmethod
    def demo(cls, *, api_key: str = "", api_secret: str = "", proxy: str | None = None) -> Self:
        """The venue's demo trading, which replaced its testnet; keys come from demo.binance.com.

        It has no wallet API: `/sapi` answers 403 there (facts §7).
        """
        return cls(
            rest_url="https://demo-fapi.binance.com/fapi",
            stream_url="wss://demo-fstream.binance.com",
            ws_api_url="wss://testnet.binancefuture.com/ws-fapi/v1",
            api_key=api_key,
            api_secret=api_secret,
            proxy=proxy,
        )

    @classmethod
    def custom(
        cls, base: str, *, api_key: str = "", api_secret: str = "", allow_any_host: bool = False
    ) -> Self:
        """An exchange that serves all its protocols under one address, as the embedded one does.

        Args:
            base: e.g. `http://127.0.0.1:8090`.
            api_key: key of the account there.
            api_secret: its secret.
            allow_any_host: accept a host that is neither local nor the venue's.
        """
        parts = urlsplit(base.rstrip("/"))
        socket_scheme = {"http": "ws", "https": "wss"}.get(parts.scheme)
        if socket_scheme is None:
            raise ValueError(f"exchange address was {base!r}, must start with http:// or https://")
        socket = urlunsplit((socket_scheme, parts.netloc, parts.path, "", ""))
        return cls(
            rest_url=f"{base.rstrip('/')}/fapi",
            stream_url=socket,
            ws_api_url=f"{socket}/ws-fapi/v1",
            wallet_url=f"{base.rstrip('/')}/sapi",
            api_key=api_key,
            api_secret=api_secret,
            allow_any_host=allow_any_host,
        )
