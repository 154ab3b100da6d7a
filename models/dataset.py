"""From candles to one row a setup: raw quantities, features, labels and the null, on disk.

A symbol of a source is one piece of work and one part on disk. Pieces are done by any
`models.workers`, and memory is bounded by the largest symbols in work and not by the history. A
part that is already there is not made again: its name is a digest of all that it follows from, so
a build that was interrupted goes on, and changed rules, candles or code never find an old part.
`load_rows` reads the parts one by one and adds the features by the very formulas of the live
process.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from models.code_digest import code_digest
from models.dataset_rules import Counts, DatasetRules
from models.errors import WorkerLost, WorkersUnreachable
from models.feature_table import features
from models.features import reads_market
from models.labels import NO_FUNDING, FundingHistory
from models.market_pulse import market_tables, read_pulse, with_market
from models.parts import Part, PartTask, make_part, shipped
from models.schema import SMC12_V1, Schema
from models.silence import stretches
from models.symbol_rows import LABEL_COLUMNS
from models.workers import Serial, Workers


class CandleSource(Protocol):
    """Candles of one period or market; storage implements it. No two sources share a series.

    It must survive pickling, for processes on the same machine that see the same files.
    """

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def symbols(self) -> Sequence[str]:
        """Return the symbols in order."""
        ...

    def candles(self, symbol: str) -> pl.DataFrame:
        """Return checked 1m candles: open_time, open, high, low, close, quote_volume."""
        ...

    def silence(self) -> pl.DataFrame:
        """Return by minute how many symbols have a candle and how many of them are silent.

        Columns open_time, symbols, silent; a candle is silent as `models.silence.is_silent` says.
        """
        ...

    def digest(self) -> str:
        """Return a digest of the content, the same only for the same candles."""
        ...


@dataclass(frozen=True, slots=True)
class Dataset:
    """A finished build.

    Attributes:
        parts: the files, in the order of sources and symbols.
        counts: what was seen and left out.
        kept: parts that an earlier build had already made.
    """

    parts: tuple[Part, ...]
    counts: Counts
    kept: int


_KEPT = ["setup_id", "symbol", "timeframe", "recipe", "direction", "proved_at_ms"]
_KEPT += ["entry", "stop", "target", *LABEL_COLUMNS]
Progress = Callable[[int, int, str], None]
_SERIAL = Serial()


def build(
    sources: Sequence[CandleSource],
    folder: Path,
    rules: DatasetRules,
    *,
    funding: Mapping[str, FundingHistory] | None = None,
    workers: Workers = _SERIAL,
    progress: Progress | None = None,
) -> Dataset:
    """Make the parts of a data set that a folder does not hold yet, and return all.

    Args:
        sources: the candles.
        folder: where parts are kept, of this data set and of others; made if missing.
        rules: how rows are made.
        funding: rates by symbol; a symbol that is missing pays none.
        workers: who makes them; the result is the same whoever does.
        progress: called after each part with parts done, parts in all, and the part's name.

    Raises:
        InvalidCandles: a source breaks its contract.
        WorkerLost, WorkersUnreachable: those who did it are gone; says what is done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [task for source in sources for task in _tasks(source, rules, funding or {})]
    parts = tuple(Part(folder, _key(task, source)) for task, source in tasks)
    missing = [place for place, part in enumerate(parts) if not part.is_made()]
    done = len(parts) - len(missing)
    if progress is not None:
        progress(done, len(parts), "parts kept from before" if done else "")
    items = (_ready(tasks[place][0], workers) for place in missing)
    try:
        with closing(workers.each(make_part, items)) as made:
            for at, result in made:
                parts[missing[at]].keep(result)
                done += 1
                if progress is not None:
                    progress(done, len(parts), str(tasks[missing[at]][0]))
    except (WorkerLost, WorkersUnreachable) as error:
        raise type(error)(
            f"{error}; {done} of {len(parts)} parts are done and kept in {folder}, the same "
            "command goes on from there"
        ) from error
    counts = Counts()
    for part in parts:
        counts.add(part.counts())
    return Dataset(parts, counts, len(parts) - len(missing))


def _tasks(
    source: CandleSource, rules: DatasetRules, funding: Mapping[str, FundingHistory]
) -> list[tuple[PartTask, str]]:
    """Return the pieces of a source, each with the digest of the source."""
    holes = stretches(source.silence(), rules.silence)
    digest = source.digest()
    return [
        (
            PartTask(
                source=source.name,
                symbol=symbol,
                rules=rules,
                candles=source,
                holes=holes,
                funding=funding.get(symbol, NO_FUNDING),
            ),
            digest,
        )
        for symbol in source.symbols()
    ]


def _ready(task: PartTask, workers: Workers) -> PartTask:
    return task if workers.shares_files else shipped(task)


def _key(task: PartTask, source: str) -> str:
    """Return a digest of all that a part follows from."""
    digest = hashlib.sha256()
    for word in (code_digest(), repr(task.rules), source, task.source, task.symbol):
        digest.update(f"{word}\0".encode())
    for column in (task.funding.time_ms, task.funding.rate):
        digest.update(column.tobytes())
    return digest.hexdigest()[:32]


def load_rows(parts: Sequence[Part], schema: Schema = SMC12_V1) -> pl.DataFrame:
    """Return the labelled rows of parts with the features of a schema, by time.

    Raw quantities stay on disk; columns are the identity, the labels and the features. One data
    set serves every schema.
    """
    read = _surrounded(parts) if reads_market(schema) else _alone(parts)
    both = pl.concat([rows.select(_KEPT).hstack(features(rows, schema)) for rows in read])
    return both.sort("proved_at_ms", "setup_id", "source")


def _alone(parts: Sequence[Part]) -> Iterator[pl.DataFrame]:
    for part in parts:
        yield pl.read_parquet(part.rows)


def _surrounded(parts: Sequence[Part]) -> Iterator[pl.DataFrame]:
    """Yield the rows of each part with the market of its source."""
    tables = market_tables(part.pulse for part in parts)
    for part in parts:
        source, _, pulse = read_pulse(part.pulse)
        yield with_market(pl.read_parquet(part.rows), pulse, tables[source])
