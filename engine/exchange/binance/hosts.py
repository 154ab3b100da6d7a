"""Which hosts we may talk to: keys never leave for a host that is not the venue's own."""

import ipaddress
from urllib.parse import urlsplit

_VENUE_DOMAINS = ("binance.com", "binancefuture.com")
_SIM_DOMAIN = "sim"
_ENCRYPTED = frozenset({"https", "wss"})
_PLAIN = frozenset({"http", "ws"})


def check_url(name: str, url: str, *, allow_any_host: bool = False) -> str:
    """Return `url` without a trailing slash if requests may be sent there.

    Allowed are the venue's domains, loopback and `*.sim` (the simulated network of tests).
    Encryption is required everywhere but on loopback and `*.sim`.

    Args:
        name: the setting's name, for the error text.
        url: what was given.
        allow_any_host: the operator vouches for the host (it must still be encrypted).

    Raises:
        ValueError: with what was given and what is allowed.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in _ENCRYPTED | _PLAIN or not host:
        raise ValueError(f"{name} was {url!r}, must be an https, wss, http or ws address")
    if parts.username or parts.password or parts.fragment:
        raise ValueError(f"{name} was {url!r}, must not hold a user name, password or fragment")
    if parts.scheme in _PLAIN and not is_local(host):
        raise ValueError(f"{name} was {url!r}, must be encrypted (https or wss) beyond loopback")
    if not (allow_any_host or is_local(host) or is_venue(host)):
        raise ValueError(
            f"{name} was {url!r}, must be on loopback, *.sim, or {' or '.join(_VENUE_DOMAINS)}"
        )
    return url.rstrip("/")


def is_venue(host: str) -> bool:
    """Return True for a host name of the venue itself."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in _VENUE_DOMAINS)


def is_local(host: str) -> bool:
    """Return True for loopback addresses, `localhost` and the simulated network."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(f".{_SIM_DOMAIN}"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
