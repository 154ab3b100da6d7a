"""Replies about balances, positions and settings in the venue's v3 shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.exchange.sim.brackets import max_notional
from engine.exchange.sim.margin import (
    available_balance,
    cross_positions,
    exposure_of,
    liquidation_price,
    open_order_margin,
    order_margin,
    position_maintenance,
    position_margin,
    unrealised,
)
from engine.exchange.sim.money import ZERO, fixed, plain

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.exchange.sim.account import Account, Position
    from engine.exchange.sim.world import World

ASSET = "USDT"


def _eight(value: Decimal) -> str:
    return fixed(value, 8)


def shown_positions(account: Account, symbol: str | None = None) -> list[Position]:
    """Return the positions v3 lists, by symbol and side: live ones and those with open orders."""
    keys = {(p.symbol, p.side) for p in account.live_positions(symbol)}
    keys |= {(o.symbol, o.position_side) for o in account.open_orders_of(symbol)}
    return [account.position(*key) for key in sorted(keys)]


def position_row(world: World, account: Account, position: Position) -> dict[str, Any]:
    """Return one row of positionRisk v3."""
    rules = world.rules[position.symbol]
    mark = world.mark_of(position.symbol)
    profit = position.unrealised(mark)
    digits = max(5, rules.price_precision)
    exposure = exposure_of(world, account, position.symbol, position.side)
    bound = position_margin(world, account, position)
    waiting = order_margin(world, account, position.symbol, position.side)
    isolated = account.settings_of(position.symbol).isolated
    return {
        "symbol": position.symbol,
        "positionSide": position.side,
        "positionAmt": fixed(position.qty, rules.qty_precision),
        "entryPrice": fixed(position.entry_price, digits),
        "breakEvenPrice": fixed(position.break_even_price, digits),
        "markPrice": _eight(mark),
        "unRealizedProfit": _eight(profit),
        "liquidationPrice": plain(round(liquidation_price(world, account, position), digits)),
        "isolatedMargin": _eight(position.isolated_wallet + profit) if isolated else "0",
        "notional": _eight(position.qty * mark),
        "marginAsset": rules.margin_asset,
        "isolatedWallet": _eight(position.isolated_wallet) if isolated else "0",
        "initialMargin": _eight(bound + waiting),
        "maintMargin": _eight(position_maintenance(world, position)),
        "positionInitialMargin": _eight(bound),
        "openOrderInitialMargin": _eight(waiting),
        "adl": 0,
        "bidNotional": plain(exposure.bid),
        "askNotional": plain(exposure.ask),
        "updateTime": position.updated_ms,
    }


def _account_position_row(world: World, account: Account, position: Position) -> dict[str, Any]:
    row = position_row(world, account, position)
    return {
        "symbol": row["symbol"],
        "positionSide": row["positionSide"],
        "positionAmt": row["positionAmt"],
        "unrealizedProfit": row["unRealizedProfit"],
        "isolatedMargin": row["isolatedMargin"],
        "notional": row["notional"],
        "isolatedWallet": row["isolatedWallet"],
        "initialMargin": row["initialMargin"],
        "maintMargin": row["maintMargin"],
        "updateTime": row["updateTime"],
    }


def account_reply(world: World, account: Account) -> dict[str, Any]:
    """Return v3/account: totals, the one asset and the positions in use."""
    live = list(account.live_positions())
    profit = unrealised(world, live)
    cross_profit = unrealised(world, cross_positions(account))
    bound = sum((position_margin(world, account, p) for p in live), ZERO)
    waiting = open_order_margin(world, account)
    maintenance = sum((position_maintenance(world, p) for p in live), ZERO)
    free = _eight(available_balance(world, account))
    common = {
        "InitialMargin": _eight(bound + waiting),
        "MaintMargin": _eight(maintenance),
        "WalletBalance": _eight(account.wallet),
        "UnrealizedProfit": _eight(profit),
        "MarginBalance": _eight(account.wallet + profit),
        "PositionInitialMargin": _eight(bound),
        "OpenOrderInitialMargin": _eight(waiting),
        "CrossWalletBalance": _eight(account.cross_wallet),
        "CrossUnPnl": _eight(cross_profit),
    }
    shared = {"availableBalance": free, "maxWithdrawAmount": _withdrawable(world, account)}
    asset = {name[0].lower() + name[1:]: value for name, value in common.items()}
    return {
        **{f"total{name}": value for name, value in common.items()},
        **shared,
        "assets": [{"asset": ASSET, **asset, **shared, "updateTime": last_update(account)}],
        "positions": [_account_position_row(world, account, p) for p in shown_positions(account)],
    }


def _withdrawable(world: World, account: Account) -> str:
    return _eight(max(ZERO, min(available_balance(world, account), account.cross_wallet)))


def last_update(account: Account) -> int:
    """Return when the wallet last changed, zero when never."""
    return account.incomes[-1].at_ms if account.incomes else 0


def balance_rows(world: World, account: Account) -> list[dict[str, Any]]:
    """Return v3/balance."""
    return [
        {
            "accountAlias": "SimA",
            "asset": ASSET,
            "balance": _eight(account.wallet),
            "crossWalletBalance": _eight(account.cross_wallet),
            "crossUnPnl": _eight(unrealised(world, cross_positions(account))),
            "availableBalance": _eight(available_balance(world, account)),
            "maxWithdrawAmount": _withdrawable(world, account),
            "marginAvailable": True,
            "updateTime": last_update(account),
        }
    ]


def symbol_config_row(world: World, account: Account, symbol: str) -> dict[str, Any]:
    """Return one row of symbolConfig."""
    settings = account.settings_of(symbol)
    return {
        "symbol": symbol,
        "marginType": settings.margin_type,
        "isAutoAddMargin": False,
        "leverage": settings.leverage,
        "maxNotionalValue": plain(max_notional(world.brackets[symbol], settings.leverage)),
    }


def account_config(account: Account) -> dict[str, Any]:
    """Return accountConfig."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "dualSidePosition": account.dual_side,
        "updateTime": 0,
        "multiAssetsMargin": account.multi_assets,
        "tradeGroupId": -1,
    }
