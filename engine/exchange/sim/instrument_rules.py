"""From the engine's instrument to the embedded exchange's contract: one translation for all."""

from decimal import Decimal
from typing import Final

from engine.domain.instrument import Instrument
from engine.exchange.sim.rules import SymbolRules

_UNBOUNDED_PRICE: Final = Decimal(10) ** 12
"""An instrument does not carry the venue's highest price; no order of ours comes near it."""


def rules_of(instrument: Instrument) -> SymbolRules:
    """Return the contract as the embedded exchange knows it."""
    return SymbolRules(
        symbol=instrument.symbol,
        base=instrument.base_asset,
        tick_size=instrument.tick_size,
        step_size=instrument.step_size,
        market_step=instrument.market_step_size,
        min_qty=instrument.min_qty,
        max_qty=instrument.max_qty,
        market_max_qty=instrument.market_max_qty,
        min_notional=instrument.min_notional,
        multiplier_up=instrument.multiplier_up,
        multiplier_down=instrument.multiplier_down,
        max_price=_UNBOUNDED_PRICE,
        onboard_ms=instrument.onboard_ms,
        delivery_ms=instrument.delivery_ms,
        status=instrument.status,
    )
