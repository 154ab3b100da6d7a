"""Months of candles onto the disk: monthly dump, else daily dumps, REST for what they lack."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import orjson
import polars as pl
from polars.exceptions import PolarsError

from bot.tools.download.client import PoliteClient
from bot.tools.download.dumps import (
    CANDLES,
    MINUTE_MS,
    Market,
    Month,
    candles_of,
    checked,
    day_path,
    month_path,
    once,
)
from bot.tools.download.errors import (
    DownloadError,
    DumpRefused,
    RequestRefused,
    SourceUnreachable,
)
from engine.domain.errors import InvalidCandles
from storage.candles import write_candles

WORKERS = 4
CHECKSUM_TRIES = 2
"""A dump and its checksum may be read across the moment of a re-issue, or be cut short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things come from and go to; URLs without a final slash."""

    dumps_url: str
    rest_url: str
    folder: Path
    market: Market = Market.UM

    def month_file(self, symbol: str, month: Month) -> Path:
        """Return the file of a month."""
        return self.folder / symbol / f"{symbol}-1m-{month}.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDone:
    """What became of one month; written beside its file.

    Attributes:
        symbol: the venue's spelling.
        month: `2025-05`.
        rows: candles written; 0 if the venue has none of that month.
        filled: of them from REST.
        missing: minutes between the first and the last expected one that nobody has.
        final: False if the month was not over or could not be had whole: asked again next time.
        sha256: of the dumps used, in order.
        trouble: why holes could not be asked of REST; "" if they could.
        kept: True if an earlier download had it already.
    """

    symbol: str
    month: str
    rows: int
    filled: int = 0
    missing: int = 0
    final: bool = True
    sha256: tuple[str, ...] = ()
    trouble: str = ""
    kept: bool = False


@dataclass(slots=True)
class Download:
    """The whole result; what failed is named and can be asked for again."""

    done: list[MonthDone] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


Progress = Callable[[int, int, str], None]


class Downloader:
    """Fetches months; finished ones are never fetched again.

    Args:
        client: reads URLs.
        places: where from and where to.
        now_ms: wall time; minutes still open then are not asked for.
    """

    def __init__(self, client: PoliteClient, places: Places, now_ms: int) -> None:
        self._client = client
        self._places = places
        self._now_ms = now_ms - now_ms % MINUTE_MS

    async def run(
        self, symbols: Sequence[str], months: Iterable[Month], progress: Progress
    ) -> Download:
        """Fetch every month of every symbol; one that fails does not stop the others."""
        work = [(symbol, month) for symbol in symbols for month in months]
        result = Download()
        queue = iter(work)

        async def worker() -> None:
            for symbol, month in queue:
                try:
                    result.done.append(await self.month(symbol, month))
                except (DownloadError, InvalidCandles) as error:
                    result.failed.append(f"{symbol} {month}: {error}")
                progress(len(result.done) + len(result.failed), len(work), f"{symbol} {month}")

        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(worker())
        result.done.sort(key=lambda done: (done.symbol, done.month))
        return result

    async def month(self, symbol: str, month: Month) -> MonthDone:
        """Fetch one month, or return what an earlier download wrote.

        Raises:
            DownloadError: it could not be had; nothing was written.
            InvalidCandles: what came breaks the contract of candles; nothing was written.
        """
        path = self._places.month_file(symbol, month)
        kept = _finished(path)
        if kept is not None:
            return kept
        frame, hashes = await self._dumps(symbol, month)
        _refuse_foreign(frame, symbol, month)
        end_ms = min(month.end_ms, self._now_ms)
        whole, trouble = await self._filled(symbol, frame, month.start_ms, end_ms)
        done = MonthDone(
            symbol=symbol,
            month=str(month),
            rows=len(whole),
            filled=len(whole) - len(frame),
            missing=sum(last - first for first, last in _holes(whole, end_ms)) // MINUTE_MS,
            final=month.end_ms <= self._now_ms and not trouble,
            sha256=tuple(hashes),
            trouble=trouble,
        )
        if len(whole):
            write_candles(whole, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        _note(path).write_bytes(orjson.dumps(asdict(done)))
        return done

    async def _dumps(self, symbol: str, month: Month) -> tuple[pl.DataFrame, list[str]]:
        """Return the candles of the monthly dump, else of the daily ones, and their hashes."""
        if month.end_ms <= self._now_ms:
            path = month_path(self._places.market, symbol, month)
            found = await self._dump(symbol, path)
            if found is not None:
                return found[0], [found[1]]
        frames, hashes = [pl.DataFrame(schema=CANDLES)], []
        today = datetime.fromtimestamp(self._now_ms / 1000, UTC).date()
        for day in (day for day in month.days() if day < today):
            found = await self._dump(symbol, day_path(self._places.market, symbol, day))
            if found is not None:
                frames.append(found[0])
                hashes.append(found[1])
        return once(f"{symbol} {month}", pl.concat(frames)), hashes

    async def _dump(self, symbol: str, path: str) -> tuple[pl.DataFrame, str] | None:
        """Return a checked dump and its hash; None if there is none."""
        url, name = self._places.dumps_url + path, path.rsplit("/", 1)[-1]
        for attempt in range(CHECKSUM_TRIES):
            content = await self._client.read(url)
            if content is None:
                return None
            checksum = await self._client.read(url + ".CHECKSUM")
            if checksum is None:
                raise DumpRefused(f"{name}: has no checksum file")
            try:
                return candles_of(name, symbol, content), checked(name, content, checksum)
            except DumpRefused:
                if attempt + 1 == CHECKSUM_TRIES:
                    # The checksum tells more than what a cut-off zip looks like.
                    checked(name, content, checksum)
                    raise
        return None

    async def _filled(
        self, symbol: str, frame: pl.DataFrame, start_ms: int, end_ms: int
    ) -> tuple[pl.DataFrame, str]:
        """Return the candles with holes filled from REST, and why some could not be asked for.

        A dump that was checked is worth keeping even where the REST API is out of reach (it
        refuses whole regions with HTTP 451, the dumps do not).
        """
        holes = _holes(frame, end_ms) if len(frame) else [(start_ms, end_ms)]
        parts, trouble = [frame], ""
        for first, last in holes:
            try:
                parts.append(await self._rest(symbol, first, last))
            except (RequestRefused, SourceUnreachable) as error:
                if not len(frame):
                    raise
                trouble = str(error)
                break
        if len(parts) == 1:
            return frame, trouble
        return once(f"{symbol} with REST", pl.concat(parts)), trouble

    async def _rest(self, symbol: str, start_ms: int, end_ms: int) -> pl.DataFrame:
        """Return the candles of [start, end) that REST has; none for a symbol it has forgotten."""
        url = self._places.rest_url + self._places.market.klines_path
        limit = self._places.market.klines_limit
        rows: list[list[object]] = []
        while start_ms < end_ms:
            query = {"symbol": symbol, "interval": "1m", "limit": str(limit)}
            query |= {"startTime": str(start_ms), "endTime": str(end_ms - 1)}
            try:
                body = await self._client.read(url, query)
            except RequestRefused as error:
                if error.status != 400:
                    raise
                break  # an unknown symbol: delisted and forgotten
            page = _page(symbol, body)
            rows += page
            if len(page) < limit:
                break
            start_ms = int(str(page[-1][0])) + MINUTE_MS
        return _rest_frame(symbol, rows)


def _page(symbol: str, body: bytes | None) -> list[list[object]]:
    try:
        page = orjson.loads(body or b"")
    except ValueError as error:
        raise DumpRefused(f"{symbol}: REST answered no JSON: {error}") from error
    if not isinstance(page, list) or not all(isinstance(row, list) for row in page):
        raise DumpRefused(f"{symbol}: REST answered {str(page)[:80]}")
    return page


def _rest_frame(symbol: str, rows: list[list[object]]) -> pl.DataFrame:
    names = list(CANDLES)[1:]
    places = (0, 1, 2, 3, 4, 5, 7, 8, 9, 10)
    try:
        columns = {name: [row[at] for row in rows] for name, at in zip(names, places, strict=True)}
        frame = pl.DataFrame(columns, strict=False).with_columns(symbol=pl.lit(symbol))
        return frame.select(
            pl.col(name).cast(pl.Int64).cast(kind)
            if name == "open_time"
            else pl.col(name).cast(kind)
            for name, kind in CANDLES.items()
        )
    except (IndexError, PolarsError) as error:
        raise DumpRefused(f"{symbol}: REST candles cannot be read: {error}") from error


def _holes(frame: pl.DataFrame, end_ms: int) -> list[tuple[int, int]]:
    """Return [first, last) of what is missing after the first candle, in ms, up to `end_ms`."""
    if not len(frame):
        return []
    opened = [*frame["open_time"].dt.epoch("ms").to_list(), end_ms]
    return [
        (before + MINUTE_MS, after)
        for before, after in pairwise(opened)
        if after > before + MINUTE_MS
    ]


def _refuse_foreign(frame: pl.DataFrame, symbol: str, month: Month) -> None:
    times = frame["open_time"].dt.epoch("ms")
    foreign = times.filter((times < month.start_ms) | (times >= month.end_ms))
    if len(foreign):
        raise DumpRefused(f"{symbol} {month}: the dump holds a candle of {foreign[0]} ms")


def _note(path: Path) -> Path:
    return path.with_suffix(".json")


def _finished(path: Path) -> MonthDone | None:
    """Return the note of a month that need not be fetched again."""
    try:
        values = orjson.loads(_note(path).read_bytes())
        values["sha256"] = tuple(values["sha256"])
        done = MonthDone(**(values | {"kept": True}))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    there = path.exists() or not done.rows
    return done if done.final and there else None
