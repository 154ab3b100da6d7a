"""The journal of a period, with starts, commands and how long each start lived."""

from decimal import Decimal

from engine.domain.commands import Pause, Receipt, Resume
from engine.domain.effects import CommandAnswered, EquitySeen, SetupSeen, SignalRaised
from engine.domain.order import Book
from storage.database import Database
from storage.journal import SqlJournal
from storage.period import read_period
from tests.storage import samples
from tests.storage.test_runs import run

T0 = samples.T0


def answered(number: int, at_ms: int, *, accepted: bool = True) -> CommandAnswered:
    key = f"c{number}"
    kind = Pause if number % 2 else Resume
    receipt = Receipt(command_id=key, accepted=accepted, detail="")
    return CommandAnswered(kind(command_id=key, requested_by="owner"), receipt, at_ms)


def equity(at_ms: int, wallet: str = "100", book: Book = Book.PAPER) -> EquitySeen:
    return EquitySeen(book, at_ms, Decimal(wallet), Decimal(wallet))


async def test_period_when_read_has_the_setups_inside_and_accepted_commands_before_its_end(
    database: Database,
) -> None:
    early, inside, late = (samples.setup(name) for name in ("AAAUSDT", "BBBUSDT", "CCCUSDT"))
    await SqlJournal(database).append(
        [
            SetupSeen(early, None, "stale", T0 - 1),
            SetupSeen(inside, samples.score(inside), "signal", T0),
            SignalRaised(samples.signal(inside), T0),
            SetupSeen(late, None, "stale", T0 + 10),
            answered(1, T0 - 5),
            answered(2, T0 + 1, accepted=False),
            answered(3, T0 + 2),
            answered(4, T0 + 10),
        ]
    )

    period = await read_period(database, T0, T0 + 10)

    assert [one.setup.symbol for one in period.setups] == ["BBBUSDT"]
    assert period.setups[0].threshold is not None
    assert [one.command.command_id for one in period.commands] == ["c1", "c3"]
    assert period.last_ms == T0 + 10


async def test_ends_when_equity_was_journalled_are_its_newest_row_of_each_start(
    database: Database,
) -> None:
    await SqlJournal(database).append(
        [
            run(1, started_ms=T0),
            run(2, started_ms=T0 + 100),
            run(3, started_ms=T0 + 200),
            equity(T0 + 60),
            equity(T0 + 160, "101"),
            equity(T0 + 170, "7", Book.LIVE),
        ]
    )

    period = await read_period(database, T0 + 100, T0 + 1_000)

    assert period.ends == {1: T0 + 60, 2: T0 + 170}
    assert period.wallets == {Book.PAPER: Decimal(101), Book.LIVE: Decimal(7)}
    assert [one.epoch for one in period.runs] == [1, 2, 3]


async def test_period_when_the_journal_is_empty_is_empty(database: Database) -> None:
    period = await read_period(database, 0, 1 << 60)

    assert (period.runs, period.setups, period.commands) == ((), (), ())
    assert period.last_ms == -1


async def test_period_when_it_has_more_setups_than_a_query_may_name_has_them_all(
    database: Database,
) -> None:
    found = [samples.setup(f"S{number:04}USDT") for number in range(950)]
    await SqlJournal(database).append([SetupSeen(one, None, "stale", T0) for one in found])

    assert len((await read_period(database, T0, T0 + 1)).setups) == 950
