"""Funding payments of a recording, found by symbol and minute."""

from bisect import bisect_left
from collections.abc import Mapping

from engine.backtest.plan import Funding
from engine.backtest.series import MINUTE_MS

_Known = tuple[list[int], tuple[tuple[int, float], ...]]


class Payments:
    """Which payments fall into which minute."""

    def __init__(self, funding: Funding, end_ms: int) -> None:
        self._known: Mapping[str, _Known] = {
            symbol: ([at for at, _ in payments], payments) for symbol, payments in funding.items()
        }
        self._end_ms = end_ms

    def within(self, symbol: str, minute_ms: int) -> tuple[tuple[int, float], ...]:
        """Return (exchange ms, rate) of the minute that opens then."""
        times, payments = self._known.get(symbol, ([], ()))
        first = bisect_left(times, minute_ms)
        return payments[first : bisect_left(times, minute_ms + MINUTE_MS, first)]

    def next_minute(self, symbol: str, from_ms: int) -> int:
        """Return the minute of the first payment from a minute on; the end if there is none."""
        times, _ = self._known.get(symbol, ([], ()))
        at = bisect_left(times, from_ms)
        return times[at] - times[at] % MINUTE_MS if at < len(times) else self._end_ms
