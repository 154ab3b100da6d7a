"""Stream names and the three routes they belong to."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, unquote


class Route(Enum):
    """The categories of stream sockets; each delivers only its own streams."""

    PUBLIC = "public"
    MARKET = "market"
    PRIVATE = "private"


_PUBLIC: Final = re.compile(r"(.+@(bookTicker|rpiDepth.*|depth.*)|!bookTicker)")
_MARKET: Final = re.compile(
    r"(.+@(aggTrade|markPrice(@1s)?|kline_\w+|continuousKline_\w+|miniTicker|ticker|forceOrder|"
    r"compositeIndex|assetIndex)|!markPrice@arr(@1s)?|!miniTicker@arr|!ticker@arr|!forceOrder@arr|"
    r"!contractInfo|!assetIndex@arr|tradingSession)"
)


def route_of(name: str) -> Route | None:
    """Return the route that delivers a market stream; None for a name the venue does not know."""
    if _MARKET.fullmatch(name):
        return Route.MARKET
    if _PUBLIC.fullmatch(name):
        return Route.PUBLIC
    return None


def decode_name(text: str) -> str:
    """Return the stream name behind percent-encoding, as names outside ASCII arrive."""
    return unquote(text)


def names_in_path(tail: str) -> list[str]:
    """Return the stream names of a `/ws/<name>/<name>` path, given what follows `/ws`."""
    return [decode_name(part) for part in tail.strip("/").split("/") if part]


def names_in_query(query: str) -> list[str]:
    """Return the stream names of a `?streams=a/b` query."""
    names: list[str] = []
    for key, value in parse_qsl(query):
        if key == "streams":
            names.extend(part for part in value.split("/") if part)
    return names


def listen_keys_in_query(query: str) -> list[tuple[str, frozenset[str] | None]]:
    """Return each listenKey of a `/private` query with the events asked for; None is all of them.

    An `events` parameter belongs to the listenKey before it.
    """
    found: list[tuple[str, frozenset[str] | None]] = []
    for key, value in parse_qsl(query):
        if key == "listenKey":
            found.append((value, None))
        elif key == "events" and found:
            found[-1] = (found[-1][0], frozenset(part for part in value.split("/") if part))
    return found
