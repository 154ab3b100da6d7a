"""Contract rules for the time before the universe is known."""

from decimal import Decimal

from engine.domain.instrument import Instrument


def placeholder(symbol: str) -> Instrument:
    """Return rules that stand in until the universe is known: no grid, no limits.

    Quantities and prices of a restored trade are already on the grid, so this changes nothing.
    """
    fine, huge = Decimal("1e-12"), Decimal("1e12")
    return Instrument(
        symbol=symbol,
        base_asset="",
        quote_asset="USDT",
        margin_asset="USDT",
        contract_type="PERPETUAL",
        status="UNKNOWN",
        tick_size=fine,
        step_size=fine,
        market_step_size=fine,
        min_qty=Decimal(0),
        max_qty=huge,
        market_max_qty=huge,
        min_notional=Decimal(0),
        multiplier_up=Decimal(10),
        multiplier_down=Decimal(0),
        onboard_ms=0,
        delivery_ms=4_133_404_800_000,
    )
