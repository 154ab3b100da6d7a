"""The verb `backtest`: recorded candles through the same core, with costs, and what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from bot.cli.outputs import refuse_unwritable, write_whole
from bot.cli.progress import progress_line
from bot.cli.timeframes import parse_timeframes

if TYPE_CHECKING:
    from bot.backtesting import Backtested, BacktestOrder


def backtest(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Candle files (.parquet) or folders, one market."),
    ],
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every figure and trade.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with plots and trades.")
    ] = None,
    cost_multipliers: Annotated[
        str, typer.Option(help="Factors on spread and impact, one run each.")
    ] = "1",
    mode: Annotated[
        Literal["signals", "paper", "live"],
        typer.Option(help="signals counts only; live asks for a proven edge as the bot does."),
    ] = "paper",
    symbols: Annotated[
        str, typer.Option(help="Only these, separated by commas; all by default.")
    ] = "",
    funding: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Funding rates: symbol, funding_time, funding_rate."),
    ] = None,
    breakers: Annotated[
        Literal["daily", "keep", "off"],
        typer.Option(help="A tripped breaker: reset at midnight UTC, kept, or never trips."),
    ] = "daily",
    latency_ms: Annotated[
        int, typer.Option(min=0, max=5000, help="How long an order travels.")
    ] = 250,
    heuristic: Annotated[
        bool, typer.Option("--heuristic", help="Score without the model even if there is one.")
    ] = False,
    timeframes: Annotated[
        str,
        typer.Option(
            metavar="LIST",
            help="Alert and trade on these (1m,5m,15m,1h); as the settings say by default.",
        ),
    ] = "",
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Processes for several multipliers; one a core by default."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Run several multipliers on a Dask cluster (tcp://host:8786), candles sent along.",
        ),
    ] = None,
    slow: Annotated[
        bool, typer.Option("--slow", help="Show every minute to the core; same result, slowly.")
    ] = False,
) -> None:
    """Replay candles through the same core, exits and matching engine, all symbols at once.

    Entries meet the open of the next minute after their journey. Inside a minute the worst order
    is assumed: the stop before the target, and a gap through the stop fills at its open. Results
    are net of fees, spread, impact and, with --funding, funding. Beside them stands what as many
    random entries of the same days would have earned. Settings come from the environment, as for
    the bot.

    Example:
      python -m bot backtest candles/2025 --json out.json --report out.html
      --cost-multipliers 0.5,1,2,4 --timeframes 5m,15m
    """
    from bot.backtesting import BacktestOrder, run_backtests  # noqa: PLC0415 - `--help` is quick
    from bot.reports.backtest_json import backtest_json  # noqa: PLC0415
    from bot.settings import Settings, SettingsError  # noqa: PLC0415
    from engine.backtest.plan import BreakerRule  # noqa: PLC0415
    from engine.domain.errors import EngineError  # noqa: PLC0415
    from engine.domain.signal import Mode  # noqa: PLC0415
    from engine.runtime.clock import SystemClock  # noqa: PLC0415

    clock = SystemClock()
    try:
        refuse_unwritable("--json", json)
        refuse_unwritable("--report", report)
        order = BacktestOrder(
            data=tuple(data),
            multipliers=parse_multipliers(cost_multipliers),
            mode=Mode(mode),
            symbols=tuple(one.strip().upper() for one in symbols.split(",") if one.strip()),
            funding=funding,
            breakers=BreakerRule(breakers),
            latency_ms=latency_ms,
            heuristic=heuristic,
            slow=slow,
            timeframes=parse_timeframes(timeframes) if timeframes else (),
            jobs=jobs,
            cluster=cluster,
        )
        started_ms = clock.wall_ms()
        with progress_line() as progress:
            task = progress.add_task("", total=1.0)
            made = run_backtests(
                order,
                Settings.load(),
                lambda text, done: progress.update(task, description=text, completed=done),
                clock,
            )
        took_s = (clock.wall_ms() - started_ms) / 1000
    except (EngineError, SettingsError, ValueError, OSError) as error:
        typer.echo(f"backtest: {error}", err=True)
        raise typer.Exit(2) from None
    # What was found is told first: a full disk must not take it along.
    _print(made, order, took_s)
    try:
        if json is not None:
            write_whole(json, backtest_json(made))
        if report is not None:
            from bot.reports.backtest_html import backtest_html  # noqa: PLC0415

            write_whole(report, backtest_html(made).encode())
    except OSError as error:
        typer.echo(f"backtest: {error.strerror}", err=True)
        raise typer.Exit(2) from None


def parse_multipliers(text: str) -> tuple[float, ...]:
    """Return the factors of a list like `0.5,1,2,4`.

    Raises:
        ValueError: what was given and what is allowed.
    """
    try:
        factors = tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        factors = ()
    if not factors or not all(0 <= one <= 100 for one in factors):
        raise ValueError(f"--cost-multipliers is {text!r}, allowed are numbers from 0 to 100")
    return tuple(dict.fromkeys(factors))


def _print(made: "Backtested", order: "BacktestOrder", took_s: float) -> None:
    from bot.reports.backtest_text import summary_lines  # noqa: PLC0415

    console = Console(highlight=False)
    for line in summary_lines(made):
        console.print(line, soft_wrap=True)
    candles = made.results[0].candles * len(made.results)
    console.print(
        f"{len(made.series)} symbols, {len(made.results)} × {made.results[0].candles:,} candles in "
        f"{took_s:.1f} s = {candles / max(took_s, 1e-3):,.0f} candles/s"
        + (" (slow path)" if order.slow else "")
        + "; "
        + ", ".join(f"{stage} {took:.1f} s" for stage, took in made.seconds.items()),
        style="dim",
    )
