"""HMAC signatures over exactly what is sent."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

Params = Mapping[str, str | int]


def query_text(params: Params) -> str:
    """Return the percent-encoded query of `params`, in order; names may be outside ASCII."""
    return "&".join(f"{name}={quote(str(value), safe='')}" for name, value in params.items())


def signed_query(params: Params, secret: str) -> str:
    """Return the query with its signature appended last, as REST wants it."""
    query = query_text(params)
    signature = _hmac(query, secret)
    return f"{query}&signature={signature}" if query else f"signature={signature}"


def ws_signature(params: Params, secret: str) -> str:
    """Return the signature of WebSocket API parameters: sorted by name, not percent-encoded."""
    return _hmac("&".join(f"{name}={params[name]}" for name in sorted(params)), secret)


def _hmac(message: str, secret: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
