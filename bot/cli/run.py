"""`run`: the bot itself."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.durations import parse_duration_ms
from bot.run_options import RunOptions
from bot.settings import Settings, SettingsError
from engine.domain.signal import Mode

SIM = "Embedded exchange"


def run(
    venue: Annotated[
        Literal["sim", "binance", "binance-demo"] | None,
        typer.Option(help="Where to trade; sim, the default, needs no keys and no internet."),
    ] = None,
    mode: Annotated[
        Literal["signals", "paper", "live"] | None,
        typer.Option(
            help="Mode of a fresh database (else signals); later it can only lower the stored one."
        ),
    ] = None,
    exchange: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Attach to a running exchange.", rich_help_panel=SIM),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            help="Forget the former run: trades, orders, settings made in the chat.",
            rich_help_panel=SIM,
        ),
    ] = False,
    replay: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE...", help="Real candles as the market.", rich_help_panel=SIM),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            min=0.1, max=600, help="Market seconds in a real second.", rich_help_panel=SIM
        ),
    ] = 20.0,
    symbols: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Scan only so many symbols.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the market.", rich_help_panel=SIM)] = 3,
    allow_negative_edge: Annotated[
        bool,
        typer.Option(
            "--allow-negative-edge",
            help="Let live entries pass the edge gate.",
            rich_help_panel=SIM,
        ),
    ] = False,
    chat_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port of the local chat page, else 8787; 0 takes any free one."
        ),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="DURATION", help="Stop after this much market time: 30m, 4h."
        ),
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the run's figures as JSON.")
    ] = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Keep the candles as they were seen, for `parity`."),
    ] = False,
    files: Annotated[list[Path] | None, typer.Argument(hidden=True)] = None,
) -> None:
    """Run the bot with its chat.

    Without a Telegram token the chat is a page in your browser; its link is printed at the start.

    Examples:
      python -m bot run

      python -m bot run --mode paper --symbols 100 --speed 20 --for 4h --summary out.json

      python -m bot run --replay april.parquet more.parquet --speed 60
    """
    from bot.app import run_bot  # noqa: PLC0415 - `--help` need not load the engine

    if files and not replay:
        raise typer.BadParameter(f"unexpected {files[0]}: files follow --replay")
    try:
        options = RunOptions(
            venue=venue,
            mode=Mode(mode) if mode else None,
            exchange_url=exchange,
            fresh=fresh,
            replay=(*(replay or ()), *(files or ())),
            speed=speed,
            symbols=symbols,
            seed=seed,
            allow_negative_edge=allow_negative_edge,
            chat_port=chat_port,
            duration_ms=parse_duration_ms(duration) if duration else None,
            summary=summary,
            record=record,
        )
        settings = Settings.load()
    except (SettingsError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(asyncio.run(run_bot(options, settings)))
