"""Tradable contracts and the only door between analysis floats and the venue's decimals."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum


class Rounding(StrEnum):
    """Direction in which a price is moved onto the tick grid."""

    DOWN = ROUND_FLOOR
    UP = ROUND_CEILING
    NEAREST = ROUND_HALF_EVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A USDⓈ-M contract with the venue's rules about our orders.

    Sizes are in base units, prices in quote (USDT). `delivery_ms` far in the future means
    that no delisting is announced (Binance writes 4133404800000).
    """

    symbol: str
    base_asset: str
    quote_asset: str
    margin_asset: str
    contract_type: str
    status: str
    tick_size: Decimal
    step_size: Decimal
    market_step_size: Decimal
    min_qty: Decimal
    max_qty: Decimal
    market_max_qty: Decimal
    min_notional: Decimal
    multiplier_up: Decimal
    multiplier_down: Decimal
    onboard_ms: int
    delivery_ms: int

    def quantize_price(self, price: float | Decimal, rounding: Rounding) -> Decimal:
        """Return `price` on the tick grid.

        Raises:
            ValueError: the price is not finite or not positive after rounding.
        """
        quantized = _on_grid(price, self.tick_size, rounding)
        if quantized <= 0:
            raise ValueError(
                f"{self.symbol}: price {price} is not positive on tick {self.tick_size}"
            )
        return quantized

    def quantize_qty(self, qty: float | Decimal) -> Decimal:
        """Return `qty` rounded down to the coarser of the limit and market steps; may be 0.

        Raises:
            ValueError: the quantity is not finite.
        """
        return _on_grid(qty, max(self.step_size, self.market_step_size), Rounding.DOWN)

    def smallest_qty(self, price: Decimal) -> Decimal:
        """Return the smallest order quantity the venue accepts at `price`."""
        step = max(self.step_size, self.market_step_size)
        by_notional = _on_grid(self.min_notional / price, step, Rounding.UP)
        return max(by_notional, _on_grid(self.min_qty, step, Rounding.UP))


def _on_grid(value: float | Decimal, grid: Decimal, rounding: Rounding) -> Decimal:
    # A float goes through its shortest text so that 0.35 means 0.35 and not 0.34999999999999998.
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(f"not a finite number: {value}")
    return (exact / grid).to_integral_value(rounding=rounding.value) * grid
