"""`backup`: a copy of the database while the bot goes on."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.cli.outputs import refuse_unwritable
from bot.places import database_url
from bot.settings import Settings, SettingsError, platform_database_url
from engine.domain.errors import JournalError

if TYPE_CHECKING:
    from storage.database import Database

FOLDER = "backups"


def backup(
    venue: Annotated[
        Literal["sim", "binance", "binance-demo"] | None,
        typer.Option(help="Whose database; each venue has its own."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to; else the data folder's backups."),
    ] = None,
) -> None:
    """Copy the database, whole and checked, while the bot may go on using it.

    A plain copy of the file would miss what still lies in its write-ahead log. To go back, stop
    the bot and put the copy in the place of trade.db. A Postgres has a backup of its own.

    Example:
      python -m bot backup --venue binance --out /mnt/usb/trade.db
    """
    try:
        settings = Settings.load()
        place = venue or settings.venue or "sim"
        url = database_url(settings, place, platform_database_url())
        target = out or _default_target(settings, place)
        database = _opened(url, target)
        size = asyncio.run(_copy(database, target))
    except (SettingsError, JournalError, ValueError) as error:
        typer.echo(f"backup: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{database.label} -> {target}, {size / 1e6:,.1f} MB, checked")


def _opened(url: str, target: Path) -> "Database":
    """Return the database that is to be copied.

    Raises:
        JournalError: there is none.
        ValueError: the copy cannot be written there.
    """
    from storage.database import Database  # noqa: PLC0415 - loads SQLAlchemy

    database = Database(url)
    if database.path is not None:
        if not database.path.is_file():
            raise JournalError(f"there is no database at {database.path}; name its --venue")
        if target.resolve() == database.path.resolve():
            raise ValueError(f"--out {target} is the database itself; give another file")
        refuse_unwritable("--out", target)
    return database


async def _copy(database: "Database", target: Path) -> int:
    from storage.backup import backup as copy  # noqa: PLC0415 - loads SQLAlchemy

    try:
        return await copy(database, target)
    finally:
        await database.close()


def _default_target(settings: Settings, place: str) -> Path:
    from engine.runtime.clock import SystemClock  # noqa: PLC0415 - `--help` is quick

    now = datetime.fromtimestamp(SystemClock().wall_ms() / 1000, UTC)
    return settings.data_dir / FOLDER / f"{place}-{now:%Y-%m-%d-%H%M%S}.db"
