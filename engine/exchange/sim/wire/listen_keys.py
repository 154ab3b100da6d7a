"""Listen keys: one living key per account, gone an hour of wall time after it was last extended."""

from __future__ import annotations

import random
from dataclasses import dataclass

from engine.exchange.sim.wire.refusals import gateway_refusal

LIFE_S = 3_600.0
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LENGTH = 64


@dataclass(slots=True)
class _Living:
    key: str
    expires_at: float


class ListenKeys:
    """The keys of all accounts; times are wall seconds given by the caller."""

    def __init__(self, rng: random.Random, *, life_s: float = LIFE_S) -> None:
        """Draw key texts from `rng`."""
        self._rng = rng
        self._life_s = life_s
        self._by_account: dict[str, _Living] = {}
        self._account_of: dict[str, str] = {}

    def start(self, account: str, wall: float) -> str:
        """Return the account's key, extended if it lives, new otherwise."""
        living = self._by_account.get(account)
        if living is None or living.expires_at <= wall:
            self._forget(account)
            key = "".join(self._rng.choices(_ALPHABET, k=_LENGTH))
            living = self._by_account[account] = _Living(key, wall)
            self._account_of[key] = account
        living.expires_at = wall + self._life_s
        return living.key

    def extend(self, account: str, wall: float) -> str:
        """Extend the account's key and return it.

        Raises:
            ApiError: -1125 when the account has no living key.
        """
        living = self._by_account.get(account)
        if living is None or living.expires_at <= wall:
            raise gateway_refusal(-1125)
        living.expires_at = wall + self._life_s
        return living.key

    def close(self, account: str) -> str | None:
        """Forget the account's key and return it; None when there was none."""
        return self._forget(account)

    def account_of(self, key: str) -> str | None:
        """Return whose key this is; None for an unknown or dead one."""
        return self._account_of.get(key)

    def key_of(self, account: str) -> str | None:
        """Return the account's living key."""
        living = self._by_account.get(account)
        return living.key if living is not None else None

    def expire_due(self, wall: float) -> list[str]:
        """Forget and return the keys whose hour is over."""
        due = [name for name, living in self._by_account.items() if living.expires_at <= wall]
        return [key for name in due if (key := self._forget(name)) is not None]

    def _forget(self, account: str) -> str | None:
        living = self._by_account.pop(account, None)
        if living is None:
            return None
        del self._account_of[living.key]
        return living.key
