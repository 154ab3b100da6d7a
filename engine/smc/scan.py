"""Many candles of one symbol in one call."""

from engine.smc.arrays import Floats
from engine.smc.events import EventBuffer
from engine.smc.kernel import on_candle
from engine.smc.params import Rules
from engine.smc.setup_row import MOST_A_CANDLE, WIDTH, SetupBuffer
from engine.smc.state import State


def scan(
    state: State,
    rules: Rules,
    events: EventBuffer,
    setups: SetupBuffer,
    first: int,
    end: int,
    most_events: int,
    open_: Floats,
    high: Floats,
    low: Floats,
    close: Floats,
    quote: Floats,
) -> int:
    """Take in candles first to end-1; stop early when a buffer might overflow. Kernel function.

    Args:
        state: memory of one symbol and timeframe.
        rules: parameters.
        events: filled from `used[0]` on.
        setups: filled from `used[0]` on.
        first: number of the first candle.
        end: number behind the last one.
        most_events: room a candle may need in `events`.
        open_: open prices, indexed by candle number.
        high: high prices.
        low: low prices.
        close: close prices.
        quote: quote volumes.

    Returns:
        The number of the next candle: `end`, or less if the buffers must be emptied first.
    """
    last_events = len(events.bar) - most_events
    last_setups = len(setups.value) // WIDTH - MOST_A_CANDLE
    for t in range(first, end):
        if events.used[0] > last_events or setups.used[0] > last_setups:
            return t
        on_candle(state, rules, events, setups, t, open_[t], high[t], low[t], close[t], quote[t])
    return end
