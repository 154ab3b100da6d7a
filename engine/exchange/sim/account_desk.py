"""Settings, balances, positions and account history: every endpoint that is not about one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.exchange.sim.account_replies import (
    account_config,
    account_reply,
    balance_rows,
    position_row,
    shown_positions,
    symbol_config_row,
)
from engine.exchange.sim.brackets import max_leverage, max_notional
from engine.exchange.sim.errors import refusal
from engine.exchange.sim.margin import available_balance, exposure_of
from engine.exchange.sim.money import ZERO, plain
from engine.exchange.sim.replies import income_row, trade_row
from engine.exchange.sim.user_events import leverage_update, multi_assets_update

if TYPE_CHECKING:
    from engine.exchange.sim.account import Account
    from engine.exchange.sim.params import Params
    from engine.exchange.sim.world import World

SUCCESS = {"code": 200, "msg": "success"}
HISTORY_DAYS = 7


class AccountDesk:
    """Answers for one account at a time; symbols are checked with -1121."""

    def __init__(self, world: World) -> None:
        """Work on the given state."""
        self._world = world

    def set_leverage(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """POST leverage.

        Refused with -4028 out of range, -4161 when lowered under an isolated position, -2027 when
        the position is too large for it, -2028 when margin is short.
        """
        symbol = self._world.rules_of(params.text("symbol")).symbol
        leverage = params.integer("leverage")
        brackets = self._world.brackets[symbol]
        if not 1 <= leverage <= max_leverage(brackets):
            raise refusal(-4028, leverage)
        self._check_leverage(account, symbol, leverage)
        account.settings_of(symbol).leverage = leverage
        self._world.send(account, leverage_update(symbol, leverage, now_ms))
        cap = plain(max_notional(brackets, leverage))
        return {"leverage": leverage, "maxNotionalValue": cap, "symbol": symbol}

    def _check_leverage(self, account: Account, symbol: str, leverage: int) -> None:
        settings = account.settings_of(symbol)
        held = any(True for _ in account.live_positions(symbol))
        if settings.isolated and held and leverage < settings.leverage:
            raise refusal(-4161)
        sides = ("LONG", "SHORT") if account.dual_side else ("BOTH",)
        exposures = [exposure_of(self._world, account, symbol, side) for side in sides]
        worst = sum((exposure.worst for exposure in exposures), ZERO)
        if worst > max_notional(self._world.brackets[symbol], leverage):
            raise refusal(-2027)
        added = worst / leverage - worst / settings.leverage
        if added > available_balance(self._world, account):
            raise refusal(-2028)

    def set_margin_type(self, account: Account, params: Params) -> dict[str, Any]:
        """POST marginType.

        Refused with -4046 unchanged, -4047 open orders, -4048 position, -4168 multi-assets mode.
        """
        symbol = self._world.rules_of(params.text("symbol")).symbol
        params.text("marginType")
        wanted = params.choice("marginType", ("ISOLATED", "CROSSED"), "")
        settings = account.settings_of(symbol)
        if settings.margin_type == wanted:
            raise refusal(-4046)
        if account.multi_assets and wanted == "ISOLATED":
            raise refusal(-4168)
        if account.open_orders_of(symbol) or account.open_algos_of(symbol):
            raise refusal(-4047)
        if any(True for _ in account.live_positions(symbol)):
            raise refusal(-4048)
        settings.margin_type = wanted
        return dict(SUCCESS)

    def get_position_mode(self, account: Account) -> dict[str, Any]:
        """GET positionSide/dual."""
        return {"dualSidePosition": account.dual_side}

    def set_position_mode(self, account: Account, params: Params) -> dict[str, Any]:
        """POST positionSide/dual: -4059 unchanged, -4067 open orders, -4068 position."""
        params.text("dualSidePosition")
        wanted = params.flag("dualSidePosition")
        if wanted == account.dual_side:
            raise refusal(-4059)
        if account.open_orders or account.open_algos:
            raise refusal(-4067)
        if any(True for _ in account.live_positions()):
            raise refusal(-4068)
        account.dual_side = wanted
        return dict(SUCCESS)

    def get_multi_assets(self, account: Account) -> dict[str, Any]:
        """GET multiAssetsMargin."""
        return {"multiAssetsMargin": account.multi_assets}

    def set_multi_assets(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """POST multiAssetsMargin: -4171 unchanged, -4167 an isolated symbol, -4170 open orders.

        There is one asset here, so the mode changes nothing but what it forbids.
        """
        params.text("multiAssetsMargin")
        wanted = params.flag("multiAssetsMargin")
        if wanted == account.multi_assets:
            raise refusal(-4171)
        if wanted and any(s.isolated for s in account.settings.values()):
            raise refusal(-4167)
        if account.open_orders:
            raise refusal(-4170)
        account.multi_assets = wanted
        self._world.send(account, multi_assets_update(enabled=wanted, now_ms=now_ms))
        return dict(SUCCESS)

    def leverage_brackets(self, params: Params) -> list[dict[str, Any]]:
        """GET leverageBracket of one symbol or of all."""
        return [
            {"symbol": s, "brackets": [b.row() for b in self._world.brackets[s]]}
            for s in self._symbols(params)
        ]

    def commission_rate(self, params: Params) -> dict[str, Any]:
        """GET commissionRate of one symbol."""
        rules = self._world.rules_of(params.text("symbol"))
        return {
            "symbol": rules.symbol,
            "makerCommissionRate": plain(self._world.fees.maker),
            "takerCommissionRate": plain(self._world.fees.taker),
            "rpiCommissionRate": "0.00005",
        }

    def account_v3(self, account: Account) -> dict[str, Any]:
        """GET v3/account."""
        return account_reply(self._world, account)

    def balance_v3(self, account: Account) -> list[dict[str, Any]]:
        """GET v3/balance."""
        return balance_rows(self._world, account)

    def position_risk_v3(self, account: Account, params: Params) -> list[dict[str, Any]]:
        """GET v3/positionRisk: only symbols with a position or open orders."""
        symbol = params.optional("symbol")
        if symbol is not None:
            self._world.rules_of(symbol)
        rows = shown_positions(account, symbol)
        return [position_row(self._world, account, position) for position in rows]

    def account_config(self, account: Account) -> dict[str, Any]:
        """GET accountConfig."""
        return account_config(account)

    def symbol_config(self, account: Account, params: Params) -> list[dict[str, Any]]:
        """GET symbolConfig of one symbol or of all."""
        symbols = self._symbols(params)
        return [symbol_config_row(self._world, account, symbol) for symbol in symbols]

    def _symbols(self, params: Params) -> list[str]:
        symbol = params.optional("symbol")
        return list(self._world.rules) if symbol is None else [self._world.rules_of(symbol).symbol]

    def user_trades(self, account: Account, params: Params, now_ms: int) -> list[dict[str, Any]]:
        """GET userTrades of one symbol: seven days at most, one order, or from an id on."""
        rules = self._world.rules_of(params.text("symbol"))
        order_id, first = params.optional_integer("orderId"), params.optional_integer("fromId")
        start, end = params.window(now_ms, HISTORY_DAYS)
        rows = [t for t in account.trades if t.symbol == rules.symbol]
        if order_id is not None:
            rows = [t for t in rows if t.order_id == order_id]
        elif first is not None:
            rows = [t for t in rows if t.trade_id >= first]
        else:
            rows = [t for t in rows if start <= t.at_ms <= end]
        limit = params.limit(500, 1000)
        forward = first is not None or params.has("startTime")
        return [trade_row(rules, trade) for trade in (rows[:limit] if forward else rows[-limit:])]

    def income(self, account: Account, params: Params, now_ms: int) -> list[dict[str, Any]]:
        """GET income, oldest first: the last seven days unless a window is given."""
        symbol, kind = params.optional("symbol"), params.optional("incomeType")
        start, end = params.window(now_ms, HISTORY_DAYS)
        limit, page = params.limit(100, 1000), params.optional_integer("page") or 1
        rows = [
            row
            for row in account.incomes
            if symbol in {None, row.symbol}
            and kind in {None, row.income_type}
            and start <= row.at_ms <= end
        ]
        if not params.has("startTime") and not params.has("page"):
            return [income_row(row) for row in rows[-limit:]]
        return [income_row(row) for row in rows[(page - 1) * limit : page * limit]]

    def countdown_cancel_all(self, account: Account, params: Params, now_ms: int) -> dict[str, Any]:
        """POST countdownCancelAll: arm, renew, or disarm with 0; the time is echoed as text."""
        symbol = self._world.rules_of(params.text("symbol")).symbol
        countdown = params.integer("countdownTime")
        if countdown:
            account.countdowns[symbol] = now_ms + countdown
        else:
            account.countdowns.pop(symbol, None)
        return {"symbol": symbol, "countdownTime": str(countdown)}
