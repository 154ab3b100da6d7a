"""The loop: mailbox in, core, effects out. The only caller of the core."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never

import structlog

from engine.domain.commands import Receipt
from engine.domain.effects import (
    Acknowledge,
    CancelOrder,
    Effect,
    Entry,
    Notify,
    Record,
    ScoreSetups,
    SubmitOrder,
    TakeSnapshot,
    WatchPrices,
)
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    Event,
    Instant,
    MarkMoved,
    Origin,
    PriceMoved,
    QuoteMoved,
    ScorerChanged,
    SetupsScored,
)
from engine.domain.notices import AlarmKind, AlarmNotice, Notice
from engine.domain.setup import Setup
from engine.ports import Clock, Scorer
from engine.runtime.health import Latencies
from engine.runtime.mailbox import Mailbox

log = structlog.get_logger(__name__)

_MINUTE_MS = 60_000
_CLOSES_COME_MS = 5_000
"""A minute's closes come from many sockets, in several drains; the last within this time."""
_LONGEST_WAIT_MS = 2 * _MINUTE_MS
"""Exchange time after which a market that never pauses (a very fast one) is interrupted."""
_MARKET = (CandleClosed, PriceMoved, QuoteMoved, MarkMoved, ContractChanged)


class Processor(Protocol):
    """The core as the loop sees it: a synchronous function of (state, event)."""

    def process(self, event: Event, now: Instant) -> list[Effect]:
        """Return what is to be done about the event."""
        ...


def _nothing(_setups: Sequence[Setup]) -> None:
    return


@dataclass(frozen=True, slots=True)
class Hands:
    """Where each kind of effect goes; none of these may block or raise."""

    submit: Callable[[SubmitOrder], None]
    cancel: Callable[[CancelOrder], None]
    snapshot: Callable[[TakeSnapshot], None]
    watch: Callable[[WatchPrices], None]
    record: Callable[[Entry], None]
    notify: Callable[[Notice], None]
    acknowledge: Callable[[Receipt], None]
    scored: Callable[[Sequence[Setup]], None] = _nothing
    """Told every batch of setups after the core has judged their scores."""


class EngineLoop:
    """Drains the mailbox, scores all setups of a drain in one call and dispatches effects in order.

    A market event the core cannot digest is logged, counted and skipped: one symbol must not stop
    the others. Any other failure propagates and takes the process down, because a half-applied
    fill or command must be settled by a restart and the exchange's snapshot. Setups the scorer
    fails on are told to the operator once and never entered.
    """

    def __init__(
        self,
        core: Processor,
        mailbox: Mailbox,
        clock: Clock,
        scorer: Scorer,
        hands: Hands,
        latencies: Latencies,
    ) -> None:
        self._core = core
        self._mailbox = mailbox
        self._clock = clock
        self.scorer = scorer
        self._hands = hands
        self._latencies = latencies
        self._burst = _Burst(latencies)
        self._setups: list[Setup] = []
        self._next: tuple[Scorer, ScorerChanged] | None = None
        self._asked_ms = 0
        self.indigestible = 0
        self.unscored = 0

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self.handle(await self._mailbox.drain())

    def handle(self, events: Sequence[Event]) -> None:
        """Process one drain of the mailbox to its last effect."""
        for event in events:
            self._feed(event)
        if self._setups:
            self._score()
        self._measure(events)
        if self._next is not None:
            self._swap(*self._next, events)

    def change_scorer(self, scorer: Scorer, event: ScorerChanged) -> None:
        """Let a scorer work from the next pause between candles on; the core is told then.

        The setups of one minute compete for the same caps, so one scorer ranks them all.
        """
        self._next, self._asked_ms = (scorer, event), self._clock.exchange_ms()

    def _swap(self, scorer: Scorer, event: ScorerChanged, drained: Sequence[Event]) -> None:
        now_ms = self._clock.exchange_ms()
        in_burst = now_ms % _MINUTE_MS < _CLOSES_COME_MS or any(
            isinstance(one, CandleClosed) for one in drained
        )
        if in_burst and now_ms - self._asked_ms < _LONGEST_WAIT_MS:
            return
        self._next, self.scorer = None, scorer
        self._feed(event)

    def _feed(self, event: Event) -> None:
        try:
            effects = self._core.process(event, self._clock.instant())
        except Exception:
            if not isinstance(event, _MARKET):
                raise
            self.indigestible += 1
            log.exception("core.indigestible", kind=type(event).__name__)
            return
        for effect in effects:
            self._dispatch(effect)

    def _score(self) -> None:
        setups, self._setups = self._setups, []
        try:
            scores = self.scorer.score(setups)
        except Exception as error:
            # No score, no entry: a broken model must not end the care for open positions.
            log.exception("scorer.failed", setups=len(setups))
            self._tell_unscored(error)
            scores = ()
        self._feed(SetupsScored(scores))
        self._hands.scored(setups)

    def _tell_unscored(self, error: Exception) -> None:
        self.unscored += 1
        if self.unscored > 1:
            return
        now_ms = self._clock.exchange_ms()
        text = f"The scorer {self.scorer.name} failed ({type(error).__name__}): no signals from it."
        notice = AlarmNotice(
            notice_id=f"scorer:{now_ms}", at_ms=now_ms, kind=AlarmKind.SCORER, text=text
        )
        self._hands.notify(notice)

    def _dispatch(self, effect: Effect) -> None:
        match effect:
            case ScoreSetups(setups):
                self._setups.extend(setups)
            case SubmitOrder():
                self._hands.submit(effect)
            case CancelOrder():
                self._hands.cancel(effect)
            case TakeSnapshot():
                self._hands.snapshot(effect)
            case WatchPrices():
                self._hands.watch(effect)
            case Record(entry):
                self._hands.record(entry)
            case Notify(notice):
                self._hands.notify(notice)
            case Acknowledge(receipt):
                self._hands.acknowledge(receipt)
            case _:
                assert_never(effect)

    def _measure(self, events: Sequence[Event]) -> None:
        live = [e for e in events if isinstance(e, CandleClosed) and e.origin is Origin.LIVE]
        if not live:
            return
        done = self._clock.monotonic()
        for event in live:
            self._latencies.decision.add(done - event.received_at)
        self._latencies.outbox.add(done - live[-1].received_at)
        self._burst.seen(live, done)


class _Burst:
    """Times a minute's burst of closes from its last frame to the end of its last drain."""

    def __init__(self, latencies: Latencies) -> None:
        self._latencies = latencies
        self._minute = -1
        self._took_s = 0.0

    def seen(self, closes: Sequence[CandleClosed], done: float) -> None:
        minute = closes[-1].candle.open_time_ms
        if minute != self._minute and self._minute >= 0:
            self._latencies.burst.add(self._took_s)
        self._minute = minute
        self._took_s = done - max(event.received_at for event in closes)
