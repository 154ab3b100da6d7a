"""Detection over whole arrays of candles, for research and the `smc` command."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain.errors import InvalidCandles
from engine.smc.arrays import LISTS, Allocator, Floats
from engine.smc.events import KINDS, Event, EventBuffer, new_event_buffer
from engine.smc.params import DetectorParams, rules_of
from engine.smc.scan import scan
from engine.smc.setup_row import COLUMNS, WIDTH, SetupBuffer, new_setup_buffer
from engine.smc.state import Evictions, evictions, most_events_a_candle, new_state

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]

CHUNK = 100_000
"""Candles between two reports of progress."""
EVENT_ROOM = 16_384
SETUP_ROOM = 512
"""Rows of the buffers: small enough to stay in the processor's cache between two drains."""
EVENTS_A_CANDLE = 3
"""Room reserved for the event table; crypto minutes have about 1.6 events each."""
COMPILE_FROM = 100_000
"""Candles from which reading or building machine code pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleArrays:
    """Candles of one symbol and timeframe as columns of equal length, oldest first.

    Raises:
        InvalidCandles: columns differ in length, or a row is no candle; names the first such row.
    """

    open: Float64
    high: Float64
    low: Float64
    close: Float64
    quote_volume: Float64

    def __post_init__(self) -> None:
        columns = (self.open, self.high, self.low, self.close, self.quote_volume)
        if len({len(column) for column in columns}) > 1:
            raise InvalidCandles(f"columns differ in length: {[len(c) for c in columns]}")
        inside = (self.low <= self.open) & (self.open <= self.high)
        inside &= (self.low <= self.close) & (self.close <= self.high)
        finite = np.isfinite(self.low) & np.isfinite(self.high) & np.isfinite(self.quote_volume)
        bad = np.flatnonzero(~(inside & finite))
        if len(bad):
            row = int(bad[0])
            raise InvalidCandles(
                f"row {row} is no candle: open {self.open[row]}, high {self.high[row]}, "
                f"low {self.low[row]}, close {self.close[row]}, "
                f"quote volume {self.quote_volume[row]}"
            )

    def __len__(self) -> int:
        return len(self.close)

    def part(self, rows: slice) -> "CandleArrays":
        """Return some of the rows, without copying them."""
        return CandleArrays(
            open=self.open[rows],
            high=self.high[rows],
            low=self.low[rows],
            close=self.close[rows],
            quote_volume=self.quote_volume[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTable:
    """Events as columns; `kind` holds codes into `engine.smc.events.KINDS`, `ref` -1 for none."""

    known_at: Int32
    bar: Int32
    kind: Int8
    direction: Int8
    top: Float64
    bottom: Float64
    ref: Int32

    def __len__(self) -> int:
        return len(self.bar)

    def rows(self) -> Iterator[Event]:
        """Yield the events as values, in the order in which they became known."""
        columns = (self.known_at, self.bar, self.kind, self.direction, self.top, self.bottom)
        lists = [column.tolist() for column in (*columns, self.ref)]
        for known_at, bar, kind, direction, top, bottom, ref in zip(*lists, strict=True):
            yield Event(known_at, bar, KINDS[kind], direction, top, bottom, ref)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """Everything found in one series.

    Attributes:
        events: the event table.
        setups: one row a Setup; the columns are `engine.smc.setup_row.COLUMNS`, by name in
            `setup_column`. NaN stands for None, `bar` is the proving candle.
        evictions: findings pushed out of full lists.
    """

    events: EventTable
    setups: Float64
    evictions: Evictions

    def setup_column(self, name: str) -> Float64:
        """Return one column of `setups` by name."""
        return self.setups[:, COLUMNS.index(name)]


def can_compile() -> bool:
    """Tell whether numba is installed; it is an optional dependency."""
    return find_spec("numba") is not None


def _machinery(*, compiled: bool) -> tuple[Callable[..., int], Allocator]:
    """Return the scan function and the allocator of its arrays."""
    if not compiled:
        return scan, LISTS
    # Here and not above: the live process must not pay numba's 90 MB.
    from engine.smc.compiled import ARRAYS, scan_compiled  # noqa: PLC0415

    return scan_compiled, ARRAYS


_TYPES: dict[str, type[np.generic]] = {
    "known_at": np.int32,
    "bar": np.int32,
    "kind": np.int8,
    "direction": np.int8,
    "top": np.float64,
    "bottom": np.float64,
    "ref": np.int32,
}


class _Output:
    """Collects what the kernel's buffers held each time they were emptied.

    Columns grow by doubling; memory that was never written to is never resident.
    """

    def __init__(self, events: EventBuffer, setups: SetupBuffer, size: int) -> None:
        self._events = events
        self._setups = setups
        self._used = 0
        self._columns = {name: np.empty(size, dtype=kind) for name, kind in _TYPES.items()}
        self._rows: list[Float64] = []

    def drain(self, *, keep_events: bool) -> None:
        """Copy the buffers' valid rows and empty them."""
        used = self._events.used[0] if keep_events else 0
        size = self._used + used
        for name, column in self._columns.items():
            target = column
            if size > len(target):
                target = np.resize(target, 2 * size)
                self._columns[name] = target
            target[self._used : size] = getattr(self._events, name)[:used]
        self._used = size
        rows = self._setups.used[0]
        values = np.array(self._setups.value[: rows * WIDTH], dtype=np.float64)
        self._rows.append(values.reshape(-1, WIDTH))
        self._events.used[0] = 0
        self._setups.used[0] = 0

    def detected(self, evicted: Evictions) -> Detected:
        """Return everything collected."""
        columns: dict[str, NDArray[Any]] = {
            name: column[: self._used] for name, column in self._columns.items()
        }
        return Detected(
            events=EventTable(**columns), setups=np.concatenate(self._rows), evictions=evicted
        )


def detect_frame(
    candles: CandleArrays,
    params: DetectorParams,
    *,
    tick_size: float = 0.0,
    compiled: bool | None = None,
    keep_events: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Detected:
    """Detect over a whole series; the rows are taken as contiguous candles.

    Args:
        candles: the series, one symbol, without holes (split at real outages before).
        params: what to look for.
        tick_size: floor of the ATR in Setups; 0 = unknown.
        compiled: use machine code; None decides by length and by what is installed.
        keep_events: False leaves the event table empty, for those who want only Setups.
        progress: called with the number of candles done, every `CHUNK` candles.

    Returns:
        Events and Setups, equal bit for bit whether compiled or not.
    """
    length = len(candles)
    if compiled is None:
        compiled = length > COMPILE_FROM and can_compile()
    run, make = _machinery(compiled=compiled)
    arrays: tuple[Floats | Float64, ...] = tuple(
        np.ascontiguousarray(column, dtype=np.float64) if compiled else column.tolist()
        for column in (
            candles.open,
            candles.high,
            candles.low,
            candles.close,
            candles.quote_volume,
        )
    )
    most_events = most_events_a_candle(params)
    events = new_event_buffer(most_events + EVENT_ROOM, make)
    setups = new_setup_buffer(SETUP_ROOM, make)
    output = _Output(events, setups, EVENTS_A_CANDLE * length if keep_events else 0)
    state = new_state(params, make)
    rules = rules_of(params, tick_size)
    at = 0
    while at < length:
        end = min(at + CHUNK, length)
        at = run(state, rules, events, setups, at, end, most_events, *arrays)
        output.drain(keep_events=keep_events)
        if progress is not None:
            progress(at)
    output.drain(keep_events=keep_events)
    return output.detected(evictions(state))
