"""Read-only views for the front ends: results, signals and their outcome, the journal's pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection

from engine.domain.effects import CommandAnswered, EquitySeen
from engine.domain.errors import JournalError
from engine.domain.order import Book, Fill
from engine.domain.position import ClosedTrade
from engine.domain.setup import Setup
from engine.domain.signal import CostEstimate, GateFigure, Rule, Score
from storage import commands, equity, fills, trades
from storage.codec import from_row, loads
from storage.database import Database
from storage.pnl import Grouping, PnlGroup, pnl_groups
from storage.setups import figures_of
from storage.tables import closed_trades, setups, signals, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """What the gate said once; the sizes are None where it came to none.

    `figures` are the numbers it looked at, none in verdicts from before they were kept.
    """

    at_ms: int
    approved: bool
    rule: Rule | None
    detail: str
    book: Book | None
    qty: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    target_price: Decimal | None
    risk_ratio: float | None
    risk: Decimal | None
    margin: Decimal | None
    at_floor: bool
    figures: tuple[GateFigure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSetup:
    """A setup as it was journalled, with everything said of it since.

    `threshold` and `cost` are None unless it became a signal.
    """

    setup: Setup
    score: Score | None
    fate: str
    at_ms: int
    threshold: float | None
    cost: CostEstimate | None
    verdicts: tuple[StoredVerdict, ...]
    closed: tuple[ClosedTrade, ...]


class Queries:
    """Reads the journal; never writes. Every method raises `JournalError` on failure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed_trades(
        self, book: Book, since_ms: int, until_ms: int
    ) -> tuple[ClosedTrade, ...]:
        """Return the trades of a book closed in [since_ms, until_ms), oldest first."""
        async with self._database.read() as connection:
            return await trades.closed_between(connection, book, since_ms, until_ms)

    async def pnl(
        self, book: Book, since_ms: int, until_ms: int, by: Grouping
    ) -> tuple[PnlGroup, ...]:
        """Return results of the trades closed in [since_ms, until_ms), net of costs."""
        return pnl_groups(await self.closed_trades(book, since_ms, until_ms), by)

    async def equity(
        self, book: Book, since_ms: int, until_ms: int, most: int
    ) -> tuple[EquitySeen, ...]:
        """Return the equity curve of a book in [since_ms, until_ms), about `most` points of it."""
        async with self._database.read() as connection:
            return await equity.between(connection, book, since_ms, until_ms, most)

    async def commands(
        self, limit: int, before: int | None = None
    ) -> tuple[tuple[int, CommandAnswered], ...]:
        """Return answered commands, newest first, each with its page mark (`before`)."""
        async with self._database.read() as connection:
            return await commands.page(connection, limit, before)

    async def fills(self, book: Book, trade_key: str) -> tuple[Fill, ...]:
        """Return the executions of one round trip."""
        async with self._database.read() as connection:
            return await fills.of_trade(connection, book, trade_key)

    async def setup(self, setup_id: str) -> StoredSetup | None:
        """Return one setup with its verdicts and outcome, None if it is not known."""
        async with self._database.read() as connection:
            found = await connection.execute(WITH_SIGNAL.where(setups.c.setup_id == setup_id))
            row = found.mappings().first()
            return None if row is None else (await completed(connection, [row]))[0]

    async def signals(self, limit: int) -> tuple[StoredSetup, ...]:
        """Return the last signals, newest first, with the outcome so far."""
        query = (
            WITH_SIGNAL.where(signals.c.setup_id.is_not(None))
            .order_by(signals.c.at_ms.desc(), signals.c.setup_id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            return await completed(connection, rows)

    async def scores_since(self, at_ms: int) -> tuple[tuple[int, float, str], ...]:
        """Return (time, score value, fate) of every scored setup since then, oldest first."""
        scored = setups.c.value.is_not(None)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(setups.c.at_ms, setups.c.value, setups.c.fate)
                .where(setups.c.at_ms >= at_ms, scored)
                .order_by(setups.c.at_ms, setups.c.setup_id)
            )
            return tuple((when, value, fate) for when, value, fate in rows)


WITH_SIGNAL = select(
    setups.c.setup_id,
    setups.c.setup,
    setups.c.score,
    setups.c.fate,
    setups.c.at_ms,
    signals.c.threshold,
    signals.c.fee_ratio,
    signals.c.spread_ratio,
    signals.c.impact_ratio,
    signals.c.cost_r,
).select_from(setups.outerjoin(signals, signals.c.setup_id == setups.c.setup_id))
"""Setups with what made them signals, if anything did."""


async def completed(
    connection: AsyncConnection, rows: Sequence[RowMapping]
) -> tuple[StoredSetup, ...]:
    """Return rows of `WITH_SIGNAL` with their verdicts and outcomes."""
    ids = [row["setup_id"] for row in rows]
    said: dict[str, list[StoredVerdict]] = {}
    found = await connection.execute(
        select(verdicts).where(verdicts.c.setup_id.in_(ids)).order_by(verdicts.c.seq)
    )
    for verdict in found.mappings():
        said.setdefault(verdict["setup_id"], []).append(_verdict(verdict))
    ended: dict[str, list[ClosedTrade]] = {}
    found = await connection.execute(
        select(closed_trades)
        .where(closed_trades.c.setup_id.in_(ids))
        .order_by(closed_trades.c.closed_ms)
    )
    for trade in found.mappings():
        ended.setdefault(trade["setup_id"], []).append(from_row(ClosedTrade, trade))
    return tuple(
        _stored(row, tuple(said.get(key, ())), tuple(ended.get(key, ())))
        for key, row in zip(ids, rows, strict=True)
    )


def _verdict(row: RowMapping) -> StoredVerdict:
    try:
        figures = figures_of(row["figures"])
    except ValueError as error:
        raise JournalError(f"verdict {row['seq']} was stored otherwise: {error}") from error
    plain = {name: row[name] for name in row if name != "figures"}
    return replace(from_row(StoredVerdict, plain), figures=figures)


def _stored(
    row: RowMapping, said: tuple[StoredVerdict, ...], ended: tuple[ClosedTrade, ...]
) -> StoredSetup:
    is_signal = row["threshold"] is not None
    try:
        setup = loads(Setup, row["setup"])
        score = None if row["score"] is None else loads(Score, row["score"])
    except ValueError as error:
        raise JournalError(f"setup {row['setup_id']} was stored otherwise: {error}") from error
    return StoredSetup(
        setup=setup,
        score=score,
        fate=row["fate"],
        at_ms=row["at_ms"],
        threshold=row["threshold"],
        cost=from_row(CostEstimate, row) if is_signal else None,
        verdicts=said,
        closed=ended,
    )
