"""`bench`: the numbers this project quotes, measured on this machine."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from bot.tools.bench.measure import Row, Size


class PartName(StrEnum):
    """What can be measured by itself."""

    DETECTION = "detection"
    CODEC = "codec"
    SCORER = "scorer"
    CORE = "core"
    MACHINE = "machine"
    RUN = "run"
    CHAT = "chat"
    RESEARCH = "research"
    VERBS = "verbs"
    PEERS = "peers"


def bench(
    data: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[DATA]...",
            help="Candle files (.parquet) or folders for research, verbs and peers; synthetic "
            "candles by default.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Less of everything; a few minutes.")
    ] = False,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON too.")
    ] = None,
    only: Annotated[
        list[PartName] | None, typer.Option(help="Only this part; may be given several times.")
    ] = None,
    peers: Annotated[
        bool,
        typer.Option(
            "--peers",
            help="Also smartmoneyconcepts, nautilus_trader and backtesting.py on the same "
            "candles; installs them apart in the data folder, about 1 GB, once.",
        ),
    ] = False,
) -> None:
    """Measure detection, codec, scorer, core, bursts over sockets, `run`, the chat and research.

    Everything takes about half an hour. A peer that cannot be installed
    stays a line without a number that says why.

    Example: python -m bot bench --quick --only detection --only machine

    Example: python -m bot bench --only peers candles/2025
    """
    from bot.tools.bench.measure import FULL, QUICK  # noqa: PLC0415 - `--help` is quick
    from bot.tools.bench.report import (  # noqa: PLC0415
        as_json,
        footnote,
        table,
        this_machine,
        write_json,
    )

    before = this_machine()
    size = replace(QUICK if quick else FULL, data=tuple(data or ()))
    rows, failures = _measure(size, _chosen(only, peers=peers))
    after = this_machine()
    console = Console(highlight=False)
    console.print(table(rows))
    console.print(footnote(before, after), style="dim")
    try:
        if json is not None:
            write_json(json, as_json(rows, before, after))
    except OSError as error:
        failures.append(str(error))
    for failure in failures:
        typer.echo(f"bench: {failure}", err=True)
    raise typer.Exit(1 if failures else 0)


def _chosen(only: list[PartName] | None, *, peers: bool) -> set[PartName]:
    """Return the parts that are asked for; peers only where they are named."""
    if only:
        return {*only, PartName.PEERS} if peers else set(only)
    return set(PartName) if peers else set(PartName) - {PartName.PEERS}


def _measure(size: "Size", wanted: set[PartName]) -> "tuple[list[Row], list[str]]":
    """Return the rows, and why parts have none; one that fails does not stop the others."""
    from bot.settings import SettingsError  # noqa: PLC0415
    from bot.tools.bench.parts import PARTS  # noqa: PLC0415 - loads everything there is
    from engine.domain.errors import EngineError  # noqa: PLC0415
    from engine.runtime.clock import SystemClock  # noqa: PLC0415

    chosen = [name for name in PARTS if PartName(name) in wanted]
    rows: list[Row] = []
    failures: list[str] = []
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=len(chosen))
        for name in chosen:
            progress.update(task, description=name)
            try:
                rows += PARTS[name](
                    size, SystemClock(), lambda text: progress.update(task, description=text)
                )
            except (EngineError, SettingsError, ValueError, OSError) as error:
                failures.append(str(error))
            progress.advance(task)
    return rows, failures
