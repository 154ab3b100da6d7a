"""The embedded exchange: one object, one method per endpoint, no clock, no sockets, no randomness.

Every endpoint takes `(account, params, now_ms)`: the account's name, the request's parameters as
texts and the exchange time in ms. It returns the JSON-ready reply in the venue's shape or raises
`ApiError`. What the account's owner must hear besides is collected and handed out by
`drain_events`.

Within one step of the market the order of things is: conditional orders fire, resting orders fill,
then margins are checked, all at each price of the path. A stop and a liquidation reached by the
same price are therefore resolved in favour of the stop, as the contract price leads the mark price.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.exchange.sim.account_desk import AccountDesk
from engine.exchange.sim.algo_desk import AlgoDesk
from engine.exchange.sim.brackets import default_brackets
from engine.exchange.sim.execution import match_makers
from engine.exchange.sim.funding import apply_funding
from engine.exchange.sim.housekeeping import (
    DAY_MS,
    expire_good_till_date,
    forget_old,
    run_countdowns,
    settle_delistings,
)
from engine.exchange.sim.liquidation import check_account
from engine.exchange.sim.money import CENT
from engine.exchange.sim.order_desk import OrderDesk
from engine.exchange.sim.params import Params
from engine.exchange.sim.persistence import PackedRows, dump_world, load_world
from engine.exchange.sim.world import Behaviour, Fees, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.exchange.sim.brackets import Bracket
    from engine.exchange.sim.ledger import Ledger
    from engine.exchange.sim.rules import SymbolRules
    from engine.exchange.sim.tick import Tick

Reply = dict[str, Any]
Rows = list[dict[str, Any]]

RATE_LIMITS: Final[Rows] = [
    {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": 2400,
    },
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
]


class Exchange:
    """A whole futures exchange in memory: contracts, accounts, orders, margin, history."""

    def __init__(
        self,
        symbols: Sequence[SymbolRules],
        *,
        brackets: Mapping[str, Sequence[Bracket]] | None = None,
        fees: Fees | None = None,
        seed_balance: Decimal = Decimal(10_000),
        behaviour: Behaviour | None = None,
    ) -> None:
        """Open the exchange.

        Args:
            symbols: the contracts, in the order exchangeInfo lists them.
            brackets: leverage tables; a symbol without one gets its base asset's default.
            fees: commission ratios, VIP 0 when None.
            seed_balance: USDT every new account starts with.
            behaviour: what the venue leaves undocumented, defaults when None.
        """
        given = brackets or {}
        self._world = World(
            rules={rules.symbol: rules for rules in symbols},
            brackets={
                r.symbol: tuple(given.get(r.symbol) or default_brackets(r.base)) for r in symbols
            },
            fees=fees or Fees(),
            behaviour=behaviour or Behaviour(),
            seed_balance=seed_balance,
        )
        self._orders = OrderDesk(self._world)
        self._algos = AlgoDesk(self._world)
        self._accounts = AccountDesk(self._world)
        self._tidied_ms = 0
        self._packed = PackedRows()

    @property
    def ledger(self) -> Ledger:
        """The append-only history."""
        return self._world.ledger

    @property
    def world(self) -> World:
        """The state itself, for tests and tools; everyone else uses the endpoints."""
        return self._world

    # --- regular orders ---------------------------------------------------------------------------

    def place_order(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """POST /fapi/v1/order."""
        return self._orders.place(self._world.account(account), Params(params), now_ms)

    def cancel_order(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """DELETE /fapi/v1/order."""
        return self._orders.cancel(self._world.account(account), Params(params), now_ms)

    def query_order(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """GET /fapi/v1/order."""
        return self._orders.query(self._world.account(account), Params(params))

    def open_orders(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/openOrders."""
        return self._orders.list_open(self._world.account(account), Params(params))

    def cancel_all_orders(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """DELETE /fapi/v1/allOpenOrders."""
        return self._orders.cancel_all(self._world.account(account), Params(params), now_ms)

    def all_orders(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/allOrders."""
        return self._orders.list_all(self._world.account(account), Params(params), now_ms)

    # --- conditional orders -----------------------------------------------------------------------

    def place_algo(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """POST /fapi/v1/algoOrder."""
        return self._algos.place(self._world.account(account), Params(params), now_ms)

    def cancel_algo(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """DELETE /fapi/v1/algoOrder."""
        return self._algos.cancel(self._world.account(account), Params(params), now_ms)

    def query_algo(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """GET /fapi/v1/algoOrder."""
        return self._algos.query(self._world.account(account), Params(params))

    def open_algos(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/openAlgoOrders."""
        return self._algos.list_open(self._world.account(account), Params(params))

    def cancel_all_algos(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """DELETE /fapi/v1/algoOpenOrders."""
        return self._algos.cancel_all(self._world.account(account), Params(params), now_ms)

    def all_algos(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/allAlgoOrders."""
        return self._algos.list_all(self._world.account(account), Params(params), now_ms)

    # --- account ----------------------------------------------------------------------------------

    def user_trades(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/userTrades."""
        return self._accounts.user_trades(self._world.account(account), Params(params), now_ms)

    def income(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/income."""
        return self._accounts.income(self._world.account(account), Params(params), now_ms)

    def set_leverage(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """POST /fapi/v1/leverage."""
        return self._accounts.set_leverage(self._world.account(account), Params(params), now_ms)

    def set_margin_type(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """POST /fapi/v1/marginType."""
        return self._accounts.set_margin_type(self._world.account(account), Params(params))

    def get_position_mode(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """GET /fapi/v1/positionSide/dual."""
        return self._accounts.get_position_mode(self._world.account(account))

    def set_position_mode(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """POST /fapi/v1/positionSide/dual."""
        return self._accounts.set_position_mode(self._world.account(account), Params(params))

    def get_multi_assets(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """GET /fapi/v1/multiAssetsMargin."""
        return self._accounts.get_multi_assets(self._world.account(account))

    def set_multi_assets(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """POST /fapi/v1/multiAssetsMargin."""
        return self._accounts.set_multi_assets(self._world.account(account), Params(params), now_ms)

    def leverage_brackets(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/leverageBracket."""
        return self._accounts.leverage_brackets(Params(params))

    def commission_rate(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """GET /fapi/v1/commissionRate."""
        return self._accounts.commission_rate(Params(params))

    def account_v3(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """GET /fapi/v3/account."""
        return self._accounts.account_v3(self._world.account(account))

    def balance_v3(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v3/balance."""
        return self._accounts.balance_v3(self._world.account(account))

    def position_risk_v3(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v3/positionRisk."""
        return self._accounts.position_risk_v3(self._world.account(account), Params(params))

    def account_config(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """GET /fapi/v1/accountConfig."""
        return self._accounts.account_config(self._world.account(account))

    def symbol_config(self, account: str, params: Mapping[str, str], now_ms: int) -> Rows:
        """GET /fapi/v1/symbolConfig."""
        return self._accounts.symbol_config(self._world.account(account), Params(params))

    def countdown_cancel_all(self, account: str, params: Mapping[str, str], now_ms: int) -> Reply:
        """POST /fapi/v1/countdownCancelAll."""
        return self._accounts.countdown_cancel_all(
            self._world.account(account), Params(params), now_ms
        )

    # --- market and time --------------------------------------------------------------------------

    def exchange_info(self, now_ms: int) -> Reply:
        """GET /fapi/v1/exchangeInfo: all contracts, whatever was asked for."""
        return {
            "timezone": "UTC",
            "serverTime": now_ms,
            "futuresType": "U_MARGINED",
            "rateLimits": [dict(limit) for limit in RATE_LIMITS],
            "exchangeFilters": [],
            "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
            "symbols": [rules.exchange_info_row() for rules in self._world.rules.values()],
        }

    def symbols_of_interest(self) -> set[str]:
        """Return the symbols `on_tick` must report: those with orders, stops or positions."""
        found: set[str] = set()
        for account in self._world.accounts.values():
            found.update(order.symbol for order in account.open_orders.values())
            found.update(algo.symbol for algo in account.open_algos.values())
            found.update(position.symbol for position in account.live_positions())
        return found

    def quote(self, symbol: str, tick: Tick) -> None:
        """Store a quote, as is needed just before an order arrives; nothing is matched."""
        self._world.quotes[self._world.rules_of(symbol).symbol] = tick

    def on_tick(self, symbol: str, tick: Tick, now_ms: int) -> None:
        """Move a symbol along the tick's path: stops fire, makers fill, margins are checked."""
        previous = self._world.quotes.get(self._world.rules_of(symbol).symbol, tick)
        accounts = list(self._world.interested_accounts(symbol))
        for step in walk(previous, tick):
            self._world.quotes[symbol] = step
            for account in accounts:
                self._algos.trigger(account, symbol, now_ms)
                if tick.path:
                    match_makers(self._world, account, symbol, step.last, now_ms)
                check_account(self._world, account, symbol, now_ms)
        self._world.quotes[symbol] = tick

    def apply_funding(self, symbol: str, rate: Decimal, mark: Decimal, now_ms: int) -> None:
        """Charge one funding payment at the given rate (a ratio) and mark price."""
        apply_funding(self._world, self._world.rules_of(symbol).symbol, rate, mark, now_ms)

    def advance(self, now_ms: int) -> None:
        """Let time pass: delayed triggers, expiries, countdowns, delistings, forgetting."""
        for account in list(self._world.accounts.values()):
            self._algos.fire_due(account, now_ms)
        expire_good_till_date(self._world, now_ms)
        run_countdowns(self._world, self._orders, self._algos, now_ms)
        settle_delistings(self._world, now_ms)
        if now_ms - self._tidied_ms >= DAY_MS:
            self._tidied_ms = now_ms
            forget_old(self._world, now_ms)
            self._packed.clear()

    def reject_next_trigger(self, symbol: str | None, reason: str) -> None:
        """Arm a fault: the next conditional order that triggers is REJECTED with `reason`.

        With a symbol, the next one of that symbol. Armed faults are not part of the saved state.
        """
        self._algos.reject_next_trigger(symbol, reason)

    def drain_events(self) -> list[tuple[str, dict[str, Any]]]:
        """Hand out (account, event) in the order they arose, each once."""
        events, self._world.events = self._world.events, []
        return events

    # --- persistence ------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """Return the whole state, JSON-ready; repeated dumps pack only what is new."""
        return dump_world(self._world, self._packed)

    @classmethod
    def load(
        cls,
        state: Mapping[str, Any],
        symbols: Sequence[SymbolRules],
        *,
        brackets: Mapping[str, Sequence[Bracket]] | None = None,
        fees: Fees | None = None,
        behaviour: Behaviour | None = None,
    ) -> Exchange:
        """Open an exchange with a dumped state.

        Raises:
            StateError: the state has another format, is broken, or uses a symbol not among
                `symbols`.
        """
        exchange = cls(symbols, brackets=brackets, fees=fees, behaviour=behaviour)
        load_world(exchange._world, state)
        return exchange


def walk(previous: Tick, tick: Tick) -> Iterator[Tick]:
    """Yield the quote at each price of the tick's path, or the tick alone when nothing traded.

    The spread around the last price is that of the tick; the mark moves in equal steps from where
    it was.
    """
    steps = len(tick.path)
    if not steps:
        yield tick
        return
    below, above = tick.last - tick.bid, tick.ask - tick.last
    for number, last in enumerate(tick.path, start=1):
        moved = (tick.mark - previous.mark) * number / steps
        mark = tick.mark if number == steps else (previous.mark + moved).quantize(CENT)
        bid = last - below if last > below else last
        yield replace(tick, bid=bid, ask=last + above, last=last, mark=mark, path=())
