"""Every operation the wire can ask for, by name: exchange, market and the gateway's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.market import Market
from engine.exchange.sim.wire.limits import RateLimiter
from engine.exchange.sim.wire.listen_keys import ListenKeys
from engine.exchange.sim.wire.market_data import MarketData
from engine.exchange.sim.wire.params import Params
from engine.exchange.sim.wire.user_stream import UserStreams

PublicOperation = Callable[[Params, int], object]
AccountOperation = Callable[[str, Params, int], object]


def public_operations(exchange: Exchange, market: Market) -> Mapping[str, PublicOperation]:
    """Return the operations that need no account, as (parameters, exchange time) -> JSON."""
    data = MarketData(market)
    return {
        "ping": lambda _, __: {},
        "time": lambda _, now_ms: {"serverTime": now_ms},
        "exchange_info": lambda _, now_ms: exchange.exchange_info(now_ms),
        "klines": data.klines,
        "premium_index": data.premium_index,
        "ticker_24h": data.ticker_24h,
        "ticker_price": data.ticker_price,
        "book_ticker": data.book_ticker,
        "funding_rate": data.funding_rate,
        "funding_info": data.funding_info,
    }


def account_operations(exchange: Exchange) -> Mapping[str, AccountOperation]:
    """Return the operations on an account, as (account, parameters, exchange time) -> JSON."""
    return {
        "place_order": exchange.place_order,
        "cancel_order": exchange.cancel_order,
        "query_order": exchange.query_order,
        "open_orders": exchange.open_orders,
        "cancel_all_orders": exchange.cancel_all_orders,
        "all_orders": exchange.all_orders,
        "place_algo": exchange.place_algo,
        "cancel_algo": exchange.cancel_algo,
        "query_algo": exchange.query_algo,
        "open_algos": exchange.open_algos,
        "cancel_all_algos": exchange.cancel_all_algos,
        "all_algos": exchange.all_algos,
        "user_trades": exchange.user_trades,
        "income": exchange.income,
        "set_leverage": exchange.set_leverage,
        "set_margin_type": exchange.set_margin_type,
        "get_position_mode": exchange.get_position_mode,
        "set_position_mode": exchange.set_position_mode,
        "get_multi_assets": exchange.get_multi_assets,
        "set_multi_assets": exchange.set_multi_assets,
        "leverage_brackets": exchange.leverage_brackets,
        "commission_rate": exchange.commission_rate,
        "account_v3": exchange.account_v3,
        "balance_v3": exchange.balance_v3,
        "position_risk_v3": exchange.position_risk_v3,
        "account_config": exchange.account_config,
        "symbol_config": exchange.symbol_config,
        "countdown_cancel_all": exchange.countdown_cancel_all,
    }


class GatewayOperations:
    """What the gateway answers itself: user streams, order limits, what a key may do."""

    def __init__(
        self, keys: ListenKeys, users: UserStreams, limiter: RateLimiter, clock: SimClock
    ) -> None:
        """Manage `keys`, close sockets through `users`."""
        self._keys = keys
        self._users = users
        self._limiter = limiter
        self._clock = clock

    def table(self) -> Mapping[str, AccountOperation]:
        """Return the operations by name."""
        return {
            "start_user_stream": self._start,
            "keep_user_stream": self._keep,
            "stop_user_stream": self._stop,
            "order_rate_limits": self._order_rate_limits,
            "key_permissions": self._key_permissions,
        }

    def _start(self, account: str, params: Params, now_ms: int) -> object:
        del params, now_ms
        return {"listenKey": self._keys.start(account, self._clock.wall())}

    def _keep(self, account: str, params: Params, now_ms: int) -> object:
        del params, now_ms
        return {"listenKey": self._keys.extend(account, self._clock.wall())}

    def _stop(self, account: str, params: Params, now_ms: int) -> object:
        del params, now_ms
        key = self._keys.close(account)
        if key is not None:
            self._users.close(key)
        return {}

    def _key_permissions(self, account: str, params: Params, now_ms: int) -> object:
        # Every key of ours trades futures and can do nothing else.
        del account, params, now_ms
        return {
            "ipRestrict": False,
            "createTime": 0,
            "enableReading": True,
            "enableWithdrawals": False,
            "enableInternalTransfer": False,
            "enableMargin": False,
            "enableFutures": True,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
            "enableSpotAndMarginTrading": False,
            "enablePortfolioMarginTrading": False,
        }

    def _order_rate_limits(self, account: str, params: Params, now_ms: int) -> object:
        del account, params, now_ms
        limits = self._limiter.limits
        return [
            order_limit("SECOND", 10, limits.orders_per_10s),
            order_limit("MINUTE", 1, limits.orders_per_minute),
        ]


def order_limit(interval: str, number: int, limit: int) -> dict[str, str | int]:
    """Return one ORDERS row as the venue writes it."""
    return {
        "rateLimitType": "ORDERS",
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }
