"""The verb `smc`: every Smart Money Concepts event of a candle file, as a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer
from rich.console import Console
from rich.progress import Progress

from bot.cli.outputs import refuse_unwritable, write_whole
from bot.cli.smc_proof import prove_candles
from engine.domain.errors import InvalidCandles
from engine.domain.setup import Recipe
from engine.smc.events import KINDS
from engine.smc.frame import (
    COMPILE_FROM,
    CandleArrays,
    Detected,
    EventTable,
    can_compile,
    detect_frame,
)
from engine.smc.params import DetectorParams, OrderBlockAnchor

if TYPE_CHECKING:
    import polars as pl

SHOW_PROGRESS_FROM = 60_000
"""Candles that can take longer than two seconds."""


def smc(
    file: Annotated[Path, typer.Argument(help="Candles, .csv or .parquet, or a folder of them.")],
    left: Annotated[int, typer.Option(help="Candles before a swing, 1-60.")] = 4,
    right: Annotated[int, typer.Option(help="Candles after a swing, 1-60.")] = 5,
    ob_anchor: Annotated[
        OrderBlockAnchor, typer.Option(help="Which candle of the leg is the order block.")
    ] = OrderBlockAnchor.LAST_OPPOSITE,
    min_gap: Annotated[
        float, typer.Option(help="Smallest fair value gap in ATR(14); 0 takes every gap.")
    ] = 0.0,
    max_age: Annotated[
        int, typer.Option(help="Forget what is older than this many candles; 0 = never.")
    ] = 400,
    equal_levels: Annotated[
        bool, typer.Option("--equal-levels", help="Merge equal highs and lows into one pool.")
    ] = False,
    symbol: Annotated[
        str | None, typer.Option(help="Which symbol of a file with a symbol column.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write; without it, standard output.")
    ] = None,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove",
            help="Write nothing; prove on these candles that nothing shown is changed later.",
        ),
    ] = False,
    every: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="--prove: try every so many prefixes; 1 tries all, by default about a minute's.",
        ),
    ] = None,
) -> None:
    """Write every SMC event of a candle file: known_at,bar,kind,direction,top,bottom,ref.

    Rows are 0-based rows of the input. An event is written once, in the order in which it became
    known at the close of row known_at, and nothing later can change it. Rows are taken to follow
    each other: a hole in the times (a weekend, an outage) is not treated specially.

    With --prove the file is replayed: what the live detector shows at each close, and what it
    finds in ever longer beginnings of the file, must stay for ever. Exit code 1 if anything is
    rewritten. A labeller that works with hindsight is shown beside it for comparison.

    Example: python -m bot smc EURUSD_15M.csv --left 4 --right 5 --out events.csv

    Example: python -m bot smc EURUSD_15M.csv --prove
    """
    from bot.cli.candle_table import read_candles  # noqa: PLC0415 - `run` must not pay for it

    try:
        refuse_unwritable("--out", out)
        params = DetectorParams(
            left=left,
            right=right,
            ob_anchor=ob_anchor,
            min_gap_atr=min_gap,
            max_age=max_age,
            equal_levels=equal_levels,
            recipes=tuple(Recipe) if prove else (),
        )
        candles = read_candles(file, symbol)
        if prove:
            raise typer.Exit(prove_candles(candles, params, every))
        found = _detect(candles, params)
        _write(event_frame(found.events), out)
    except BrokenPipeError:
        raise typer.Exit(0) from None  # the reader, say `head`, has seen enough
    except OSError as error:
        typer.echo(f"smc: {error.strerror or error}", err=True)
        raise typer.Exit(2) from None
    except (InvalidCandles, ValueError) as error:
        typer.echo(f"smc: {error}", err=True)
        raise typer.Exit(2) from None
    evicted = sum(found.evictions)
    typer.echo(
        f"{len(candles)} candles, {len(found.events)} events"
        + (f", {evicted} levels forgotten early: too many at once" if evicted else "")
        + (f" -> {out}" if out else ""),
        err=True,
    )


def event_frame(events: EventTable) -> "pl.DataFrame":
    """Return the event table under its published column names; `ref` is null where empty."""
    import polars as pl  # noqa: PLC0415 - `run` must not pay for it

    kinds = pl.Series([kind.value for kind in KINDS])
    ref = pl.Series("ref", events.ref)
    return pl.DataFrame(
        {
            "known_at": events.known_at,
            "bar": events.bar,
            "kind": kinds.gather(pl.Series(events.kind)),
            "direction": events.direction,
            "top": events.top,
            "bottom": events.bottom,
        }
    ).with_columns(ref.set(ref < 0, None))


def _detect(candles: CandleArrays, params: DetectorParams) -> Detected:
    """Detect, with a progress bar where it takes long."""
    if len(candles) < SHOW_PROGRESS_FROM:
        return detect_frame(candles, params)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        compiles = len(candles) > COMPILE_FROM and can_compile()
        title = "detecting (the first compiled run takes 20 s more)" if compiles else "detecting"
        task = progress.add_task(title, total=len(candles))
        return detect_frame(
            candles, params, progress=lambda done: progress.update(task, completed=done)
        )


def _write(frame: "pl.DataFrame", out: Path | None) -> None:
    """Write the table as CSV; floats as the shortest text that reads back as the same number."""
    if out is not None:
        write_whole(out, frame.write_csv().encode())
        return
    stream: BinaryIO = typer.get_binary_stream("stdout")
    stream.write(frame.write_csv().encode())  # written by polars, a closed pipe has no errno
    stream.flush()
