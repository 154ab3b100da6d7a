"""The live face of detection: one Detector a symbol and timeframe, one step a closed candle."""

from typing import NamedTuple

from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from engine.domain.setup import Evidence, Setup
from engine.smc.arrays import LISTS
from engine.smc.events import Event, EventBuffer, event_at, new_event_buffer
from engine.smc.kernel import on_candle
from engine.smc.live_findings import live_findings
from engine.smc.params import DetectorParams, rules_of
from engine.smc.setup_row import MOST_A_CANDLE, SetupBuffer, new_setup_buffer
from engine.smc.setups import SetupMaker
from engine.smc.state import Evictions, evictions, most_events_a_candle, new_state


class Step(NamedTuple):
    """What one closed candle brought.

    Attributes:
        events: findings known at this close, in the order they were judged.
        setups: Setups proved by this close.
    """

    events: tuple[Event, ...]
    setups: tuple[Setup, ...]


NOTHING = Step((), ())
_INFINITE = float("inf")


class Scratch:
    """Buffers for the output of one candle, shared by any number of detectors.

    A step empties them before it returns, so detectors that are stepped one after the other
    (there are no threads on decision paths) need only one pair.
    """

    __slots__ = ("events", "setups")

    def __init__(self, params: DetectorParams) -> None:
        self.events: EventBuffer = new_event_buffer(most_events_a_candle(params), LISTS)
        self.setups: SetupBuffer = new_setup_buffer(MOST_A_CANDLE, LISTS)


class Detector:
    """Detects findings and Setups of one symbol on one timeframe, candle by candle.

    Candles must follow each other without a hole: after a real outage make a new Detector,
    because indicators and structure must not reach over it.

    Args:
        symbol: the venue's spelling, for Setup ids.
        timeframe: interval of the candles.
        params: what to look for.
        tick_size: smallest price step of the instrument, the floor of the ATR; 0 = unknown.
        scratch: output buffers to share between detectors with equal `params`; own ones if None.
    """

    __slots__ = (
        "_events",
        "_length_ms",
        "_make",
        "_next_open_ms",
        "_rules",
        "_scratch",
        "_setups",
        "_state",
        "_t",
    )

    def __init__(
        self,
        symbol: str,
        timeframe: Timeframe,
        params: DetectorParams,
        *,
        tick_size: float = 0.0,
        scratch: Scratch | None = None,
    ) -> None:
        self._scratch = scratch or Scratch(params)
        self._events = self._scratch.events
        self._setups = self._scratch.setups
        self._make = SetupMaker(symbol, timeframe, params)
        self._length_ms = timeframe.ms
        self._rules = rules_of(params, tick_size)
        self._state = new_state(params)
        self._next_open_ms: int | None = None
        self._t = 0

    @property
    def candles(self) -> int:
        """Number of candles taken in."""
        return self._t

    @property
    def next_open_time_ms(self) -> int | None:
        """Open time the next candle must have; None before the first one."""
        return self._next_open_ms

    @property
    def evictions(self) -> Evictions:
        """Findings pushed out of full lists so far; zero in practice with `max_age` on."""
        return evictions(self._state)

    def live_findings(self) -> tuple[Evidence, ...]:
        """Return gaps, blocks and pools that are live at the last close, and the latest break.

        Oldest candle first; for charts, not for the hot path.
        """
        if self._next_open_ms is None:
            return ()
        first_ms = self._next_open_ms - self._t * self._length_ms
        return live_findings(
            self._state, self._t - 1, self._rules.max_age, first_ms, self._length_ms
        )

    def step(
        self,
        open_time_ms: int,
        open_: float,
        high: float,
        low: float,
        close: float,
        volume: float,
        quote_volume: float,
    ) -> Step:
        """Take in the next closed candle.

        Args:
            open_time_ms: open time, exactly one interval after the previous candle's.
            open_: open price.
            high: high price.
            low: low price.
            close: close price.
            volume: base volume.
            quote_volume: quote volume.

        Returns:
            The events and Setups known at this close.

        Raises:
            InvalidCandles: the candle does not follow the last one, or its prices are no candle.
        """
        if open_time_ms != self._next_open_ms and self._next_open_ms is not None:
            raise InvalidCandles(
                f"candle at {open_time_ms} does not follow, expected {self._next_open_ms}"
            )
        if not (-_INFINITE < low <= open_ <= high < _INFINITE and low <= close <= high):
            raise InvalidCandles(
                f"candle at {open_time_ms} has open {open_}, high {high}, low {low}, close {close}"
            )
        t = self._t
        self._t = t + 1
        self._next_open_ms = open_time_ms + self._length_ms
        events = self._events
        on_candle(
            self._state,
            self._rules,
            events,
            self._setups,
            t,
            open_,
            high,
            low,
            close,
            quote_volume,
        )
        if events.used[0] == 0:
            return NOTHING if self._setups.used[0] == 0 else self._collect(t, open_time_ms)
        return self._collect(t, open_time_ms)

    def _collect(self, t: int, open_time_ms: int) -> Step:
        """Empty the buffers into values."""
        events = self._events
        setups = self._setups
        found = tuple([event_at(events, row) for row in range(events.used[0])])
        events.used[0] = 0
        if setups.used[0] == 0:
            return Step(found, ())
        made = tuple(
            [self._make.setup(setups.value, row, t, open_time_ms) for row in range(setups.used[0])]
        )
        setups.used[0] = 0
        return Step(found, made)
