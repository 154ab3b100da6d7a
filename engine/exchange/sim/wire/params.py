"""Request parameters: raw query and form text to a mapping, and the exact text signed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from engine.exchange.sim.errors import refusal
from engine.exchange.sim.wire.refusals import gateway_refusal

Params = Mapping[str, str]

_SIGNATURE = re.compile(r"(?:^|&)signature=[^&]*")
_INTEGER = re.compile(r"-?[0-9]{1,20}")
AUTH_PARAMETERS = frozenset({"apiKey", "signature", "timestamp", "recvWindow"})


@dataclass(frozen=True, slots=True)
class SignedParams:
    """The parameters of one request, and what its signature must be over."""

    values: Params
    signed_text: str

    @property
    def business(self) -> dict[str, str]:
        """The parameters without those of authentication."""
        return {name: text for name, text in self.values.items() if name not in AUTH_PARAMETERS}


def parse_http(query: str, body: str) -> SignedParams:
    """Read the parameters of a REST request.

    Args:
        query: the query string exactly as received, without the question mark.
        body: the form body exactly as received.

    Returns:
        The parameters; the query's value wins over the body's. The signed text is query and body
        joined without a separator, both as received and without the signature.

    Raises:
        ApiError: -1101 for a name sent twice in one place.
    """
    values = _parse(body)
    values.update(_parse(query))
    return SignedParams(values, _SIGNATURE.sub("", query) + _SIGNATURE.sub("", body))


def parse_ws(params: Mapping[str, object]) -> SignedParams:
    """Read the parameters of a WS API frame; they are signed sorted by name and unencoded.

    Raises:
        ApiError: -1102 for a value that is neither text, number nor boolean.
    """
    values = {name: _scalar(name, value) for name, value in params.items() if value is not None}
    signed = "&".join(f"{name}={values[name]}" for name in sorted(values) if name != "signature")
    return SignedParams(values, signed)


def _parse(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in values:
            raise gateway_refusal(-1101, name)
        values[name] = value
    return values


def _scalar(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise refusal(-1102, name)


def required(params: Params, name: str) -> str:
    """Return a mandatory parameter.

    Raises:
        ApiError: -1102 when it is absent or empty.
    """
    value = params.get(name, "")
    if not value:
        raise refusal(-1102, name)
    return value


def integer(params: Params, name: str) -> int | None:
    """Return an integer parameter, None when it was not sent.

    Raises:
        ApiError: -1100 when it is not a whole number.
    """
    text = params.get(name)
    if text is None or not text:
        return None
    if not _INTEGER.fullmatch(text):
        raise gateway_refusal(-1100, name, "^[0-9]{1,20}$")
    return int(text)


def limit(params: Params, *, default: int, maximum: int) -> int:
    """Return the `limit` parameter.

    Raises:
        ApiError: -1130 when it is outside 1..maximum, -1100 when it is not a whole number.
    """
    value = integer(params, "limit")
    if value is None:
        return default
    if not 1 <= value <= maximum:
        raise refusal(-1130, "limit")
    return value
