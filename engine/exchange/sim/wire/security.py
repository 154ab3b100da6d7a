"""Who sends a request: API keys, signatures, timestamps and recvWindow."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.errors import refusal
from engine.exchange.sim.wire.params import Params, SignedParams, integer
from engine.exchange.sim.wire.refusals import AHEAD_OF_SERVER, OUTSIDE_WINDOW, gateway_refusal

DEFAULT_RECV_WINDOW_MS = 5_000
LONGEST_RECV_WINDOW_MS = 60_000
AHEAD_ALLOWED_MS = 1_000


class Security(Enum):
    """What a request must prove."""

    NONE = "none"
    API_KEY = "api key"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One HMAC key pair: the account it opens and the secret its requests are signed with."""

    account: str
    secret: str = field(repr=False)


class Guard:
    """Checks a request against the known keys and the clock."""

    def __init__(self, keys: Mapping[str, ApiKey], clock: SimClock) -> None:
        """Know `keys` by API key text."""
        self._keys = keys
        self._clock = clock

    def check(
        self, security: Security, api_key: str | None, params: SignedParams, ip: str
    ) -> str | None:
        """Return the account a request acts for; None for a public request.

        Raises:
            ApiError: -2014 no key, -2015 unknown key, -1102 no timestamp or signature, -1131
                recvWindow too large, -1021 outside the window, -1022 wrong signature.
        """
        if security is Security.NONE:
            return None
        key = self._known(api_key, ip)
        if security is Security.SIGNED:
            self._check_window(params.values)
            self._check_signature(key, params)
        return key.account

    def _known(self, api_key: str | None, ip: str) -> ApiKey:
        if not api_key:
            raise gateway_refusal(-2014)
        key = self._keys.get(api_key)
        if key is None:
            raise gateway_refusal(-2015, ip)
        return key

    def _check_window(self, params: Params) -> None:
        timestamp = integer(params, "timestamp")
        if timestamp is None:
            raise refusal(-1102, "timestamp")
        window = integer(params, "recvWindow")
        if window is None:
            window = DEFAULT_RECV_WINDOW_MS
        if window > LONGEST_RECV_WINDOW_MS:
            raise gateway_refusal(-1131)
        # Timestamps are exchange time, the window is wall time: both bounds scale with the clock's
        # speed.
        age_wall_ms = (self._clock.now_ms() - timestamp) / self._clock.speed
        if age_wall_ms <= -AHEAD_ALLOWED_MS:
            raise gateway_refusal(-1021, AHEAD_OF_SERVER)
        if age_wall_ms > window:
            raise gateway_refusal(-1021, OUTSIDE_WINDOW)

    @staticmethod
    def _check_signature(key: ApiKey, params: SignedParams) -> None:
        given = params.values.get("signature", "")
        if not given:
            raise refusal(-1102, "signature")
        expected = sign(key.secret, params.signed_text)
        if not hmac.compare_digest(expected.encode(), given.lower().encode()):
            raise gateway_refusal(-1022)


def sign(secret: str, text: str) -> str:
    """Return the HMAC-SHA256 of `text` in hex, the signature of the venue's HMAC keys."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
