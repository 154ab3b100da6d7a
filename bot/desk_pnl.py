"""The results of a period: closed trades and equity of the journal; how sure their means are."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from bot.desk import BookPnl, Period, PnlGroup, PnlView
from bot.intervals import mean_interval
from engine.domain.effects import EquitySeen
from engine.domain.order import Book
from engine.domain.position import ClosedTrade
from storage.pnl import Grouping, pnl_groups
from storage.pnl import PnlGroup as StoredGroup

_DAY_MS = 86_400_000
_DAYS = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}
_BOOTSTRAPS = 1000
_CURVE_POINTS = 200


class Results(Protocol):
    """What is read of the journal, `storage.queries.Queries`."""

    async def closed_trades(
        self, book: Book, since_ms: int, until_ms: int
    ) -> tuple[ClosedTrade, ...]:
        """Return the trades that were closed in a period."""
        ...

    async def equity(
        self, book: Book, since_ms: int, until_ms: int, most: int
    ) -> tuple[EquitySeen, ...]:
        """Return the equity of a period, about `most` points of it."""
        ...


class PnlReader:
    """Answers `AskPnl`.

    Args:
        queries: the journal.
        rng: of the intervals.
        books: whose results are told.
    """

    def __init__(self, queries: Results, rng: random.Random, books: Iterable[Book]) -> None:
        self._queries = queries
        self._rng = rng
        self._books = tuple(books)

    async def read(self, period: Period, now_ms: int) -> PnlView:
        """Return the results of a period that ends now.

        Raises:
            JournalError: the journal cannot be read.
        """
        since_ms = _period_start(period, now_ms)
        books = [await self._book(book, since_ms, now_ms + 1) for book in self._books]
        return PnlView(period, tuple(books))

    async def _book(self, book: Book, since_ms: int, until_ms: int) -> BookPnl:
        trades = await self._queries.closed_trades(book, since_ms, until_ms)
        curve = await self._queries.equity(book, since_ms, until_ms, _CURVE_POINTS)
        ranked = sorted(trades, key=lambda trade: trade.net)
        total = await self._groups(trades, Grouping.ALL)
        return BookPnl(
            book=book,
            total=total[0] if total else _NOTHING,
            by_reason=await self._groups(trades, Grouping.REASON),
            by_symbol=await self._groups(trades, Grouping.SYMBOL),
            by_score=await self._groups(trades, Grouping.SCORE),
            equity=tuple((point.at_ms, float(point.equity)) for point in curve),
            best=ranked[-1] if ranked else None,
            worst=ranked[0] if ranked else None,
            by_day=tuple(_plain(group) for group in pnl_groups(trades, Grouping.DAY)),
        )

    async def _groups(self, trades: tuple[ClosedTrade, ...], by: Grouping) -> tuple[PnlGroup, ...]:
        groups = []
        for group in pnl_groups(trades, by):
            low, high = mean_interval(group.net_rs, self._rng, _BOOTSTRAPS) or (None, None)
            groups.append(replace(_plain(group), low_r=low, high_r=high))
            await asyncio.sleep(0)  # hundreds of symbols must not hold up a decision
        return tuple(groups)


def _plain(group: StoredGroup) -> PnlGroup:
    return PnlGroup(
        name=group.key,
        count=group.trades,
        wins=group.wins,
        net=group.net,
        fees=group.fees,
        funding=group.funding,
        expectancy_r=group.mean_r,
        low_r=None,
        high_r=None,
    )


def _period_start(period: Period, now_ms: int) -> int:
    if period is Period.ALL:
        return 0
    today = now_ms - now_ms % _DAY_MS
    return today - (_DAYS[period] - 1) * _DAY_MS


_ZERO = Decimal(0)
_NOTHING = PnlGroup(
    name="all",
    count=0,
    wins=0,
    net=_ZERO,
    fees=_ZERO,
    funding=_ZERO,
    expectancy_r=0.0,
    low_r=None,
    high_r=None,
)
