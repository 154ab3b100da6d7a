"""The verb `download`: candle history from the venue's public dumps."""

import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.domain.errors import EngineError

if TYPE_CHECKING:
    from bot.tools.download.downloader import Download, Places
    from bot.tools.download.dumps import Month

DUMPS_URL = "https://data.binance.vision"
REST_URLS = {"um": "https://fapi.binance.com", "spot": "https://api.binance.com"}


def download(
    symbols: Annotated[list[str], typer.Argument(metavar="SYMBOL...", help="Such as BTCUSDT.")],
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="First month.")],
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month; without it, now.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the candles go.")] = Path(
        "data/candles"
    ),
    market: Annotated[Literal["um", "spot"], typer.Option(help="Futures or spot.")] = "um",
    funding: Annotated[
        bool, typer.Option("--funding", help="Funding rates too, into DIR/funding.parquet.")
    ] = False,
    dumps_url: Annotated[str, typer.Option(help="Where the dumps lie.")] = DUMPS_URL,
    rest_url: Annotated[
        str | None, typer.Option(help="REST API for holes and for the newest candles.")
    ] = None,
) -> None:
    """Download 1-minute candles: public dumps checked by their SHA-256, holes filled from REST.

    Writes DIR/klines/SYMBOL/SYMBOL-1m-YYYY-MM.parquet. Months that are done are not fetched
    again, so an interrupted download goes on where it was. What failed is named at the end.

    Example:
      python -m bot download BTCUSDT ETHUSDT --from 2025-01 --to 2025-06 --funding
    """
    from bot.tools.download.downloader import Places  # noqa: PLC0415 - `--help` is quick
    from bot.tools.download.dumps import Market, Month, months  # noqa: PLC0415
    from engine.runtime.clock import SystemClock  # noqa: PLC0415

    now_ms = SystemClock().wall_ms()
    try:
        begin = Month.parse(first)
        end = Month.parse(last) if last else Month.of(now_ms)
        wanted = [month for month in months(begin, end) if month.start_ms < now_ms]
        if not wanted:
            raise ValueError(f"--from {first} --to {last or 'now'} holds no month of the past")
        places = Places(
            dumps_url=dumps_url.rstrip("/"),
            rest_url=(rest_url or REST_URLS[market]).rstrip("/"),
            folder=out / "klines",
            market=Market(market),
        )
        names = list(dict.fromkeys(parse_symbol(symbol) for symbol in symbols))
        file = out / "funding.parquet" if funding and market == "um" else None
        result = asyncio.run(_fetch(places, names, wanted, now_ms, file))
    except (EngineError, ValueError, OSError) as error:
        typer.echo(f"download: {error}", err=True)
        raise typer.Exit(2) from None
    _tell(result, places.folder)
    if result.failed:
        raise typer.Exit(1)


def parse_symbol(text: str) -> str:
    """Return a symbol in the venue's spelling.

    Raises:
        ValueError: it cannot be one; it would become part of addresses and paths.
    """
    name = text.strip().upper()
    if not name or not all(sign.isalnum() or sign in "_-" for sign in name):
        raise ValueError(f"{text!r} is no symbol, write it like BTCUSDT")
    return name


async def _fetch(
    places: "Places", symbols: list[str], wanted: "list[Month]", now_ms: int, funding: Path | None
) -> "Download":
    from bot.tools.download.client import PoliteClient  # noqa: PLC0415
    from bot.tools.download.downloader import Downloader  # noqa: PLC0415
    from bot.tools.download.funding import download_funding  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("", total=None)

        def told(done: int, total: int, name: str) -> None:
            progress.update(task, completed=done, total=total, description=name)

        async with PoliteClient(random.Random()) as client:
            result = await Downloader(client, places, now_ms).run(symbols, wanted, told)
            if funding is not None:
                progress.update(task, description="funding rates", total=None)
                result.failed += await download_funding(
                    client, places.dumps_url, funding, symbols, wanted
                )
    return result


def _tell(result: "Download", folder: Path) -> None:
    fresh = [done for done in result.done if not done.kept]
    typer.echo(
        f"{len(result.done)} months in {folder}, {len(result.done) - len(fresh)} of them had "
        f"before: {sum(done.rows for done in result.done):,} candles, "
        f"{sum(done.filled for done in result.done):,} from REST, "
        f"{sum(done.missing for done in result.done):,} minutes missing everywhere"
    )
    for done in result.done:
        if not done.rows:
            typer.echo(f"{done.symbol} {done.month}: the venue has no candles", err=True)
        if done.trouble:
            typer.echo(
                f"{done.symbol} {done.month}: {done.missing:,} minutes are still missing, "
                f"REST could not be asked ({done.trouble}); the next download tries again",
                err=True,
            )
    for line in result.failed:
        typer.echo(f"failed: {line}", err=True)
