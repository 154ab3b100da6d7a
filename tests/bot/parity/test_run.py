"""From a journal and candles to a comparison: what is taken, excused, assumed and refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.parity import run as module
from bot.parity.candles import Candles
from bot.parity.errors import ParityError
from bot.parity.run import ParityOrder, run_parity
from bot.parity.steps import History
from engine.domain.commands import Receipt, SetMode
from engine.domain.effects import CommandAnswered, EquitySeen, SetupSeen, SignalRaised
from engine.domain.errors import JournalError
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.risk.costs import spread_ratio
from storage.candles import write_candles
from storage.database import Database
from storage.journal import SqlJournal
from storage.migrate import migrate
from storage.period import Period
from storage.recording import Recording, frame_of
from storage.tape_rows import CandleRow
from tests.bot.parity.kit import candle, journalled
from tests.bot.parity.test_replay import LOADED, run
from tests.builders import MINUTE, START_MS, instrument, score, setup, signal

BTC = "BTCUSDT"
HISTORY = History({BTC: [candle(n) for n in range(1_000)]})
PLAIN = Candles(HISTORY, HISTORY.series(), {BTC: instrument()}, None, {})


def recorded(**until: int) -> Candles:
    known = {int(key[1:]): at for key, at in until.items()}
    return Candles(
        HISTORY, HISTORY.series(), {BTC: instrument()}, Recording(frame_of([]), ()), known
    )


def period(**fields) -> Period:
    values = {
        "runs": (run(),),
        "commands": (),
        "setups": (),
        "last_ms": START_MS,
        "ends": {},
        "wallets": {},
    }
    return Period(**(values | fields))


def named(of, **fields):
    return journalled(of, score=score(of=of, scorer=LOADED.scorer.name), **fields)


def at(minute: int, symbol: str = BTC):
    return setup(symbol, proved_at_ms=START_MS + minute * MINUTE)


def test_runs_when_chosen_are_those_that_reach_into_the_period():
    runs = [run(epoch=n, at=100 * n) for n in (1, 2, 3)]
    moment = START_MS + 250 * MINUTE

    assert [one.epoch for one in module._chosen(runs, moment, 1 << 60)] == [2, 3]
    assert [one.epoch for one in module._chosen(runs, 0, moment)] == [1, 2]
    with pytest.raises(ParityError, match="no start before the end"):
        module._chosen(runs, 0, START_MS)
    with pytest.raises(ParityError, match="before starts were journalled"):
        module._chosen([], 0, 1)


def moved(mode: Mode, minute: int) -> CommandAnswered:
    command = SetMode(mode=mode, command_id=f"m{minute}", requested_by="o")
    receipt = Receipt(command_id=command.command_id, accepted=True, detail="")
    return CommandAnswered(command, receipt, START_MS + minute * MINUTE)


def test_book_when_the_bot_ever_traded_live_is_live_and_says_what_is_left_out():
    assert module._book([run()], period()) == (Book.PAPER, [])
    assert module._book([run(mode="live")], period())[0] is Book.LIVE
    book, notes = module._book([run()], period(commands=(moved(Mode.LIVE, 5),)))
    assert book is Book.LIVE
    assert "paper book are not replayed" in notes[0]


def test_plan_when_candles_begin_later_starts_there_with_the_threshold_of_then():
    begun = run(at=-2_000)
    seen = [
        named(at(-100 - n), at_ms=START_MS - (100 + n) * MINUTE, fate="below") for n in range(50)
    ]

    plan = module._plan(
        begun,
        period(runs=(begun,), setups=tuple(seen)),
        PLAIN,
        LOADED,
        Book.PAPER,
        START_MS + 600 * MINUTE,
    )

    assert plan.run.started_ms == START_MS + 400 * MINUTE
    assert "threshold.history" in plan.run.settings
    assert plan.run.settings["threshold.history"].count("[6000,") >= 1
    # Else the replay would take the history for another scorer's and drop it.
    assert plan.run.settings["scorer"] == LOADED.scorer.name
    assert not plan.prepared


def test_plan_when_the_run_ended_stops_there():
    first, second = run(at=450), run(epoch=2, at=900)
    known = period(runs=(first, second), ends={1: START_MS + 470 * MINUTE})

    plan = module._plan(first, known, PLAIN, LOADED, Book.PAPER, START_MS + 990 * MINUTE)

    last = max(step.at_ms for step in plan.steps)
    assert START_MS + 470 * MINUTE <= last <= START_MS + 472 * MINUTE


async def journal(path: Path, *entries) -> None:
    await migrate(str(path))
    database = Database(str(path))
    await database.open()
    await SqlJournal(database).append(list(entries))
    await database.close()


def candles_at(path: Path, minutes: int) -> Path:
    rows = [
        CandleRow(BTC, START_MS + n * MINUTE, 100.0, 100.5, 99.5, 100.0, 1.0, 1e6, 1, 1, n, 0, "")
        for n in range(minutes)
    ]
    write_candles(frame_of(rows), path)
    return path


async def test_parity_when_the_journal_has_a_signal_the_candles_do_not_show_misses_it(tmp_path):
    found = at(700)
    begun = run(at=450)
    await journal(
        tmp_path / "trade.db",
        begun,
        EquitySeen(Book.PAPER, START_MS + 710 * MINUTE, Decimal(50), Decimal(50)),
        SetupSeen(found, score(of=found, scorer="heuristic"), "signal", START_MS + 700 * MINUTE),
        SignalRaised(signal(found), START_MS + 700 * MINUTE),
    )
    told = []
    order = ParityOrder(
        journal=str(tmp_path / "trade.db"), data=(candles_at(tmp_path / "c.parquet", 800),)
    )

    made = await run_parity(order, LOADED, lambda text, done: told.append((text, done)))

    assert [one.why for one in made.missed] == ["replay: no such setup"]
    assert not made.is_equal
    assert told[-1][1] <= 1.0


async def test_parity_when_there_is_no_journal_makes_none(tmp_path):
    path = tmp_path / "absent.db"

    with pytest.raises(ParityError, match="there is no journal at"):
        await run_parity(ParityOrder(journal=str(path), data=()), LOADED, lambda *_given: None)
    assert not path.exists()


async def test_parity_when_the_journal_is_older_says_what_to_do(tmp_path):
    path = tmp_path / "old.db"
    database = Database(str(path))
    await database.open()
    await database.close()
    path.touch()

    with pytest.raises(ParityError, match="run `migrate`"):
        await run_parity(ParityOrder(journal=str(path), data=()), LOADED, lambda *_given: None)


async def test_parity_when_no_start_was_recorded_says_how_to_record(tmp_path, monkeypatch):
    await journal(tmp_path / "trade.db", run())
    monkeypatch.setattr(module, "open_candles", lambda *_given: recorded(r9=START_MS))

    with pytest.raises(ParityError, match="SMCBOT_RECORD_CANDLES=1"):
        await run_parity(
            ParityOrder(journal=str(tmp_path / "trade.db"), data=()), LOADED, lambda *_given: None
        )


def test_quotes_when_taken_from_the_journal_have_its_spread_at_the_close():
    found = named(at(500))
    mere = named(at(501), cost=None)

    quotes = module._quotes([found, mere])

    ((minute_ms, (quote,)),) = quotes.items()
    assert minute_ms == found.setup.proved_at_ms
    assert spread_ratio(quote.bid, quote.ask) == pytest.approx(found.cost.spread_ratio)


async def test_parity_when_the_bot_is_at_work_on_the_journal_does_not_lock_it(tmp_path):
    path = tmp_path / "trade.db"
    await journal(path, run(at=450))
    database = Database(str(path))
    await database.open()
    order = ParityOrder(journal=str(path), data=(candles_at(tmp_path / "c.parquet", 800),))

    async with database.write() as connection:
        await connection.exec_driver_sql("INSERT INTO settings VALUES ('a', 'b')")
        made = await run_parity(order, LOADED, lambda *_given: None)
    await database.close()

    assert made.is_equal


async def test_parity_when_the_journal_is_no_database_says_so(tmp_path):
    path = tmp_path / "trade.db"
    path.write_text("this is no database, and long enough to be none for certain" * 20)

    with pytest.raises(JournalError, match="trade"):
        await run_parity(ParityOrder(journal=str(path), data=()), LOADED, lambda *_given: None)
