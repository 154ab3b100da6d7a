"""The budget of request weight and orders: asked before every request, corrected by every reply."""

import asyncio
from collections import deque
from dataclasses import dataclass

from engine.domain.errors import VenueBusy
from engine.ports import Clock

_MINUTE_S = 60.0
_TEN_S = 10.0
_FIRST_PAUSE_S = 10.0
_LONGEST_PAUSE_S = 60.0
_URGENT_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Need:
    """What a request is for: the share of the weight limit it may fill, and its patience.

    The last part of the budget is kept for orders and for what protects positions; they would
    rather be told "busy" at once than wait.
    """

    name: str
    share: float
    patience_s: float
    urgent: bool = False


MARKET = Need("market data", 0.70, 120.0)
ACCOUNT = Need("account", 0.85, 15.0)
ORDER = Need("order", 0.95, 0.5, urgent=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the venue allows (facts §6), and the share of its ORDERS limits we use at most."""

    weight_per_minute: int = 2400
    orders_per_ten_s: int = 300
    orders_per_minute: int = 1200
    orders_share: float = 0.70


class _Window:
    """A sum over the last `span_s` seconds: never less than what a clock minute holds of it."""

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._charges: deque[tuple[float, int]] = deque()
        self._sum = 0

    def total(self, now: float) -> int:
        while self._charges and self._charges[0][0] <= now - self._span_s:
            self._sum -= self._charges.popleft()[1]
        return self._sum

    def add(self, now: float, amount: int) -> None:
        if amount > 0:
            self._charges.append((now, amount))
            self._sum += amount

    def raise_to(self, now: float, told: int) -> None:
        """Count what others on our address used: the venue's sum can only be above ours by them."""
        self.add(now, told - self.total(now))

    def wait_s(self, now: float, amount: int, allowed: float) -> float:
        """Return seconds until `amount` more stays within `allowed`; 0 when it does now."""
        excess = self.total(now) + amount - allowed
        if excess <= 0 or amount == 0:
            return 0.0
        for at, charge in self._charges:
            excess -= charge
            if excess <= 0:
                return at + self._span_s - now
        return 0.0


class RateBudget:
    """Keeps us below the venue's limits, and silent while it has banned us; in wall time."""

    def __init__(self, clock: Clock, limits: Limits | None = None) -> None:
        self._clock = clock
        self._limits = limits or Limits()
        self._weight = _Window(_MINUTE_S)
        self._orders_ten_s = _Window(_TEN_S)
        self._orders_minute = _Window(_MINUTE_S)
        self._quiet_until = 0.0
        self._urgent_quiet_until = 0.0
        self._next_pause_s = _FIRST_PAUSE_S
        self.refusals = 0
        self.highest_weight = 0

    @property
    def used_ratio(self) -> float:
        """Share of the weight limit used in the last minute."""
        return self._weight.total(self._clock.monotonic()) / self._limits.weight_per_minute

    @property
    def quiet_for_s(self) -> float:
        """Seconds for which nothing but orders may be sent; 0 normally."""
        return max(0.0, self._quiet_until - self._clock.monotonic())

    async def acquire(self, weight: int, need: Need, *, orders: int = 0) -> None:
        """Wait until the request fits the budget, then charge it.

        Raises:
            VenueBusy: it would take longer than the need's patience; nothing was sent.
        """
        deadline = self._clock.monotonic() + need.patience_s
        while (wait := self._wait_s(weight, need, orders)) > 0:
            if self._clock.monotonic() + wait > deadline:
                raise VenueBusy(f"{need.name} request held back by our own rate budget", wait)
            await asyncio.sleep(wait)
        now = self._clock.monotonic()
        self._weight.add(now, weight)
        self._orders_ten_s.add(now, orders)
        self._orders_minute.add(now, orders)
        self.highest_weight = max(self.highest_weight, self._weight.total(now))

    def _wait_s(self, weight: int, need: Need, orders: int) -> float:
        now, limits = self._clock.monotonic(), self._limits
        share = limits.orders_share
        return max(
            (self._urgent_quiet_until if need.urgent else self._quiet_until) - now,
            self._weight.wait_s(now, weight, limits.weight_per_minute * need.share),
            self._orders_ten_s.wait_s(now, orders, limits.orders_per_ten_s * share),
            self._orders_minute.wait_s(now, orders, limits.orders_per_minute * share),
        )

    def told_weight(self, used: int) -> None:
        """Take over the venue's own count of the running minute."""
        self._weight.raise_to(self._clock.monotonic(), used)

    def told_orders(self, *, ten_s: int | None = None, minute: int | None = None) -> None:
        """Take over the venue's own order counts; None where it did not tell."""
        now = self._clock.monotonic()
        if ten_s is not None:
            self._orders_ten_s.raise_to(now, ten_s)
        if minute is not None:
            self._orders_minute.raise_to(now, minute)

    def relax(self) -> None:
        """Note a success: the next refusal starts the back-off over."""
        self._next_pause_s = _FIRST_PAUSE_S

    def refused(self, at_least_s: float, *, banned: bool) -> None:
        """Pause after a 418, 429 or 403; each further one doubles the pause, up to a minute.

        Orders, which may be what protects a position, pause a second only unless we are banned:
        they weigh nothing, and a few of them do not turn a 429 into a ban.

        Args:
            at_least_s: what the venue asked for; longer than any pause of ours during a ban.
            banned: the venue refuses everything until then.
        """
        self.refusals += 1
        now = self._clock.monotonic()
        pause_s = max(at_least_s, self._next_pause_s)
        self._next_pause_s = min(self._next_pause_s * 2, _LONGEST_PAUSE_S)
        self._quiet_until = max(self._quiet_until, now + pause_s)
        urgent_s = pause_s if banned else _URGENT_PAUSE_S
        self._urgent_quiet_until = max(self._urgent_quiet_until, now + urgent_s)

    def orders_refused(self) -> None:
        """Send no order before the short window of the venue's order limit has passed."""
        self.told_orders(ten_s=self._limits.orders_per_ten_s)
