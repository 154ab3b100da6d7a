"""Funding: the periodic payment between long and short positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.exchange.sim.money import money
from engine.exchange.sim.user_events import account_update

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.exchange.sim.account import Account, Position
    from engine.exchange.sim.world import World


def apply_funding(world: World, symbol: str, rate: Decimal, mark: Decimal, now_ms: int) -> None:
    """Charge every position of the symbol: longs pay quantity x mark x rate, shorts receive it.

    A cross position changes the wallet only; an isolated one pays out of its own margin, and its
    ACCOUNT_UPDATE carries the position too, as on the venue.
    """
    for account in world.accounts.values():
        for position in list(account.live_positions(symbol)):
            _charge(world, account, position, money(-position.qty * mark * rate), now_ms)


def _charge(
    world: World, account: Account, position: Position, amount: Decimal, now_ms: int
) -> None:
    if not amount:
        return
    isolated = account.settings_of(position.symbol).isolated
    if isolated:
        position.isolated_wallet += amount
    world.book_income(account, position.symbol, "FUNDING_FEE", amount, now_ms)
    event = account_update(
        world,
        account,
        "FUNDING_FEE",
        now_ms,
        positions=[position] if isolated else (),
        balance_change=amount,
        symbol=position.symbol,
    )
    world.send(account, event)
