"""Candle files and folders as sources of research: one symbol at a time, checked."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from engine.domain.errors import InvalidCandles
from storage.candles import first_line, quote_volume, read_candles, scan_candles

_COLUMNS = ("open_time", "open", "high", "low", "close")


class CandleFiles:
    """Files that together hold one market: months of a download, or a single file.

    A symbol spread over several files is joined; holes stay holes. Two files that both claim a
    minute of a symbol are refused, because nobody can know which is right.
    """

    def __init__(self, name: str, files: Sequence[Path]) -> None:
        self.name = name
        self._files = tuple(files)
        self._by_symbol: dict[str, list[Path]] | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, sorted."""
        return self._files

    def symbols(self) -> tuple[str, ...]:
        """Return the symbols in order.

        Raises:
            InvalidCandles: a file is no candle file.
        """
        return tuple(sorted(self._index()))

    def candles(self, symbol: str) -> pl.DataFrame:
        """Return open_time, prices and quote_volume (estimated where unknown) of one symbol.

        Raises:
            InvalidCandles: names the file and the fault.
        """
        files = self._index().get(symbol, [])
        if not files:
            raise InvalidCandles(f"{self.name} has no candles of {symbol}")
        parts = [
            read_candles(file, symbols=[symbol]).select(*_COLUMNS, quote_volume()) for file in files
        ]
        joined = pl.concat(parts).sort("open_time")
        double = joined.filter(pl.col("open_time").is_duplicated())
        if len(double):
            names = ", ".join(file.name for file in files)
            raise InvalidCandles(
                f"{self.name}: {symbol} {double['open_time'][0]} is in more than one of {names}"
            )
        return joined

    def silence(self) -> pl.DataFrame:
        """Return by minute how many symbols have a candle and how many traded nothing in it.

        Columns open_time, symbols, silent; silent candles are flat and have no volume.

        Raises:
            InvalidCandles: a file is no candle file.
        """
        flat = (pl.col("open") == pl.col("close")) & (pl.col("high") == pl.col("low"))
        silent = flat & (quote_volume() == 0)
        minutes = [
            scan_candles(file).select("open_time", silent.alias("silent")) for file in self._files
        ]
        counted = (
            pl.concat(minutes)
            .group_by("open_time")
            .agg(pl.len().alias("symbols"), pl.col("silent").sum())
            .sort("open_time")
        )
        try:
            return counted.collect(engine="streaming")
        except (PolarsError, OSError) as error:
            raise self._unreadable(error) from error

    def digest(self) -> str:
        """Return the SHA-256 over the files' bytes, for provenance."""
        total = hashlib.sha256()
        for file in self._files:
            with file.open("rb") as stream:
                total.update(hashlib.file_digest(stream, "sha256").digest())
        return total.hexdigest()

    def _unreadable(self, error: Exception) -> InvalidCandles:
        """Return the fault of the file that cannot be read, for a query over all of them."""
        for file in self._files:
            try:
                scan_candles(file).collect()
            except InvalidCandles as refused:
                return refused
            except (PolarsError, OSError) as found:
                return InvalidCandles(f"{file}: {first_line(found)}")
        return InvalidCandles(f"{self.name}: {first_line(error)}")

    def _index(self) -> dict[str, list[Path]]:
        if self._by_symbol is None:
            found: dict[str, list[Path]] = {}
            for file in self._files:
                try:
                    names = scan_candles(file).select(pl.col("symbol").unique()).collect()
                except (PolarsError, OSError) as error:
                    raise InvalidCandles(f"{file}: {first_line(error)}") from error
                for name in names["symbol"].drop_nulls().to_list():
                    found.setdefault(name, []).append(file)
            self._by_symbol = found
        return self._by_symbol


def open_sources(paths: Sequence[Path]) -> list[CandleFiles]:
    """Return one source for each path: a Parquet file, or a folder of them (with subfolders).

    Sources of the same name are told apart by a number behind it.

    Raises:
        InvalidCandles: a path does not exist, is no candle file, a folder has none, or a file is
            given twice.
    """
    sources = [_source(path) for path in paths]
    files = Counter(file.resolve() for source in sources for file in source.files)
    twice = [file for file, times in files.items() if times > 1]
    if twice:
        raise InvalidCandles(f"{twice[0]} is given twice; its candles would count twice")
    seen: Counter[str] = Counter()
    for source in sources:
        seen[source.name] += 1
        if seen[source.name] > 1:
            source.name = f"{source.name}-{seen[source.name]}"
    return sources


def _source(path: Path) -> CandleFiles:
    if path.is_dir():
        files = sorted(path.rglob("*.parquet"))
        if not files:
            raise InvalidCandles(f"{path} holds no .parquet files")
        return CandleFiles(path.name, files)
    if not path.is_file():
        raise InvalidCandles(f"{path} does not exist")
    if path.suffix != ".parquet":
        raise InvalidCandles(f"{path} is no .parquet file; `import` turns CSV and Feather into it")
    return CandleFiles(path.stem, [path])
