"""The record of commands."""

from engine.domain.commands import ClosePosition, Receipt
from engine.domain.effects import CommandAnswered
from storage import commands
from storage.database import Database


def _answered(number: int, detail: str = "closing") -> CommandAnswered:
    command = ClosePosition(command_id=f"u{number}", requested_by="77", symbol="BTCUSDT")
    receipt = Receipt(command_id=f"u{number}", accepted=number % 2 == 0, detail=detail)
    return CommandAnswered(command, receipt, number)


async def test_page_when_followed_shows_each_command_once(database: Database) -> None:
    async with database.write() as connection:
        await commands.write(connection, [_answered(n) for n in range(5)])
        first = await commands.page(connection, 3)
        second = await commands.page(connection, 3, before=first[-1][0])
    assert [answered for _, answered in (*first, *second)] == [
        _answered(n) for n in (4, 3, 2, 1, 0)
    ]


async def test_write_when_command_is_redelivered_keeps_the_first_answer(
    database: Database,
) -> None:
    async with database.write() as connection:
        await commands.write(connection, [_answered(1), _answered(1, "again")])
        assert [seen for _, seen in await commands.page(connection, 9)] == [_answered(1)]
