"""`exchange`: the embedded exchange by itself."""

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.exchange_child import SIM_KEY, SIM_SECRET

if TYPE_CHECKING:
    from engine.exchange.sim.child import ServeOptions

# The synthetic market begins at the same moment for everybody, 2026-01-05 13:30 UTC: with the
# seed it makes a run repeatable, and the American morning is a lively hour.
SYNTHETIC_START_MS = 1_767_619_800_000


def exchange(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8790,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the state here and go on from it.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=600, help="Market seconds in a real second.")
    ] = 20.0,
    symbols: Annotated[int, typer.Option(min=1, max=1000, help="Synthetic contracts.")] = 530,
    seed: Annotated[int, typer.Option(help="Seed of the market.")] = 3,
    replay: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE...", help="Real candles as the market; folders too."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the kept state.")] = False,
    as_child: Annotated[bool, typer.Option("--as-child", hidden=True)] = False,
    files: Annotated[list[Path] | None, typer.Argument(hidden=True)] = None,
) -> None:
    """Run the embedded exchange: a simulator that speaks Binance's protocol on this machine.

    It goes on while bots come and go, until Ctrl-C. When ready it says how to attach a bot
    (standard error) and prints one line of JSON with its addresses (standard output).

    Example:
      python -m bot exchange --port 8790 --data data/exchange --symbols 100
    """
    from engine.exchange.sim.child import ServeOptions, serve  # noqa: PLC0415 - `--help` is quick
    from engine.exchange.sim.errors import SimError  # noqa: PLC0415
    from engine.exchange.sim.market import MarketError  # noqa: PLC0415
    from engine.exchange.sim.wire.security import ApiKey  # noqa: PLC0415

    recordings = (*(replay or ()), *(files or ()))
    options = ServeOptions(
        start_ms=None if recordings else SYNTHETIC_START_MS,
        keys={SIM_KEY: ApiKey("demo", SIM_SECRET)},
        port=port,
        speed=speed,
        symbols=symbols,
        seed=seed,
        replay=recordings,
        data=data,
        fresh=fresh,
        end_with_stdin=as_child,
    )
    try:
        asyncio.run(serve(options, on_ready=None if as_child else partial(show_banner, options)))
    except (SimError, MarketError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def show_banner(options: "ServeOptions", url: str, console: Console | None = None) -> None:
    """Tell a person what runs here and how to attach a bot; on standard error."""
    market = "recorded candles" if options.replay else f"{options.symbols} synthetic contracts"
    kept = f"kept in {options.data}" if options.data else "forgotten at the end (--data keeps it)"
    body = Text.assemble(
        ("The exchange is open at ", "bold"),
        (url, "cyan"),
        f"\n{market}, market time runs {options.speed:g}× faster than yours",
        f"\nIts state is {kept}.",
        "\n\nAttach a bot in another terminal:\n",
        (f"  python -m bot run --exchange {url}", "bold"),
        ("\n\nCtrl-C closes it. The line of JSON is for programs.", "dim"),
    )
    panel = Panel(body, title="embedded exchange", expand=False, border_style="cyan")
    (console or Console(stderr=True, highlight=False)).print(panel)
