"""The public dumps: where they lie, how they are checked, what is in them. Pure.

Layout of data.binance.vision: one zip with one CSV a symbol and month (or day), and beside it a
`.CHECKSUM` with `<sha256>  <file name>`. Older CSVs have no header row; spot times are in
microseconds since 2025, all others in milliseconds.
"""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import polars as pl
from polars.exceptions import PolarsError
from typing_extensions import override

from bot.tools.download.errors import DumpRefused

MINUTE_MS = 60_000
MAX_CSV_BYTES = 256 << 20
"""A month of minutes is 5 MB; what is larger by far is no such file."""
_MICROSECONDS_FROM = 10**15
_COLUMNS = (
    *("open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume"),
    *("trades", "taker_buy_base", "taker_buy_quote", "ignore"),
)
CANDLES: dict[str, pl.DataType] = {
    "symbol": pl.String(),
    "open_time": pl.Datetime("ms", "UTC"),
    **dict.fromkeys(("open", "high", "low", "close", "volume", "quote_volume"), pl.Float64()),
    "trades": pl.Int64(),
    "taker_buy_base": pl.Float64(),
    "taker_buy_quote": pl.Float64(),
}


class Market(StrEnum):
    """Which of the venue's markets."""

    UM = "um"
    """USDⓈ-M futures."""
    SPOT = "spot"

    @property
    def folder(self) -> str:
        """Where its dumps lie."""
        return "futures/um" if self is Market.UM else "spot"

    @property
    def klines_path(self) -> str:
        """Its REST endpoint of candles."""
        return "/fapi/v1/klines" if self is Market.UM else "/api/v3/klines"

    @property
    def klines_limit(self) -> int:
        """Most candles a REST call returns."""
        return 1500 if self is Market.UM else 1000


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, UTC."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Return the month written `2025-05`.

        Raises:
            ValueError: it is not written so.
        """
        found = re.fullmatch(r"(\d{4})-(\d{2})", text)
        if not found or not 1 <= int(found[2]) <= 12:
            raise ValueError(f"{text!r} is no month, write it like 2025-05")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, time_ms: int) -> "Month":
        """Return the month that holds a time."""
        at = datetime.fromtimestamp(time_ms / 1000, UTC)
        return cls(at.year, at.month)

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def start_ms(self) -> int:
        """Its first millisecond."""
        return int(datetime(self.year, self.number, 1, tzinfo=UTC).timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        """The first millisecond after it."""
        return self.next.start_ms

    def days(self) -> list[date]:
        """Return its days."""
        first = date(self.year, self.number, 1)
        following = date(self.next.year, self.next.number, 1)
        return [first + timedelta(days=i) for i in range((following - first).days)]

    @override
    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def months(first: Month, last: Month) -> list[Month]:
    """Return the months from `first` to `last`, both included."""
    found = []
    while first <= last:
        found.append(first)
        first = first.next
    return found


def month_path(market: Market, symbol: str, month: Month) -> str:
    """Return the path of a monthly dump of 1-minute candles."""
    return f"/data/{market.folder}/monthly/klines/{symbol}/1m/{symbol}-1m-{month}.zip"


def day_path(market: Market, symbol: str, day: date) -> str:
    """Return the path of a daily dump of 1-minute candles."""
    return f"/data/{market.folder}/daily/klines/{symbol}/1m/{symbol}-1m-{day:%Y-%m-%d}.zip"


def funding_path(symbol: str, month: Month) -> str:
    """Return the path of a monthly dump of funding rates."""
    return f"/data/futures/um/monthly/fundingRate/{symbol}/{symbol}-fundingRate-{month}.zip"


def checked(name: str, content: bytes, checksum: bytes) -> str:
    """Return the SHA-256 of a dump if it is what the checksum file says.

    Raises:
        DumpRefused: it is not, or the checksum file is none.
    """
    said = checksum.decode("ascii", errors="replace").split()
    if len(said) < 1 or not re.fullmatch(r"[0-9a-fA-F]{64}", said[0]):
        raise DumpRefused(f"{name}: the checksum file holds no SHA-256")
    found = hashlib.sha256(content).hexdigest()
    if found != said[0].lower():
        raise DumpRefused(
            f"{name}: checksum is {found[:12]}, should be {said[0][:12].lower()} "
            f"({len(content):,} bytes came; truncated or re-issued)"
        )
    return found


def candles_of(name: str, symbol: str, content: bytes) -> pl.DataFrame:
    """Return the candles of a zipped dump with the columns `CANDLES`, by time, each once.

    Raises:
        DumpRefused: it is no such dump; says what is wrong.
    """
    raw = _csv(name, content, _COLUMNS)
    try:
        frame = raw.select(
            pl.lit(symbol).alias("symbol"),
            _time(raw["open_time"], name),
            *(pl.col(column).cast(kind) for column, kind in list(CANDLES.items())[2:]),
        )
    except PolarsError as error:
        raise DumpRefused(f"{name}: {_first_line(error)}") from error
    return once(name, frame)


def funding_of(name: str, symbol: str, content: bytes) -> pl.DataFrame:
    """Return symbol, funding_time and funding_rate of a zipped funding dump.

    The time is some milliseconds off the full minute in the dumps and is rounded to it.

    Raises:
        DumpRefused: it is no such dump.
    """
    raw = _csv(name, content, ("calc_time", "hours", "rate"))
    rounded = (raw["calc_time"].cast(pl.Int64) + MINUTE_MS // 2) // MINUTE_MS * MINUTE_MS
    return pl.DataFrame(
        {
            "symbol": pl.Series([symbol] * len(raw), dtype=pl.String),
            "funding_time": rounded.cast(pl.Datetime("ms", "UTC")),
            "funding_rate": raw["rate"].cast(pl.Float64),
        }
    )


def once(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows by time; rows that repeat exactly are taken once.

    Raises:
        DumpRefused: two rows tell different things of one minute.
    """
    ordered = frame.unique(maintain_order=True).sort("open_time")
    double = ordered.filter(pl.col("open_time").is_duplicated())
    if len(double):
        raise DumpRefused(f"{name}: two different candles at {double['open_time'][0]}")
    return ordered


def _csv(name: str, content: bytes, columns: tuple[str, ...]) -> pl.DataFrame:
    text = _unzipped(name, content)
    has_header = text[:1].isalpha()
    try:
        frame = pl.read_csv(io.BytesIO(text), has_header=False, skip_rows=int(has_header))
    except PolarsError as error:
        raise DumpRefused(f"{name}: {_first_line(error)}") from error
    if frame.width != len(columns):
        raise DumpRefused(f"{name}: {frame.width} columns, should be {len(columns)}")
    return frame.rename(dict(zip(frame.columns, columns, strict=True)))


def _unzipped(name: str, content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (entry,) = archive.infolist()
            if entry.file_size > MAX_CSV_BYTES:
                raise DumpRefused(f"{name}: {entry.file_size:,} bytes unpacked are too many")
            return archive.read(entry)
    except (zipfile.BadZipFile, ValueError, EOFError, OSError) as error:
        raise DumpRefused(f"{name}: no zip with one file: {_first_line(error)}") from error


def _time(times: pl.Series, name: str) -> pl.Series:
    """Return times as milliseconds; microseconds are told by their size."""
    values = times.cast(pl.Int64)
    unit = 1000 if (values.max() or 0) >= _MICROSECONDS_FROM else 1  # type: ignore[operator]
    if values.min() is not None and (values.min() >= _MICROSECONDS_FROM) != (unit == 1000):  # type: ignore[operator]
        raise DumpRefused(f"{name}: open times are in milliseconds and microseconds mixed")
    return (values // unit).cast(pl.Datetime("ms", "UTC")).alias("open_time")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
