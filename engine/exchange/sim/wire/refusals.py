"""The refusals of the gateway in front of the exchange: keys, clocks, limits, paths, parameters."""

from __future__ import annotations

from typing import Final

from engine.exchange.sim.errors import ApiError

_TEXTS: Final[dict[int, tuple[int, str]]] = {
    -1015: (429, "Too many new orders; current limit is {} orders per {}."),
    -1021: (400, "{}"),
    -1022: (400, "Signature for this request is not valid."),
    -1100: (
        400,
        "Illegal characters found in parameter '{}'; legal range is '{}'.",
    ),
    -1101: (400, "Duplicate values for parameter '{}'."),
    -1120: (400, "Invalid interval."),
    -1125: (400, "This listenKey does not exist."),
    -1131: (400, "recvWindow must be less than 60000."),
    -2014: (401, "API-key format invalid."),
    -2015: (401, "Invalid API-key, IP, or permissions for action, request ip: {}"),
    -4056: (401, "HMAC_SHA256 API key is not supported."),
    -5000: (404, "Path {}, Method {} is invalid"),
}
OUTSIDE_WINDOW: Final = "Timestamp for this request is outside of the recvWindow."
AHEAD_OF_SERVER: Final = "Timestamp for this request was 1000ms ahead of the server's time."


def gateway_refusal(code: int, *values: object) -> ApiError:
    """Build the refusal for a gateway code, its text filled with `values`."""
    status, text = _TEXTS[code]
    return ApiError(code, text.format(*values), status)


def too_many_requests(ip: str, limit: int) -> ApiError:
    """Build the 429 of a used-up request weight."""
    return ApiError(
        -1003,
        f"Too many requests; current limit of IP({ip}) is {limit} requests per minute. "
        "Please use the websocket for live updates to avoid polling the API.",
        429,
    )


def banned(ip: str, until_ms: int) -> ApiError:
    """Build the 418 of a banned address; `until_ms` is exchange time."""
    return ApiError(
        -1003,
        f"Way too many requests; IP({ip}) banned until {until_ms}. "
        "Please use the websocket for live updates to avoid bans.",
        418,
    )
