"""The verb `parity`: a journal against a replay of the same period."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.cli.outputs import refuse_unwritable, write_whole
from bot.cli.progress import progress_line

if TYPE_CHECKING:
    from bot.parity.outcome import Parity
    from bot.parity.run import ParityOrder


def parity(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="The bot's recording, or candle files or folders."),
    ],
    journal: Annotated[
        str, typer.Option(metavar="FILE|URL", help="The bot's database: a file or a server's URL.")
    ],
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="UTC, 2026-11-22 or 2026-11-22T14.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="UTC, exclusive.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every figure.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with every signal.")
    ] = None,
) -> None:
    """Replay what the bot lived through and compare: signals, scores, entries, exits.

    The same core, detector and scorer are told the candles again, with the operator's commands at
    their times: mode, pause, threshold, mutes, risk. With the bot's own recording
    (SMCBOT_RECORD_CANDLES=1 or run --record) arrival times, blind spells and quotes are the same
    too. What cannot be repeated is named.

    Equal means: no signal is missed, none is extra. With the bot's own recording it also means that
    every matched signal has the very same score, and every setup that both sides judged the same
    fate and score; from plain candles these may differ. Exit code 0 if equal, 1 if not.

    Example: python -m bot parity --journal data/sim/trade.db data/sim/candles --html parity.html
    """
    from bot.parity.run import ParityOrder  # noqa: PLC0415 - `--help` is quick
    from bot.settings import SettingsError  # noqa: PLC0415
    from engine.domain.errors import EngineError  # noqa: PLC0415

    try:
        refuse_unwritable("--json", json)
        refuse_unwritable("--html", html)
        order = ParityOrder(
            journal=journal,
            data=tuple(data),
            since_ms=parse_time(since, "--from"),
            until_ms=parse_time(until, "--to"),
        )
        found = _compared(order)
        _write(found, json, html)
    except (EngineError, SettingsError, ValueError, OSError) as error:
        typer.echo(f"parity: {error}", err=True)
        raise typer.Exit(2) from None
    from bot.parity.report import text_lines  # noqa: PLC0415

    console = Console(highlight=False)
    for line in text_lines(found):
        console.print(line, soft_wrap=True, markup=False)
    raise typer.Exit(0 if found.is_equal else 1)


def parse_time(text: str | None, option: str) -> int | None:
    """Return a UTC time in milliseconds.

    Raises:
        ValueError: it is no time; says what is allowed.
    """
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{option} was {text!r}: a UTC time like 2026-11-22 or 2026-11-22T14:30"
        ) from None
    return round(time.replace(tzinfo=time.tzinfo or UTC).timestamp() * 1000)


def _compared(order: "ParityOrder") -> "Parity":
    from bot.parity.run import run_parity  # noqa: PLC0415
    from bot.scorer_choice import choose_scorer  # noqa: PLC0415
    from bot.settings import Settings  # noqa: PLC0415

    loaded = choose_scorer(Settings.load())
    with progress_line() as progress:
        task = progress.add_task("", total=1.0)
        return asyncio.run(
            run_parity(
                order,
                loaded,
                lambda text, done: progress.update(task, description=text, completed=done),
            )
        )


def _write(found: "Parity", json: Path | None, html: Path | None) -> None:
    from bot.parity.report import as_html, as_json  # noqa: PLC0415

    for path, content in (
        (json, as_json(found) if json else b""),
        (html, as_html(found).encode() if html else b""),
    ):
        if path is not None:
            write_whole(path, content)
