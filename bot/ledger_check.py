"""Holds the journal's results against what the venue booked, from one flat moment to the next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.order import Book
from engine.domain.position import ClosedTrade
from engine.exchange.binance.codec_account import Income
from engine.ports import Clock

QUIET_MS = 120_000
"""Income entries appear with a delay: nothing may have been closed for so long."""
TOLERANCE = Decimal("0.01")
"""USDT; the venue rounds the profit of every execution to 8 decimals, we do not."""
MOST_ENTRIES = 1000
_RESULTS = frozenset({"REALIZED_PNL", "COMMISSION", "FUNDING_FEE", "INSURANCE_CLEAR"})

ReadIncome = Callable[[int, int], Awaitable[tuple[Income, ...]]]
ReadTrades = Callable[[Book, int, int], Awaitable[tuple[ClosedTrade, ...]]]


@dataclass(frozen=True, slots=True)
class LedgerResult:
    """Net results in USDT of one period, ours and the venue's, or why there is no comparison."""

    trades: int = 0
    ours: Decimal = Decimal(0)
    venue: Decimal = Decimal(0)
    left_out: str = ""

    @property
    def agrees(self) -> bool:
        """True when compared and equal but for rounding."""
        tolerated = TOLERANCE * max(1, self.trades)
        return not self.left_out and abs(self.ours - self.venue) <= tolerated


class LedgerCheck:
    """Compares each period that begins and ends without a position.

    A difference means that the journal lacks an execution, a fee or a funding payment, or that
    somebody traded by hand on the account. What happened before the first check is not examined.
    """

    def __init__(
        self,
        clock: Clock,
        income: ReadIncome,
        trades: ReadTrades,
        is_flat: Callable[[], bool],
    ) -> None:
        self._clock = clock
        self._income = income
        self._trades = trades
        self._is_flat = is_flat
        self._since_ms: int | None = None

    async def check(self) -> LedgerResult:
        """Compare what lies between the last flat moment and this one; one request at most.

        Raises:
            VenueError: the venue's entries could not be read; the period goes on.
            JournalError: ours could not.
        """
        now_ms = self._clock.exchange_ms()
        if not self._is_flat() or await self._trades(Book.LIVE, now_ms - QUIET_MS, now_ms + 1):
            return LedgerResult(left_out="a position is open or was closed just now")
        since_ms, self._since_ms = self._since_ms, self._since_ms or now_ms
        if since_ms is None:
            return LedgerResult(left_out="the first check, it only marks the beginning")
        trades = await self._trades(Book.LIVE, since_ms, now_ms)
        entries = await self._income(since_ms, now_ms)
        if not self._is_flat():
            return LedgerResult(left_out="a position was opened meanwhile")
        self._since_ms = now_ms
        return compared(trades, entries)


def compared(trades: tuple[ClosedTrade, ...], entries: tuple[Income, ...]) -> LedgerResult:
    """Return both sums, or why they cannot be compared."""
    results = [entry for entry in entries if entry.kind in _RESULTS]
    if len(entries) >= MOST_ENTRIES:
        return LedgerResult(left_out=f"more than {MOST_ENTRIES} entries, the venue tells no more")
    others = sorted({entry.asset for entry in results} - {"USDT"})
    if others:
        return LedgerResult(left_out=f"entries in {', '.join(others)}")
    return LedgerResult(
        trades=len(trades),
        ours=sum((trade.net for trade in trades), Decimal(0)),
        venue=sum((entry.amount for entry in results), Decimal(0)),
    )
