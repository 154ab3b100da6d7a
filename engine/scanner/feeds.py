"""The series of every scanned symbol on its way to the core: in order, complete, counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.domain.candle import Candle, Timeframe
from engine.domain.events import CandleClosed, FeedBlind, FeedSeeing, Origin
from engine.ports import Clock, FeedSink
from engine.scanner.continuity import Continuity, Delivery, Judgement

_MINUTE_MS = Timeframe.M1.ms


@dataclass(slots=True)
class FeedCounts:
    """What the feeds saw since start."""

    received: int = 0
    backfilled: int = 0
    flat: int = 0
    duplicate: int = 0
    late: int = 0
    gaps: int = 0


@dataclass(slots=True)
class _Feed:
    continuity: Continuity
    early: list[Candle]
    loaded: bool = False
    blind: bool = True


class Feeds:
    """Receives closed candles of all symbols and hands complete series to the sink.

    A symbol starts blind. It sees when its history is loaded and its series reaches the newest
    closed minute; it is blind again while a gap is open or its connection is down.
    """

    def __init__(self, clock: Clock, sink: FeedSink) -> None:
        self._clock = clock
        self._sink = sink
        self._feeds: dict[str, _Feed] = {}
        self.counts = FeedCounts()

    def add(self, symbols: Iterable[str]) -> None:
        """Begin to track symbols; they are blind until loaded."""
        for symbol in symbols:
            self._feeds.setdefault(symbol, _Feed(Continuity(symbol), []))

    def remove(self, symbols: Iterable[str]) -> None:
        """Forget symbols that left the universe."""
        for symbol in symbols:
            self._feeds.pop(symbol, None)

    @property
    def symbols(self) -> frozenset[str]:
        """Every tracked symbol."""
        return frozenset(self._feeds)

    @property
    def blind(self) -> frozenset[str]:
        """Symbols whose series is not complete and live."""
        return frozenset(symbol for symbol, feed in self._feeds.items() if feed.blind)

    def load(self, symbol: str, history: Sequence[Candle]) -> None:
        """Deliver a symbol's history, then whatever closed on the stream meanwhile."""
        feed = self._feeds.get(symbol)
        if feed is None or feed.loaded:
            return
        feed.loaded = True
        for candle in history:
            self._emit(candle, Origin.PRELOAD)
        if history:
            feed.continuity.start(history[-1])
        early, feed.early = feed.early, []
        for candle in early:
            self.receive(candle, self._clock.monotonic())

    def receive(self, candle: Candle, received_at: float) -> bool:
        """Take a live closed candle; True when it opened a gap that must be filled."""
        feed = self._feeds.get(candle.symbol)
        if feed is None:
            return False
        if not feed.loaded:
            feed.early.append(candle)
            return False
        was_waiting = feed.continuity.is_waiting
        judged = feed.continuity.accept(candle)
        self._count(judged.judgement)
        self._deliver(judged.deliveries, received_at)
        opened = feed.continuity.is_waiting and not was_waiting
        if opened:
            self.darken({candle.symbol}, "a candle is missing")
        return opened

    def _count(self, judgement: Judgement) -> None:
        match judgement:
            case Judgement.DUPLICATE:
                self.counts.duplicate += 1
            case Judgement.LATE:
                self.counts.late += 1
            case Judgement.GAP:
                self.counts.gaps += 1
            case Judgement.IN_ORDER | Judgement.FLAT:
                pass

    def fill(self, symbol: str, candles: Sequence[Candle], until_ms: int) -> None:
        """Give a symbol the candles REST returned for open times before `until_ms`."""
        feed = self._feeds.get(symbol)
        if feed is not None and feed.loaded:
            self._deliver(feed.continuity.fill(candles, until_ms), self._clock.monotonic())

    def overdue(self, wall_s: float) -> list[str]:
        """Return loaded symbols whose next close is more than `wall_s` wall seconds late."""
        grace_ms = int(wall_s * 1000 * self._clock.speed)
        due_before = self._clock.exchange_ms() - grace_ms
        return [
            symbol
            for symbol, feed in self._feeds.items()
            if feed.loaded and self._next_close_ms(feed) < due_before
        ]

    @staticmethod
    def _next_close_ms(feed: _Feed) -> int:
        last = feed.continuity.last
        return 0 if last is None else last.close_time_ms + _MINUTE_MS

    def last_open_ms(self, symbol: str) -> int:
        """Return the open time of the newest candle of a symbol's series, -1 if it has none."""
        feed = self._feeds.get(symbol)
        last = feed.continuity.last if feed else None
        return -1 if last is None else last.open_time_ms

    def missing(self, symbol: str) -> tuple[int, int] | None:
        """Return open times [from, to) of closed minutes the symbol lacks, None if complete."""
        feed = self._feeds.get(symbol)
        if feed is None or feed.continuity.last is None:
            return None
        current = Timeframe.M1.opening(self._clock.exchange_ms())
        start = feed.continuity.last.open_time_ms + _MINUTE_MS
        if feed.continuity.is_waiting:
            return feed.continuity.missing
        return (start, current) if start < current else None

    def darken(self, symbols: Iterable[str], reason: str) -> None:
        """Declare symbols blind."""
        newly = [s for s in symbols if s in self._feeds and not self._feeds[s].blind]
        for symbol in newly:
            self._feeds[symbol].blind = True
        if newly:
            self._sink(FeedBlind(frozenset(newly), reason))

    def lighten(self, symbols: Iterable[str]) -> None:
        """Declare symbols seeing where their series is loaded and without a gap."""
        newly = [s for s in symbols if self._may_see(s)]
        for symbol in newly:
            self._feeds[symbol].blind = False
        if newly:
            self._sink(FeedSeeing(frozenset(newly)))

    def _may_see(self, symbol: str) -> bool:
        feed = self._feeds.get(symbol)
        return bool(feed and feed.blind and feed.loaded and not feed.continuity.is_waiting)

    def _deliver(self, deliveries: Sequence[Delivery], received_at: float) -> None:
        for delivery in deliveries:
            self._emit(delivery.candle, delivery.origin, received_at)

    def _emit(self, candle: Candle, origin: Origin, received_at: float | None = None) -> None:
        match origin:
            case Origin.LIVE:
                self.counts.received += 1
            case Origin.BACKFILL:
                self.counts.backfilled += 1
            case Origin.FLAT:
                self.counts.flat += 1
            case Origin.PRELOAD:
                pass
        at = self._clock.monotonic() if received_at is None else received_at
        self._sink(CandleClosed(candle, origin, at))
