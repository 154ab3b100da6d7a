"""What the desk answers before live mode: facts asked of the venue at that moment.

A fact that could not be had is `Unread` and says why; nothing here judges.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unread:
    """A fact that could not be had, and the reason in one sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReachFacts:
    """The venue answered. Wall seconds.

    Attributes:
        region_refused: it answered that it does not serve this machine's region (HTTP 451).
        behind_s: how far this machine's clock is behind the venue's, negative when ahead.
        trip_s: how long an answer takes; the clock is known to half of it.
    """

    region_refused: bool = False
    behind_s: float = 0.0
    trip_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What the API key may do, as the venue has it now."""

    trade: bool
    withdraw: bool
    transfer: bool
    universal_transfer: bool
    ip_restricted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """Settings of the whole account."""

    can_trade: bool
    hedge_mode: bool
    multi_assets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginFacts:
    """How many of the scanned symbols are isolated at the wanted leverage or below."""

    ready: int
    scanned: int
    leverage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFacts:
    """The way a stop takes: the service that keeps it, and how its confirmation reaches us.

    Attributes:
        resting: conditional orders the service told of just now.
        hears: the user data stream, which confirms a stop within moments, is up.
        fast: orders go over the WebSocket API; otherwise over REST, which is slower.
    """

    resting: int | Unread
    hears: bool
    fast: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightFacts:
    """Everything that is asked of the venue before live mode.

    Attributes:
        venue: `sim`, `binance` or `binance-demo`; decides what means anything.
        wallet: USDT balance without unrealised profit.
    """

    venue: str
    reach: ReachFacts | Unread
    key: KeyFacts | Unread
    account: AccountFacts | Unread
    wallet: Decimal | Unread
    margins: MarginFacts | Unread
    stops: StopFacts
