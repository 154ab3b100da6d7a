"""The verb `import`: the user's own candles into the files that research reads."""

from pathlib import Path
from typing import Annotated

import typer

from engine.domain.errors import EngineError


def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, Parquet or Feather, 1m candles.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the months go.")] = Path(
        "data/imported"
    ),
    symbol: Annotated[
        str | None, typer.Option(help="For files that tell their symbol in no way.")
    ] = None,
) -> None:
    """Import your own 1-minute candles: CSV, Parquet, or Feather as freqtrade writes it.

    Columns in any case: a time (date, time, timestamp, open_time; text or epoch s, ms, us, ns),
    open, high, low, close, volume, optionally symbol and quote_volume. Without a symbol column
    the file name tells it: BTC_USDT_USDT-1m-futures.feather, BTCUSDT-1m-2025-05.csv.

    Example:
      python -m bot import user_data/data/binance/futures/*-1m-futures.feather --out data/mine
    """
    from bot.tools.import_candles import import_files  # noqa: PLC0415 - `--help` is quick

    try:
        written = import_files(files, out, symbol.upper() if symbol else None)
    except (EngineError, OSError) as error:
        typer.echo(f"import: {error}", err=True)
        raise typer.Exit(2) from None
    rows = sum(part.rows for part in written)
    names = {part.symbol for part in written}
    typer.echo(f"{rows:,} candles, symbols: {len(names)}, months: {len(written)} -> {out}")
