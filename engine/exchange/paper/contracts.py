"""The contracts a paper account has used, kept with its state.

The scanned universe changes from start to start; what the account holds must stay readable.
"""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from engine.domain.instrument import Instrument
from engine.exchange.sim.world import World

KEPT = "instruments"
"""Key under which the contracts stand in the saved state."""


def symbols_used(world: World) -> set[str]:
    """Return every symbol with a position or an order the exchange still remembers."""
    used: set[str] = set()
    for account in world.accounts.values():
        used |= {position.symbol for position in account.live_positions()}
        used |= {order.symbol for order in account.orders.values()}
        used |= {algo.symbol for algo in account.algos.values()}
    return used


def pack(instrument: Instrument) -> dict[str, str | int]:
    """Return a contract JSON-ready, its decimals as texts."""
    values = {field.name: getattr(instrument, field.name) for field in fields(instrument)}
    return {name: str(v) if isinstance(v, Decimal) else v for name, v in values.items()}


def unpack(row: Mapping[str, Any]) -> Instrument:
    """Return what `pack` made a row of.

    Raises:
        KeyError, TypeError, ArithmeticError: the row is none of ours.
    """
    values: dict[str, Any] = {
        field.name: Decimal(row[field.name]) if field.type is Decimal else row[field.name]
        for field in fields(Instrument)
    }
    return Instrument(**values)


def kept(state: Mapping[str, Any] | None) -> dict[str, Instrument]:
    """Return the contracts of a saved state by symbol; an unreadable one has none."""
    try:
        instruments = [unpack(row) for row in (state or {}).get(KEPT, ())]
    except (KeyError, TypeError, ArithmeticError):
        return {}
    return {instrument.symbol: instrument for instrument in instruments}


def forget_ended(world: World, before_ms: int) -> None:
    """Drop ended orders, executions and bookings older than that.

    The journal keeps them for good; here they would make every save of the state longer.
    """
    for account in world.accounts.values():
        for number, order in list(account.orders.items()):
            if not order.is_open and order.updated_ms < before_ms:
                del account.orders[number]
        for number, algo in list(account.algos.items()):
            if algo.has_ended and algo.updated_ms < before_ms:
                del account.algos[number]
        account.trades[:] = [trade for trade in account.trades if trade.at_ms >= before_ms]
        account.incomes[:] = [income for income in account.incomes if income.at_ms >= before_ms]
