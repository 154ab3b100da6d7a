"""The verb `train`: candles in, a checked bundle and its model card out."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from bot.cli.progress import progress_line
from bot.cli.timeframes import parse_timeframes
from bot.settings import Settings, SettingsError
from engine.domain.errors import EngineError

INTERRUPTED = 130


def train(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Candle files (.parquet) or folders to learn from."),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where bundle and card go.")],
    test: Annotated[
        list[Path] | None,
        typer.Option(metavar="DATA", help="Judged once, never fitted; may be given several times."),
    ] = None,
    timeframes: Annotated[
        str, typer.Option(help="Timeframes to detect on, of 1m, 5m, 15m and 1h.")
    ] = "1m,5m,15m",
    schema: Annotated[
        str, typer.Option(metavar="NAME", help="Features to learn from: smc12.v1 or smc.v2.")
    ] = "smc12.v1",
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 1,
    trials: Annotated[
        int,
        typer.Option(min=0, max=1000, help="Tree shapes Optuna tries on the folds; 0 = no search."),
    ] = 0,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.01, help="Search no longer than this; the card says how many it got."),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, max=20, help="Blocks of the walk-forward.")] = 5,
    funding: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Funding rates: symbol, funding_time, funding_rate."),
    ] = None,
    market: Annotated[
        Literal["spot", "futures"],
        typer.Option(help="What DATA is where names do not begin with spot, um_ or futures."),
    ] = "futures",
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, help="Local processes of about 0.3 GB; one a core by default."
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Use a running Dask cluster, e.g. tcp://host:8786."),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where finished parts are kept; the data folder's cache."),
    ] = None,
) -> None:
    """Train the score on history and say honestly what it is worth.

    Detects setups, follows the exit policy on every one of them after costs, learns walk-forward
    with purge and embargo, calibrates on earlier folds only, and compares with random entries.
    Writes lgbm_smc.txt, lgbm_smc.json, card.md and card.html. The same data, seed and number of
    trials give the same bundle, whoever does the work. Without --test the bundle never claims an
    edge. A search (--trials, --minutes) minimises the log-loss out of fold on the training data.

    What is finished is kept in --work, so the same command goes on where it was interrupted.
    A --cluster needs the same version of the bot on each worker, but no files: the candles of
    each symbol are sent along with its piece of work.

    Example:
      python -m bot train candles/2020 candles/2023 --test candles/2025 --out data/model
      --trials 40
    """
    from bot.research import TrainOrder, run_training  # noqa: PLC0415 - `--help` is quick
    from bot.research_data import Market  # noqa: PLC0415
    from bot.workers import open_workers  # noqa: PLC0415
    from engine.runtime.clock import SystemClock  # noqa: PLC0415

    kept = work
    try:
        research = Settings.load().data_dir / "research"
        kept = work or research
        order = TrainOrder(
            data=tuple(data),
            test=tuple(test or ()),
            out=out,
            timeframes=parse_timeframes(timeframes),
            seed=seed,
            trials=trials,
            minutes=minutes,
            folds=folds,
            funding=funding,
            ledger=research / "test-ledger.jsonl",
            work=kept,
            schema=schema,
            market=Market(market),
        )
        with progress_line() as progress, open_workers(jobs, cluster) as workers:
            task = progress.add_task("", total=None)

            def told(text: str, done: float | None = None) -> None:
                # Rich shows a bar that runs back and forth while the end is not known.
                total = None if done is None else 1.0
                progress.update(task, description=text, completed=done or 0.0, total=total)

            result = run_training(order, SystemClock(), told, workers)
    except KeyboardInterrupt:
        typer.echo(
            f"train: interrupted; what is finished is kept in {kept}, the same command goes on "
            "from there",
            err=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    except (EngineError, SettingsError, ValueError, OSError) as error:
        typer.echo(f"train: {error}", err=True)
        raise typer.Exit(2) from None
    Console(highlight=False).print(result.summary, soft_wrap=True)
