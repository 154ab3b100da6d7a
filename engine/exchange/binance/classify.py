"""What a refused or failed request means: rejected, busy, unreachable or unknown.

Pure. The rows of the venue's error table are in facts/binance-futures.md §6; the law is
"only positive evidence rejects" (design/reliability.md §1).
"""

import re
from collections.abc import Mapping

import orjson

from engine.domain.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    VenueBusy,
    VenueError,
    VenueRejected,
    VenueUnreachable,
)
from engine.exchange.binance.parse import clip

# -1002 unauthorised, -1022 signature, -2014 key format, -2015 key/IP/permission, -2017 key locked.
CREDENTIAL_CODES = frozenset({-1002, -1022, -2014, -2015, -2017})
CLOCK_CODES = frozenset({-1021, -5028})
ALREADY_SET_CODES = frozenset({-4046, -4059, -4171})
DUPLICATE_ID = -4116
NO_SUCH_ORDER = -2013
NOTHING_TO_CANCEL = -2011
KEY_GONE = -1125

_UNKNOWN_CODES = frozenset({-1000, -1001, -1006, -1007})
_TOO_MANY_REQUESTS = -1003
_TOO_MANY_ORDERS = -1015
_OVERLOADED = -1008
_DEFINITE_503 = ("service unavailable.", "internal error; unable to process your request")
# Statuses by which a gateway says that the request was not passed on.
_NOT_PASSED_ON = frozenset({400, 404, 405, 411, 413, 414, 415, 431})
_BAN_UNTIL = re.compile(r"banned until (\d+)")
_BLOCKED_S = 60.0
_OVERLOAD_S = 1.0
_LIMIT_S = 10.0
_BAN_S = 120.0


class RateLimited(VenueBusy):
    """Weight limit, firewall or ban: every request from our address has to pause.

    Attributes:
        banned: the venue answered 418; anything sent before the end prolongs it.
    """

    def __init__(self, message: str, retry_after_s: float, *, banned: bool) -> None:
        super().__init__(message, retry_after_s)
        self.banned = banned


class TooManyOrders(VenueBusy):
    """The account's order limit is used up; reads and cancels go on."""


class DuplicateOrderId(OutcomeUnknown):
    """An order with our id exists already: an earlier attempt landed (facts §6, -4116)."""


def classify_reply(
    status: int,
    body: bytes | str,
    headers: Mapping[str, str] | None = None,
    *,
    effect: bool,
) -> VenueError:
    """Return the error that a reply without success stands for.

    Args:
        status: HTTP status, or the equal field of a WebSocket API reply.
        body: JSON error, or whatever a gateway wrote.
        headers: reply headers with lower-case names.
        effect: whether the request would have changed something; a read has no unknown outcome.
    """
    code, message = read_error(body)
    shown = message or clip(body, 120)
    retry_s = _retry_after(headers or {})
    if code == _TOO_MANY_ORDERS:
        return TooManyOrders(f"{code}: {shown}", retry_s or _LIMIT_S)
    if status in {418, 429} or code == _TOO_MANY_REQUESTS:
        banned = status == 418 or "banned" in shown
        pause_s = retry_s or (_BAN_S if banned else _LIMIT_S)
        return RateLimited(f"{status} {code}: {shown}", pause_s, banned=banned)
    if code == _OVERLOADED:
        return VenueBusy(f"{code}: {shown}", retry_s or _OVERLOAD_S)
    if status == 503 and message.lower().startswith(_DEFINITE_503):
        return VenueBusy(f"503: {shown}", retry_s or _OVERLOAD_S)
    if status == 451:
        return CredentialsRefused(451, "the venue does not serve this region (HTTP 451)")
    if status >= 500 or status == 408 or code in _UNKNOWN_CODES:
        return doubtful(f"{status} {code}: {shown}", effect=effect)
    return _refused(status, code, shown, effect=effect)


def _refused(status: int, code: int, shown: str, *, effect: bool) -> VenueError:
    if code in CREDENTIAL_CODES or (status == 401 and code == 0):
        return CredentialsRefused(code or status, shown)
    if code == DUPLICATE_ID and effect:
        return DuplicateOrderId(f"{code}: an order with this id exists already: {shown}")
    if code != 0:
        return VenueRejected(code, shown)
    if status == 403:
        text = f"403: blocked by the venue's firewall: {shown}"
        return RateLimited(text, _BLOCKED_S, banned=False)
    if 300 <= status < 400:
        return VenueUnreachable(f"{status}: redirected, and redirects are never followed")
    if status in _NOT_PASSED_ON:
        return VenueRejected(status, shown)
    return doubtful(f"{status}: {shown}", effect=effect)


def doubtful(message: str, *, effect: bool) -> VenueError:
    """Return `OutcomeUnknown` for a request with an effect, `VenueUnreachable` for a read."""
    return OutcomeUnknown(message) if effect else VenueUnreachable(message)


def read_error(body: bytes | str) -> tuple[int, str]:
    """Return code and text of an error body, (0, "") if it is not the venue's JSON."""
    try:
        parsed = orjson.loads(body)
        return int(parsed["code"]), str(parsed["msg"])
    except (ValueError, LookupError, TypeError):
        return 0, ""


def silence_s(error: RateLimited, now_ms: int, speed: float) -> float:
    """Return for how many wall seconds the venue wants silence.

    Args:
        error: its text may name the end of a ban.
        now_ms: the venue's time, exchange ms.
        speed: exchange seconds per wall second.
    """
    found = _BAN_UNTIL.search(str(error))
    left_ms = int(found[1]) - now_ms if found else 0
    return max(error.retry_after_s, left_ms / 1000 / speed)


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
