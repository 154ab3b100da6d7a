"""The candles of a comparison: the bot's own recording where there is one, else plain files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.parity.errors import ParityError
from bot.parity.steps import (
    MINUTE_MS,
    NO_QUOTES,
    PRELOAD_MINUTES,
    History,
    Step,
    assumed_steps,
    history_of,
    recorded_instruments,
    recorded_steps,
)
from engine.backtest.instruments import infer_instrument
from engine.backtest.series import SymbolSeries
from engine.domain.candle import Candle
from engine.domain.events import QuoteMoved
from engine.domain.instrument import Instrument
from storage.candle_sources import CandleFiles, open_sources
from storage.recording import Recording, is_recording, read_recording

_BEFORE_MS = (PRELOAD_MINUTES + 60) * MINUTE_MS
"""How far the history of a start reaches back, and the hour in which its oldest minute lies."""


@dataclass(frozen=True, slots=True)
class Candles:
    """Everything a replay needs of the market.

    Attributes:
        history: all candles.
        series: the same as arrays.
        instruments: the contracts.
        recording: what the bot recorded, None for plain candles.
        recorded_until: by run, the exchange time of the last thing recorded.
    """

    history: History
    series: Mapping[str, SymbolSeries]
    instruments: Mapping[str, Instrument]
    recording: Recording | None
    recorded_until: Mapping[int, int]

    @property
    def exact(self) -> bool:
        """Whether this is the bot's own recording."""
        return self.recording is not None

    def steps(
        self,
        run: int,
        begin_ms: int,
        end_ms: int,
        quotes: Mapping[int, Sequence[QuoteMoved]] = NO_QUOTES,
    ) -> Iterator[Step]:
        """Return what a run was told, or would have been from `begin_ms` to `end_ms`.

        `quotes` by minute are told where nothing was recorded.
        """
        if self.recording is not None:
            return recorded_steps(self.recording, self.history, run)
        return assumed_steps(self.history, self.series, self.instruments, begin_ms, end_ms, quotes)


def open_candles(paths: Sequence[Path], since_ms: int, until_ms: int) -> Candles:
    """Read recorded hours, or candle files, that a period needs.

    Args:
        paths: files and folders; a recording among them is taken and everything else left.
        since_ms: beginning of the first start that is replayed.
        until_ms: end of the period.

    Raises:
        InvalidCandles: a file is damaged or there are none.
        ParityError: there are no candles in the period.
    """
    recorded = sorted(file for file in _files(paths) if is_recording(file))
    if recorded:
        # History that came with a start was recorded in the hours of earlier starts.
        recording = read_recording(recorded, since_ms - _BEFORE_MS, until_ms)
        history = history_of(recording)
        _refuse_empty(history)
        return Candles(
            history,
            history.series(),
            recorded_instruments(recording),
            recording,
            _recorded_until(recording),
        )
    files = [file for one in open_sources(paths) for file in one.files]
    history = History(dict(_plain(CandleFiles("candles", files), since_ms, until_ms)))
    _refuse_empty(history)
    series = history.series()
    instruments = {symbol: infer_instrument(one) for symbol, one in series.items()}
    return Candles(history, series, instruments, None, {})


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from path.rglob("*.parquet")
        elif path.suffix == ".parquet":
            yield path


def _refuse_empty(history: History) -> None:
    if not history.symbols:
        raise ParityError("the data hold no candles of the period")


def _recorded_until(recording: Recording) -> dict[int, int]:
    until: dict[int, int] = {}
    for run, at_ms in recording.candles.select("run", "arrived_ms").iter_rows():
        until[run] = max(until.get(run, -1), at_ms)
    for mark in recording.marks:
        until[mark.run] = max(until.get(mark.run, -1), mark.at_ms)
    return until


def _plain(
    source: CandleFiles, since_ms: int, until_ms: int
) -> Iterator[tuple[str, Sequence[Candle]]]:
    """Yield the minutes of each symbol from a day before the period (for volumes) to its end."""
    first_ms = since_ms - 86_400_000
    for symbol in source.symbols():
        frame = source.candles(symbol)
        times = frame["open_time"].dt.epoch("ms")
        inside = frame.filter((times >= first_ms) & (times < until_ms))
        names = ("open", "high", "low", "close", "quote_volume")
        columns = [inside[name].to_list() for name in names]
        open_ms = inside["open_time"].dt.epoch("ms").to_list()
        yield (
            symbol,
            [
                Candle(
                    symbol=symbol,
                    open_time_ms=at_ms,
                    open=open_,
                    high=high,
                    low=low,
                    close=close,
                    volume=0.0,  # nothing that decides looks at base volume
                    quote_volume=volume,
                )
                for at_ms, open_, high, low, close, volume in zip(open_ms, *columns, strict=True)
            ],
        )
