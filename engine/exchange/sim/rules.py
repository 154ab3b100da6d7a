"""What the exchange publishes about one contract: precision, size limits and protections."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

PERPETUAL_DELIVERY_MS: Final = 4_133_404_800_000
"""`deliveryDate` of a contract without an announced end, as the venue writes it."""

ORDER_TYPES: Final = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)
TIMES_IN_FORCE: Final = ("GTC", "IOC", "FOK", "GTX", "GTD")


@dataclass(frozen=True, slots=True)
class SymbolRules:
    """One contract's row of exchangeInfo.

    Prices and quantities are Decimal in quote and base units. `market_take_bound`,
    `trigger_protect` and `liquidation_fee` are ratios (0.05 is 5 %). `price_precision` and
    `qty_precision` are digits after the point and need not agree with `tick_size` and `step_size`,
    as on the venue.
    """

    symbol: str
    base: str
    tick_size: Decimal
    step_size: Decimal
    market_step: Decimal
    min_qty: Decimal
    max_qty: Decimal
    market_max_qty: Decimal
    min_notional: Decimal = Decimal(5)
    min_price: Decimal = Decimal(0)
    max_price: Decimal = Decimal(1_000_000)
    multiplier_up: Decimal = Decimal("1.0500")
    multiplier_down: Decimal = Decimal("0.9500")
    price_precision: int = 8
    qty_precision: int = 8
    onboard_ms: int = 1_567_965_300_000
    delivery_ms: int = PERPETUAL_DELIVERY_MS
    status: str = "TRADING"
    contract_type: str = "PERPETUAL"
    quote: str = "USDT"
    margin_asset: str = "USDT"
    underlying_type: str = "COIN"
    underlying_sub_types: tuple[str, ...] = ()
    trigger_protect: Decimal = Decimal("0.0500")
    liquidation_fee: Decimal = Decimal("0.012500")
    market_take_bound: Decimal = Decimal("0.05")
    max_num_orders: int = 200

    @property
    def pair(self) -> str:
        """The contract's pair: its symbol without a delivery suffix such as `_260327`."""
        return self.symbol.split("_", maxsplit=1)[0]

    def exchange_info_row(self) -> dict[str, Any]:
        """Return the row as the exchangeInfo endpoint writes it, JSON-ready."""
        return {
            "symbol": self.symbol,
            "pair": self.pair,
            "contractType": self.contract_type,
            "deliveryDate": self.delivery_ms,
            "onboardDate": self.onboard_ms,
            "status": self.status,
            "maintMarginPercent": "2.5000",
            "requiredMarginPercent": "5.0000",
            "baseAsset": self.base,
            "quoteAsset": self.quote,
            "marginAsset": self.margin_asset,
            "pricePrecision": self.price_precision,
            "quantityPrecision": self.qty_precision,
            "baseAssetPrecision": 8,
            "quotePrecision": 8,
            "underlyingType": self.underlying_type,
            "underlyingSubType": list(self.underlying_sub_types),
            "triggerProtect": f"{self.trigger_protect:f}",
            "liquidationFee": f"{self.liquidation_fee:f}",
            "marketTakeBound": f"{self.market_take_bound:f}",
            "maxMoveOrderLimit": 10000,
            "filters": self._filters(),
            "orderTypes": list(ORDER_TYPES),
            "timeInForce": list(TIMES_IN_FORCE),
            "permissionSets": ["GRID", "COPY", "DCA", "PSB"],
        }

    def _filters(self) -> list[dict[str, Any]]:
        return [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": f"{self.min_price:f}",
                "maxPrice": f"{self.max_price:f}",
                "tickSize": f"{self.tick_size:f}",
            },
            _lot_filter("LOT_SIZE", self.min_qty, self.max_qty, self.step_size),
            _lot_filter("MARKET_LOT_SIZE", self.min_qty, self.market_max_qty, self.market_step),
            {"filterType": "MAX_NUM_ORDERS", "limit": self.max_num_orders},
            {"filterType": "MIN_NOTIONAL", "notional": f"{self.min_notional:f}"},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": f"{self.multiplier_up:f}",
                "multiplierDown": f"{self.multiplier_down:f}",
                "multiplierDecimal": "4",
            },
            {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
        ]


def _lot_filter(name: str, minimum: Decimal, maximum: Decimal, step: Decimal) -> dict[str, str]:
    return {
        "filterType": name,
        "minQty": f"{minimum:f}",
        "maxQty": f"{maximum:f}",
        "stepSize": f"{step:f}",
    }
