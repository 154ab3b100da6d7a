"""Client order ids, deterministic: a restart knows its own orders even without a database."""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from engine.domain.order import Purpose

PREFIX = "smc"
_DIGEST_CHARS = 14
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class ClientIdParts:
    """What a client order id of ours says about its order."""

    epoch: int
    purpose: Purpose
    digest: str
    attempt: int


@lru_cache(maxsize=4096)
def trade_digest(trade_key: str) -> str:
    """Return the part of the id that names the round trip: 14 base32 characters of SHA-256."""
    raw = hashlib.sha256(trade_key.encode()).digest()
    return base64.b32encode(raw).decode().lower()[:_DIGEST_CHARS]


def client_order_id(epoch: int, purpose: Purpose, trade_key: str, attempt: int) -> str:
    """Return `smc<epoch36>-<purpose>-<digest>-<attempt>`, at most 36 characters.

    Raises:
        ValueError: epoch or attempt are negative or do not fit.
    """
    if epoch < 0 or attempt < 0:
        raise ValueError(f"epoch {epoch} and attempt {attempt} must not be negative")
    text = f"{PREFIX}{_base36(epoch)}-{purpose.value}-{trade_digest(trade_key)}-{_base36(attempt)}"
    if len(text) > 36:
        raise ValueError(f"client order id {text} is longer than 36 characters")
    return text


@lru_cache(maxsize=4096)
def parse_client_order_id(client_id: str) -> ClientIdParts | None:
    """Return the parts of an id of ours, or None for a foreign one."""
    pieces = client_id.split("-")
    if len(pieces) != 4 or not pieces[0].startswith(PREFIX) or len(pieces[2]) != _DIGEST_CHARS:
        return None
    try:
        return ClientIdParts(
            epoch=int(pieces[0].removeprefix(PREFIX), 36),
            purpose=Purpose(pieces[1]),
            digest=pieces[2],
            attempt=int(pieces[3], 36),
        )
    except ValueError:
        return None


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, rest = divmod(number, 36)
        digits = _ALPHABET[rest] + digits
    return digits
