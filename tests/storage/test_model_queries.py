"""What the journal tells of a model: features, outcomes, a challenger beside it."""

import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import update

from engine.domain.candle import Timeframe
from engine.domain.effects import SetupFollowed, SetupSeen, ShadowScored, TradeEnded
from engine.domain.errors import JournalError
from engine.domain.order import Book
from engine.domain.setup import Setup, setup_id
from storage import model_queries
from storage.database import Database
from storage.journal import SqlJournal
from storage.model_queries import Ended, ModelQueries, Predicted
from storage.tables import setups
from tests.builders import d
from tests.storage import samples

MODEL = "lgbm:aaaaaaaa"


def found(number: int, timeframe: Timeframe = Timeframe.M1) -> Setup:
    at_ms = samples.T0 + number
    plain = samples.setup(proved_at_ms=at_ms, timeframe=timeframe)
    name = setup_id(plain.symbol, timeframe, plain.recipe, plain.direction, at_ms)
    return samples.setup(proved_at_ms=at_ms, timeframe=timeframe, setup_id=name)


def seen(one: Setup, probability: float | None = 0.3, **score: Any) -> SetupSeen:
    given = samples.score(one, probability=probability, **{"scorer": MODEL, **score})
    return SetupSeen(one, given, "below", one.proved_at_ms)


def ended(one: Setup, net_r: float | None, at_ms: int = samples.T0 + 1000) -> SetupFollowed:
    return SetupFollowed(
        setup_id=one.setup_id, known_at_ms=at_ms, reason="stop", gross_r=net_r, net_r=net_r
    )


@pytest.fixture
def journal(database: Database) -> SqlJournal:
    return SqlJournal(database)


@pytest.fixture
def queries(database: Database) -> ModelQueries:
    return ModelQueries(database)


async def test_features_when_read_in_pages_are_all_there_once_and_in_order(
    journal: SqlJournal, queries: ModelQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_queries, "_PAGE", 3)
    setups = [found(n // 2, Timeframe.M1 if n % 2 else Timeframe.M5) for n in range(10)]
    await journal.append([seen(one, features=(float(n),)) for n, one in enumerate(setups)])

    told = [row async for row in queries.features(MODEL, samples.T0 + 1)]

    assert sorted(value for _, (value,) in told) == [float(n) for n in range(2, 10)]
    assert {(kind, value % 2) for kind, (value,) in told} == {("1m", 1.0), ("5m", 0.0)}


async def test_features_when_of_another_scorer_or_missing_are_told_apart(
    journal: SqlJournal, queries: ModelQueries
) -> None:
    await journal.append(
        [
            seen(found(1), features=(math.nan, 2.0)),
            seen(found(2), scorer="heuristic", features=(1.0, 1.0)),
            SetupSeen(found(3), None, "stale", samples.T0),
        ]
    )

    assert [row async for row in queries.features(MODEL, 0)] == [("1m", (None, 2.0))]
    assert await queries.scored(MODEL, 0) == 1
    assert await queries.scored(MODEL, samples.T0 + 2) == 0


async def test_followed_when_asked_has_outcomes_and_the_challenger_beside(
    journal: SqlJournal, queries: ModelQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_queries, "_PAGE", 2)
    one, two, unscored, theirs, never = (found(n) for n in range(5))
    await journal.append(
        [
            seen(one, 0.3),
            seen(two, 0.4),
            seen(unscored, None),
            seen(theirs, 0.5, scorer="other"),
            seen(never, 0.5),
            ended(one, 1.5),
            ended(two, -1.1),
            ended(unscored, 1.0),
            ended(theirs, 1.0),
            ended(never, None),
            ShadowScored(samples.score(one, scorer="lgbm:b", probability=0.2), 5),
        ]
    )

    told = [row async for row in queries.followed(MODEL, 0, "lgbm:b")]
    alone = [row async for row in queries.followed(MODEL, 0)]

    assert told == [
        Predicted(one.setup_id, 0.3, True, 1.5, 0.2),
        Predicted(two.setup_id, 0.4, False, -1.1, None),
    ]
    assert [row.other for row in alone] == [None, None]
    assert [row async for row in queries.followed(MODEL, samples.T0 + 1001)] == []
    assert await queries.scored("lgbm:b", 0) == 1


async def test_ended_when_summed_counts_the_setups_of_one_scorer_with_a_result(
    journal: SqlJournal, queries: ModelQueries
) -> None:
    one, two, theirs, never = (found(n) for n in range(4))
    await journal.append([seen(one), seen(two, None), seen(theirs, scorer="x"), seen(never)])
    await journal.append([ended(one, 2.0), ended(two, -1.0), ended(theirs, 9.0)])
    await journal.append([ended(never, None)])

    assert await queries.ended(MODEL, 0) == Ended(2, 1, 0.5)
    assert await queries.ended(MODEL, samples.T0 + 1001) == Ended(0, 0, 0.0)


async def test_traded_when_asked_is_of_one_book_and_net_of_costs(
    journal: SqlJournal, queries: ModelQueries
) -> None:
    one, two = found(1), found(2)
    values = {"risk": d(10), "gross": d(1), "fees": d("1.5"), "funding": d(0)}
    await journal.append(
        [
            seen(one, 0.3),
            seen(two, 0.4, scorer="heuristic"),
            TradeEnded(samples.closed("k1", setup_id=one.setup_id, book=Book.PAPER, **values)),
            TradeEnded(samples.closed("k2", setup_id=two.setup_id, book=Book.PAPER, **values)),
        ]
    )

    (told,) = await queries.traded(MODEL, Book.PAPER, 0)

    assert (told.probability, told.won, told.net_r) == (0.3, False, pytest.approx(-0.05))
    assert await queries.traded(MODEL, Book.LIVE, 0) == ()


async def test_unfollowed_when_asked_are_the_scored_setups_of_that_time_without_outcome(
    journal: SqlJournal, queries: ModelQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_queries, "_PAGE", 2)
    setups = [found(n) for n in range(7)]
    await journal.append([seen(one) for one in setups[:6]])
    await journal.append([SetupSeen(setups[6], None, "stale", samples.T0 + 6)])
    await journal.append([ended(setups[1], 1.0), seen(found(3, Timeframe.M5))])

    told = [one async for one in queries.unfollowed(Timeframe.M1, samples.T0 + 1, samples.T0 + 6)]

    assert told == setups[2:6]


@pytest.mark.parametrize("column", ["setup", "score"])
async def test_rows_when_stored_otherwise_are_a_fault_of_the_journal(
    journal: SqlJournal, queries: ModelQueries, database: Database, column: str
) -> None:
    await journal.append([seen(found(1), features=(1.0,))])
    async with database.write() as connection:
        await connection.execute(update(setups).values({column: "{}"}))

    asked: AsyncIterator[Any] = queries.features(MODEL, 0)
    if column == "setup":
        asked = queries.unfollowed(Timeframe.M1, 0, samples.T0 + 9)
    with pytest.raises(JournalError, match="stored otherwise"):
        [one async for one in asked]
