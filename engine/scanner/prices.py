"""Mark prices and best quotes of the few symbols that hold money."""

import asyncio
import random
from collections.abc import Callable, Sequence

from engine.ports import Clock, FeedSink, MarketData, MarketFrame
from engine.runtime.tasks import Supervisor
from engine.scanner.shard import Shard, ShardTimes


class PriceWatch:
    """Streams `@markPrice@1s` and `@bookTicker` for the watched symbols, plus all spreads.

    `!bookTicker` covers the whole market every few seconds, enough for the spread rule. The two
    kinds live on different routes of the venue, which must not be mixed on one connection.
    """

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        tasks: Supervisor,
        sink: FeedSink,
        rng: random.Random,
    ) -> None:
        self._market = market
        self._clock = clock
        self._tasks = tasks
        self._sink = sink
        self._rng = rng
        self._symbols: frozenset[str] = frozenset()
        self._running: list[asyncio.Task[None]] = []
        self._outlived: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin with the market-wide quotes."""
        self._run("quotes", ("!bookTicker",), 60.0, lambda: None)

    def watch(self, symbols: frozenset[str]) -> None:
        """Replace the watched symbols; the old connections end when the new ones show a frame."""
        if symbols == self._symbols:
            return
        self._symbols = symbols
        # Older generations too: one that was replaced before its first frame has ended nobody.
        self._outlived += self._running
        self._running = []
        if not symbols:
            self._end(self._outlived)
            return
        old = list(self._outlived)
        lower = sorted(symbol.lower() for symbol in symbols)
        marks = tuple(f"{symbol}@markPrice@1s" for symbol in lower)
        quotes = tuple(f"{symbol}@bookTicker" for symbol in lower)
        self._running = [
            self._run("marks", marks, 15.0, lambda: self._end(old)),
            self._run("best-quotes", quotes, 60.0, lambda: None),
        ]

    def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        self._outlived = [task for task in self._outlived if task not in tasks]

    def _run(
        self, name: str, streams: tuple[str, ...], stalled_after_s: float, on_up: Callable[[], None]
    ) -> asyncio.Task[None]:
        shard = Shard(
            name,
            streams,
            self._market,
            self._clock,
            self._rng,
            on_frame=self._on_frame,
            on_up=on_up,
            on_down=lambda _reason: None,
            times=ShardTimes(stalled_after_s=stalled_after_s),
        )
        return self._tasks.restarting(name, shard.run)

    def _on_frame(self, frame: MarketFrame) -> None:
        if frame.event is not None:
            self._sink(frame.event)
