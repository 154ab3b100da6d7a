"""`migrate`: bring the database to the newest schema."""

import asyncio
from typing import Annotated, Literal

import typer

from bot.places import database_url
from bot.settings import Settings, SettingsError, platform_database_url
from engine.domain.errors import JournalError


def migrate(
    venue: Annotated[
        Literal["sim", "binance", "binance-demo"] | None,
        typer.Option(help="Whose database; each venue has its own."),
    ] = None,
) -> None:
    """Bring the database to the newest schema; `run` does this by itself.

    Example:
      python -m bot migrate --venue binance
    """
    from storage.migrate import migrate as migrate_database  # noqa: PLC0415 - loads SQLAlchemy

    try:
        settings = Settings.load()
        url = database_url(settings, venue or settings.venue or "sim", platform_database_url())
        revision = asyncio.run(migrate_database(url))
    except (SettingsError, JournalError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"database is at revision {revision}")
