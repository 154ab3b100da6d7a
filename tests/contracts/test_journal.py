"""One suite for every journal. `SMCBOT_TEST_POSTGRES` names an empty Postgres database to add."""

import os
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import text

from engine.domain.commands import Pause, Receipt
from engine.domain.effects import (
    CommandAnswered,
    EquitySeen,
    FillSeen,
    OrderSeen,
    SettingChanged,
    SetupSeen,
    SignalRaised,
    TradeEnded,
    TradeOpened,
    TradeVoided,
    VerdictGiven,
)
from engine.domain.order import Book, IntentState, OrderStatus, Purpose
from engine.ports import Journal
from storage.database import Database
from storage.journal import SqlJournal
from storage.memory import MemoryJournal
from storage.migrate import migrate_open
from storage.tables import metadata
from storage.trades import RECENT
from tests.storage import samples

POSTGRES = os.environ.get("SMCBOT_TEST_POSTGRES", "")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("journal") / "trade.db")


@pytest.fixture(params=["memory", "sqlite", *(["postgres"] if POSTGRES else [])])
async def journal(request: pytest.FixtureRequest, file: str) -> AsyncIterator[Journal]:
    if request.param == "memory":
        yield MemoryJournal()
        return
    database = Database(POSTGRES if request.param == "postgres" else file)
    await database.open()
    await migrate_open(database)
    async with database.write() as connection:
        for table in metadata.sorted_tables:
            await connection.execute(text(f"DELETE FROM {table.name}"))
    yield SqlJournal(database)
    await database.close()


async def test_restore_when_nothing_was_stored_is_empty(journal: Journal) -> None:
    restored = await journal.restore()

    assert restored.settings == {}
    assert (restored.trades, restored.intents, restored.fills, restored.recent) == ((),) * 4


async def test_save_intent_when_signal_key_was_used_says_no(journal: Journal) -> None:
    assert await journal.save_intent(samples.intent())
    assert not await journal.save_intent(samples.intent(client_id="smc2-E-k1-0"))
    assert not await journal.save_intent(samples.intent())


async def test_save_intent_when_key_was_settled_still_says_no(journal: Journal) -> None:
    await journal.save_intent(samples.intent())
    await journal.settle_intent("smc1-E-k1-0", IntentState.EXPIRED, "never seen")

    assert not await journal.save_intent(samples.intent())
    assert (await journal.restore()).intents == ()


async def test_save_intent_when_other_book_has_same_trade_is_accepted(journal: Journal) -> None:
    assert await journal.save_intent(samples.intent())
    live = samples.intent(client_id="smc1-E-live-0", book=Book.LIVE)
    assert await journal.save_intent(live)


async def test_save_intent_when_stop_is_sent_again_is_pending_again(journal: Journal) -> None:
    stop = samples.intent(purpose=Purpose.STOP)
    assert await journal.save_intent(stop)
    await journal.settle_intent(stop.request.client_id, IntentState.REJECTED, "-2021")
    assert await journal.save_intent(stop)

    assert (await journal.restore()).intents == (stop,)


async def test_restore_when_intents_differ_in_state_returns_unfinished(journal: Journal) -> None:
    kept = []
    for n, state in enumerate(IntentState):
        wish = samples.intent(f"key{n}")
        await journal.save_intent(wish)
        await journal.settle_intent(wish.request.client_id, state)
        if state in {IntentState.PENDING, IntentState.ACCEPTED, IntentState.UNKNOWN}:
            kept.append(wish)

    assert (await journal.restore()).intents == tuple(kept)


async def test_tombstones_when_entry_expired_returns_it_by_age(
    journal: MemoryJournal | SqlJournal,
) -> None:
    await journal.save_intent(samples.intent())
    await journal.settle_intent("smc1-E-k1-0", IntentState.EXPIRED)

    assert await journal.tombstones(samples.T0) == (samples.intent(),)
    assert await journal.tombstones(samples.T0 + 1) == ()


async def test_settle_intent_when_unknown_changes_nothing(journal: Journal) -> None:
    await journal.save_intent(samples.intent())
    await journal.settle_intent("smc1-E-other-0", IntentState.DONE)

    assert (await journal.restore()).intents == (samples.intent(),)


async def test_intent_when_its_order_ended_is_done_and_stays_done(journal: Journal) -> None:
    """Otherwise every restart would settle every order there ever was."""
    await journal.save_intent(samples.intent())
    ended = samples.order(status=OrderStatus.FILLED)
    await journal.append([OrderSeen(Book.PAPER, ended)])
    await journal.settle_intent(ended.client_id, IntentState.ACCEPTED)

    assert (await journal.restore()).intents == ()
    assert not await journal.save_intent(samples.intent())


async def test_intent_when_its_order_rests_is_unfinished(journal: Journal) -> None:
    await journal.save_intent(samples.intent())
    await journal.append([OrderSeen(Book.PAPER, samples.order())])

    assert (await journal.restore()).intents == (samples.intent(),)


async def test_append_when_setting_changes_keeps_the_last(journal: Journal) -> None:
    await journal.append([SettingChanged("mode", "paper"), SettingChanged("risk_pct", "1.0")])
    await journal.append([SettingChanged("mode", "live")])

    assert (await journal.restore()).settings == {"mode": "live", "risk_pct": "1.0"}


async def test_append_when_fill_is_redelivered_keeps_the_first(journal: Journal) -> None:
    first = samples.fill(1)
    await journal.append([FillSeen(Book.PAPER, "k1", first)])
    await journal.append([FillSeen(Book.PAPER, "k1", samples.fill(1, qty=Decimal(9)))])
    await journal.append([FillSeen(Book.LIVE, "k1", first)])

    fills = (await journal.restore()).fills
    assert fills == ((Book.PAPER, first), (Book.LIVE, first))


async def test_append_when_memory_changes_keeps_the_newest(journal: Journal) -> None:
    await journal.append([TradeOpened(samples.memory())])
    newer = samples.memory(best_r=1.25, stop_price=Decimal("100.050"))
    await journal.append([TradeOpened(newer)])

    restored = await journal.restore()
    assert restored.trades == (newer,)
    assert str(restored.trades[0].stop_price) == "100.050"


async def test_append_when_trade_ended_forgets_memory_and_fills(journal: Journal) -> None:
    await journal.append([FillSeen(Book.PAPER, "k1", samples.fill(1))])
    await journal.append([FillSeen(Book.PAPER, "k2", samples.fill(2))])
    await journal.append([TradeOpened(samples.memory()), TradeOpened(samples.memory("k2"))])
    await journal.append([TradeEnded(samples.closed("k1"))])

    restored = await journal.restore()
    assert restored.trades == (samples.memory("k2"),)
    assert restored.fills == ((Book.PAPER, samples.fill(2)),)
    assert restored.recent == (samples.closed("k1"),)


async def test_append_when_trade_is_voided_forgets_its_memory_alone(journal: Journal) -> None:
    live = samples.memory(book=Book.LIVE)
    await journal.append([TradeOpened(samples.memory()), TradeOpened(live)])
    await journal.append([TradeVoided(Book.PAPER, "k1"), TradeVoided(Book.PAPER, "never seen")])

    restored = await journal.restore()
    assert restored.trades == (live,)
    assert restored.recent == ()


async def test_restore_when_crash_left_a_fill_without_memory_returns_it(journal: Journal) -> None:
    await journal.append([FillSeen(Book.PAPER, "k9", samples.fill(7))])
    await journal.append([FillSeen(Book.PAPER, "", samples.fill(8))])

    assert (await journal.restore()).fills == ((Book.PAPER, samples.fill(7)),)


async def test_restore_when_closed_trade_reopens_returns_its_fills(journal: Journal) -> None:
    await journal.append([FillSeen(Book.PAPER, "k1", samples.fill(1))])
    await journal.append([TradeEnded(samples.closed())])
    await journal.append([TradeOpened(samples.memory())])

    restored = await journal.restore()
    assert restored.trades == (samples.memory(),)
    assert restored.fills == ((Book.PAPER, samples.fill(1)),)


async def test_restore_when_many_trades_closed_returns_the_last_of_each_book(
    journal: Journal,
) -> None:
    paper = [samples.closed(f"p{n:03}", closed_ms=samples.T0 + n) for n in range(RECENT + 20)]
    live = samples.closed("live", book=Book.LIVE, closed_ms=samples.T0 - 1)
    await journal.append([TradeEnded(trade) for trade in (*reversed(paper), live)])

    assert (await journal.restore()).recent == (live, *paper[20:])


async def test_append_when_batch_holds_every_kind_stores_it(journal: Journal) -> None:
    found = samples.setup()
    pause = Pause(command_id="u1", requested_by="77")
    await journal.append(
        [
            SetupSeen(found, None, "stale", samples.T0),
            SetupSeen(found, samples.score(found), "signal", samples.T0),
            SignalRaised(samples.signal(found), samples.T0),
            VerdictGiven(samples.approved(found), samples.T0),
            VerdictGiven(samples.refused(found), samples.T0),
            OrderSeen(Book.PAPER, samples.order()),
            FillSeen(Book.PAPER, "k1", samples.fill()),
            TradeOpened(samples.memory()),
            EquitySeen(Book.PAPER, samples.T0, Decimal("10000.0"), Decimal("10004.25")),
            SettingChanged("paused", "operator"),
            CommandAnswered(pause, Receipt(command_id="u1", accepted=True, detail="ok"), 5),
            TradeVoided(Book.LIVE, "k7"),
            TradeEnded(samples.closed()),
        ]
    )
    await journal.append([])

    restored = await journal.restore()
    assert restored.settings == {"paused": "operator"}
    assert restored.recent == (samples.closed(),)
    assert restored.trades == ()
