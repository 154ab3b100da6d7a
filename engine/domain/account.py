"""What a venue says about our account."""

from dataclasses import dataclass
from decimal import Decimal

from engine.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """An open position as the venue reports it; `qty` is signed, `leverage` 0 if not told."""

    symbol: str
    qty: Decimal
    entry_price: Decimal
    mark_price: Decimal = Decimal(0)
    liquidation_price: Decimal = Decimal(0)
    leverage: int = 0
    isolated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSnapshot:
    """The venue's whole truth about the account at one moment.

    `wallet` is the USDT balance without unrealised profit. `orders` are resting ordinary orders,
    `conditionals` the resting orders of the conditional service: two families, both are needed.
    """

    taken_ms: int
    wallet: Decimal
    positions: tuple[VenuePosition, ...]
    orders: tuple[Order, ...]
    conditionals: tuple[Order, ...]
    hedge_mode: bool = False
    can_trade: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSetup:
    """Margin settings of one symbol at the venue, read back after being set."""

    symbol: str
    leverage: int
    isolated: bool
    max_leverage: int
    maintenance_ratio: Decimal
    taker_fee: Decimal
    maker_fee: Decimal
