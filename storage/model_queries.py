"""What the journal knows of how a model fares: features seen, outcomes, challengers beside it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Select, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.candle import Timeframe
from engine.domain.errors import JournalError
from engine.domain.order import Book
from engine.domain.position import ClosedTrade
from engine.domain.setup import Setup
from storage.codec import from_row, loads
from storage.database import Database
from storage.tables import closed_trades, setup_outcomes, setups, shadow_scores

_PAGE = 250
"""Rows read at once: a page takes milliseconds, so the loop is free in between."""

Features = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A probability and whether it came true: `won` is a net result above 0.

    `other` is a challenger's probability for the same setup, None where it gave none.
    """

    setup_id: str
    probability: float
    won: bool
    net_r: float
    other: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Setups followed to their end: how many, how many paid net of costs, mean net R."""

    count: int
    wins: int
    net_r: float


class ModelQueries:
    """Reads the journal; never writes. Every method raises `JournalError` on failure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def features(self, scorer: str, since_ms: int) -> AsyncIterator[tuple[str, Features]]:
        """Yield (timeframe, features) of each setup this scorer scored since then, oldest first."""
        after: tuple[int, str] = (since_ms, "")
        while True:
            async with self._database.read() as connection:
                page = await _page(connection, scorer, after)
            for _, setup_id, timeframe, score in page:
                yield timeframe, _features(setup_id, score)
            if len(page) < _PAGE:
                return
            after = page[-1][0], page[-1][1]

    async def scored(self, scorer: str, since_ms: int) -> int:
        """Return how many setups the scorer in use, or a challenger, has scored since then."""
        ours = select(func.count()).where(setups.c.scorer == scorer, setups.c.at_ms >= since_ms)
        theirs = select(func.count()).where(
            shadow_scores.c.scorer == scorer, shadow_scores.c.at_ms >= since_ms
        )
        async with self._database.read() as connection:
            counts = [(await connection.execute(query)).scalar_one() for query in (ours, theirs)]
        return max(counts)

    async def followed(
        self, scorer: str, since_ms: int, challenger: str = ""
    ) -> AsyncIterator[Predicted]:
        """Yield what became of the scorer's setups since then, traded or not, oldest first.

        Args:
            scorer: who gave the probabilities; setups without one are left out.
            since_ms: of the outcome.
            challenger: whose probability to put beside; "" for nobody's.
        """
        after: tuple[int, str] = (since_ms, "")
        while True:
            query = _followed(scorer, challenger, after)
            async with self._database.read() as connection:
                page = (await connection.execute(query)).all()
            for _, setup_id, probability, net_r, other in page:
                yield Predicted(setup_id, probability, net_r > 0, net_r, other)
            if len(page) < _PAGE:
                return
            after = page[-1][0], page[-1][1]

    async def ended(self, scorer: str, since_ms: int) -> Ended:
        """Return the sum of what became of the scorer's setups since then, traded or not."""
        net_r = setup_outcomes.c.net_r
        query = (
            select(func.count(), func.sum(case((net_r > 0, 1), else_=0)), func.sum(net_r))
            .select_from(setup_outcomes)
            .join(setups, setups.c.setup_id == setup_outcomes.c.setup_id)
            .where(
                setups.c.scorer == scorer,
                setup_outcomes.c.known_at_ms >= since_ms,
                net_r.is_not(None),
            )
        )
        async with self._database.read() as connection:
            count, wins, total = (await connection.execute(query)).one()
        return Ended(count, wins or 0, (total or 0.0) / count if count else 0.0)

    async def traded(self, scorer: str, book: Book, since_ms: int) -> tuple[Predicted, ...]:
        """Return the closed trades of a book on the scorer's probabilities, oldest first."""
        query = (
            select(closed_trades, setups.c.probability)
            .join(setups, setups.c.setup_id == closed_trades.c.setup_id)
            .where(
                setups.c.scorer == scorer,
                setups.c.probability.is_not(None),
                closed_trades.c.book == book.value,
                closed_trades.c.closed_ms >= since_ms,
            )
            .order_by(closed_trades.c.closed_ms, closed_trades.c.trade_key)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        trades = [(from_row(ClosedTrade, row), row["probability"]) for row in rows]
        return tuple(
            Predicted(trade.setup_id, probability, trade.net > 0, trade.net_r)
            for trade, probability in trades
        )

    async def unfollowed(
        self, timeframe: Timeframe, proved_from_ms: int, proved_to_ms: int
    ) -> AsyncIterator[Setup]:
        """Yield each scored setup of that time that has no outcome yet, oldest first."""
        after: tuple[int, str] = (proved_from_ms, "")
        while True:
            query = _unfollowed(timeframe, proved_from_ms, proved_to_ms, after)
            async with self._database.read() as connection:
                page = (await connection.execute(query)).all()
            for _, setup_id, text in page:
                yield _setup(setup_id, text)
            if len(page) < _PAGE:
                return
            after = page[-1][0], page[-1][1]


def _unfollowed(
    timeframe: Timeframe, proved_from_ms: int, proved_to_ms: int, after: tuple[int, str]
) -> Select[Any]:
    known = setup_outcomes.c.setup_id
    return (
        select(setups.c.at_ms, setups.c.setup_id, setups.c.setup)
        .outerjoin(setup_outcomes, known == setups.c.setup_id)
        .where(
            setups.c.timeframe == timeframe.value,
            setups.c.proved_at_ms >= proved_from_ms,
            setups.c.proved_at_ms < proved_to_ms,
            # The column with an index: a setup is never journalled before it is proved.
            setups.c.at_ms >= after[0],
            tuple_(setups.c.at_ms, setups.c.setup_id) > after,
            setups.c.value.is_not(None),
            known.is_(None),
        )
        .order_by(setups.c.at_ms, setups.c.setup_id)
        .limit(_PAGE)
    )


def _followed(scorer: str, challenger: str, after: tuple[int, str]) -> Select[Any]:
    outcome, shadow = setup_outcomes.c, shadow_scores.c
    beside = (shadow.setup_id == setups.c.setup_id) & (shadow.scorer == challenger)
    return (
        select(
            outcome.known_at_ms,
            setups.c.setup_id,
            setups.c.probability,
            outcome.net_r,
            shadow.probability,
        )
        .select_from(setup_outcomes)
        .join(setups, setups.c.setup_id == outcome.setup_id)
        .outerjoin(shadow_scores, beside)
        .where(
            setups.c.scorer == scorer,
            setups.c.probability.is_not(None),
            outcome.net_r.is_not(None),
            outcome.known_at_ms >= after[0],
            tuple_(outcome.known_at_ms, outcome.setup_id) > after,
        )
        .order_by(outcome.known_at_ms, outcome.setup_id)
        .limit(_PAGE)
    )


async def _page(
    connection: AsyncConnection, scorer: str, after: tuple[int, str]
) -> list[tuple[int, str, str, str]]:
    query = (
        select(setups.c.at_ms, setups.c.setup_id, setups.c.timeframe, setups.c.score)
        .where(
            setups.c.scorer == scorer,
            setups.c.score.is_not(None),
            setups.c.at_ms >= after[0],
            tuple_(setups.c.at_ms, setups.c.setup_id) > after,
        )
        .order_by(setups.c.at_ms, setups.c.setup_id)
        .limit(_PAGE)
    )
    return [(row[0], row[1], row[2], row[3]) for row in await connection.execute(query)]


def _features(setup_id: str, score: str) -> Features:
    try:
        return tuple(_number(one) for one in orjson.loads(score)["features"])
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(f"score of {setup_id} was stored otherwise: {error!r}") from error


def _setup(setup_id: str, text: str) -> Setup:
    try:
        setup: Setup = loads(Setup, text)
    except ValueError as error:
        raise JournalError(f"setup {setup_id} was stored otherwise: {error}") from error
    return setup


def _number(value: float | str | None) -> float | None:
    # JSON has no NaN: it is stored as a text.
    return None if value is None or isinstance(value, str) else float(value)
