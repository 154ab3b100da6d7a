"""What the gate looks at: gathered by the core, judged in `gate`, measured in `gate_figures`."""

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.signal import Policy
from engine.risk.breakers import BreakerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a book has open or promised: approved, pending, unknown and filled alike."""

    positions: int
    long_risk_ratio: float
    short_risk_ratio: float
    margin: Decimal
    equity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """Everything the rules look at, gathered by the core. Empty strings mean "nothing wrong".

    `not_ready`, `blind`, `not_tradable`, `busy` and `breakers` carry the reason in words;
    times are exchange milliseconds; `spread` and `last` are prices. `breaker_state` is behind
    `breakers`, None without a book; `min_notional` is the symbol's smallest order in USDT.
    """

    policy: Policy
    now_ms: int
    paused: str
    breakers: str
    not_ready: str
    blind: str
    stale_after_ms: int
    muted_until_ms: int
    not_tradable: str
    quote_volume_24h: float
    spread: float
    last: float
    busy: str
    cool_until_ms: int
    maintenance_ratio: float
    leverage: int
    first_live_pending: str
    approved_by_operator: bool
    exposure: Exposure | None
    breaker_state: BreakerState | None = None
    min_notional: Decimal = Decimal(0)
