"""Request weight per address and order count per account, in windows of wall time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.wire.refusals import banned, gateway_refusal, too_many_requests

FIRST_BAN_S = 120.0
LONGEST_BAN_S = 3 * 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The published limits. `ban_after` is how many refused requests of one minute earn a ban."""

    weight_per_minute: int = 2400
    orders_per_10s: int = 300
    orders_per_minute: int = 1200
    funding_per_5min: int = 500
    ban_after: int = 20


class _Window:
    """A counter that starts again at each multiple of its length, as the venue's do."""

    __slots__ = ("_index", "_seconds", "count")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._index = -1
        self.count = 0

    def at(self, wall: float) -> int:
        """Return the count of the window that holds `wall`."""
        index = int(wall // self._seconds)
        if index != self._index:
            self._index = index
            self.count = 0
        return self.count


class _Address:
    __slots__ = ("ban_s", "banned_until", "funding", "refused", "weight")

    def __init__(self) -> None:
        self.weight = _Window(60.0)
        self.refused = _Window(60.0)
        self.funding = _Window(300.0)
        self.banned_until = -1.0
        self.ban_s = FIRST_BAN_S


class RateLimiter:
    """Counts weight and orders and refuses above the limits.

    A request above the weight limit is refused with 429; `ban_after` refused requests in one minute
    ban the address with 418, two minutes at first and twice as long each further time, three days
    at most.
    """

    def __init__(self, clock: SimClock, limits: Limits) -> None:
        """Count in the wall time of `clock`; its exchange time is only written into ban texts."""
        self._clock = clock
        self.limits = limits
        self._addresses: dict[str, _Address] = {}
        self._orders: dict[str, tuple[_Window, _Window]] = {}
        self.refused_429 = 0
        self.refused_418 = 0

    def charge_weight(self, ip: str, weight: int) -> None:
        """Count `weight` for the address.

        Raises:
            ApiError: -1003, with status 429 above the limit and 418 while banned.
        """
        wall = self._clock.wall()
        address = self._address(ip)
        self._refuse_banned(ip, address, wall)
        limit = self.limits.weight_per_minute
        if address.weight.at(wall) + weight > limit:
            self._refuse(address, wall, lambda: too_many_requests(ip, limit), ip)
        address.weight.count += weight

    def charge_funding(self, ip: str) -> None:
        """Count one request of the funding endpoints, which have a limit of their own.

        Raises:
            ApiError: -1003, with status 429 above the limit and 418 while banned.
        """
        wall = self._clock.wall()
        address = self._address(ip)
        self._refuse_banned(ip, address, wall)
        limit = self.limits.funding_per_5min
        if address.funding.at(wall) >= limit:
            self._refuse(address, wall, lambda: too_many_requests(ip, limit), ip)
        address.funding.count += 1

    def charge_order(self, account: str) -> None:
        """Count one new order for the account.

        Raises:
            ApiError: -1015 with status 429 above 10 s or minute limit.
        """
        wall = self._clock.wall()
        short, long = self._order_windows(account)
        if short.at(wall) >= self.limits.orders_per_10s:
            self.refused_429 += 1
            raise gateway_refusal(-1015, self.limits.orders_per_10s, "TEN_SECONDS")
        if long.at(wall) >= self.limits.orders_per_minute:
            self.refused_429 += 1
            raise gateway_refusal(-1015, self.limits.orders_per_minute, "MINUTE")
        short.count += 1
        long.count += 1

    def ban(self, ip: str) -> None:
        """Ban an address now, as for repeated breaches of the socket message limit."""
        self._ban(self._address(ip), self._clock.wall())

    def used_weight(self, ip: str) -> int:
        """Return the weight the address used in the current minute."""
        return self._address(ip).weight.at(self._clock.wall())

    def order_counts(self, account: str) -> tuple[int, int]:
        """Return the account's new orders of the current 10 s and of the current minute."""
        wall = self._clock.wall()
        short, long = self._order_windows(account)
        return short.at(wall), long.at(wall)

    def _address(self, ip: str) -> _Address:
        return self._addresses.setdefault(ip, _Address())

    def _order_windows(self, account: str) -> tuple[_Window, _Window]:
        if account not in self._orders:
            self._orders[account] = (_Window(10.0), _Window(60.0))
        return self._orders[account]

    def _refuse_banned(self, ip: str, address: _Address, wall: float) -> None:
        if wall < address.banned_until:
            self.refused_418 += 1
            raise banned(ip, self._ban_end_ms(address, wall))

    def _refuse(
        self, address: _Address, wall: float, refusal: Callable[[], ApiError], ip: str
    ) -> None:
        address.refused.at(wall)
        address.refused.count += 1
        if address.refused.count >= self.limits.ban_after:
            self._ban(address, wall)
            self.refused_418 += 1
            raise banned(ip, self._ban_end_ms(address, wall))
        self.refused_429 += 1
        raise refusal()

    @staticmethod
    def _ban(address: _Address, wall: float) -> None:
        address.banned_until = wall + address.ban_s
        address.ban_s = min(address.ban_s * 2, LONGEST_BAN_S)

    def _ban_end_ms(self, address: _Address, wall: float) -> int:
        return self._clock.now_ms() + int(self._clock.exchange_ms(address.banned_until - wall))
