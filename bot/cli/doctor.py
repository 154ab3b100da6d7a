"""`doctor`: is everything in place?"""

import asyncio
import random
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from bot.settings import Settings, SettingsError, hosted_platform, platform_database_url
from bot.tools.findings import Finding, Level, fault

_STYLES = {Level.GOOD: "green", Level.WARNING: "yellow", Level.FAULT: "red"}
_WIDTH = 12


def doctor(
    venue: Annotated[
        Literal["sim", "binance", "binance-demo"] | None, typer.Option(help="Venue to examine.")
    ] = None,
    exchange: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Examine a running embedded exchange; means sim."),
    ] = None,
) -> None:
    """Examine settings, keys, venue, clock, database, disk, model and chat; change nothing.

    Every line is marked ✓ (well), ! (the bot runs, but know this) or ✗ (must be mended first).
    The exit code is 0 unless a line is marked ✗.

    Example:
      python -m bot doctor --venue binance
    """
    if exchange and venue not in {None, "sim"}:
        raise typer.BadParameter(f"--exchange works with --venue sim only, not with {venue}")
    report = Report()
    try:
        settings = Settings.load()
    except SettingsError as error:
        for line in str(error).splitlines():
            report.add(fault("settings", line, "change it in .env or in the environment"))
    else:
        report.hide(settings.secrets)
        asyncio.run(_examine(settings, "sim" if exchange else venue, exchange, report))
    raise typer.Exit(report.conclude())


async def _examine(
    settings: Settings,
    venue: Literal["sim", "binance", "binance-demo"] | None,
    exchange: str | None,
    report: "Report",
) -> None:
    from bot.tools.doctor import Surroundings, examine  # noqa: PLC0415 - `--help` is quick
    from engine.runtime.log import configure_logging  # noqa: PLC0415

    # What goes wrong is a finding; a log line beside it would only tell it twice.
    configure_logging(secrets=settings.secrets, as_json=False, level="CRITICAL")
    around = Surroundings(
        venue=venue,
        exchange_url=exchange,
        hosted=hosted_platform(),
        platform_url=platform_database_url(),
    )
    async for finding in examine(settings, around, random.Random()):
        report.add(finding)


class Report:
    """Prints findings as they come and remembers the worst."""

    def __init__(self, console: Console | None = None) -> None:
        from engine.runtime.log import Redactor  # noqa: PLC0415 - `--help` is quick

        self._console = console or Console(highlight=False)
        self._redactor = Redactor()
        self._counts = dict.fromkeys(Level, 0)

    def hide(self, secrets: tuple[str, ...]) -> None:
        """Never print these texts."""
        from engine.runtime.log import Redactor  # noqa: PLC0415

        self._redactor = Redactor(secrets)

    def add(self, finding: Finding) -> None:
        """Print one finding."""
        self._counts[finding.level] += 1
        line = Text.assemble(
            (f"{finding.level.value} ", _STYLES[finding.level]),
            (f"{finding.about:{_WIDTH}}", "bold"),
            self._redactor.clean(finding.text),
        )
        if finding.advice:
            line.append(f"\n{'':{_WIDTH + 2}}→ {finding.advice}", "dim")
        self._console.print(line, soft_wrap=True)

    def conclude(self) -> int:
        """Print the count and return the exit code."""
        faults, warnings = self._counts[Level.FAULT], self._counts[Level.WARNING]
        if faults:
            self._console.print(f"[red]{faults} to mend[/red], {warnings} to know", markup=True)
            return 1
        ready = "[green]ready[/green]" + (f", {warnings} to know" if warnings else "")
        self._console.print(ready, markup=True)
        return 0
