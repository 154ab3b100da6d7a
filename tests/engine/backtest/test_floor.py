"""Effects out, news back: who hears what when."""

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.backtest.assumptions import Assumptions
from engine.backtest.floor import TradingFloor
from engine.backtest.recorder import Recorder
from engine.backtest.series import MINUTE_MS
from engine.backtest.venue import BacktestVenue
from engine.domain.effects import (
    CancelOrder,
    Effect,
    ScoreSetups,
    SubmitOrder,
    TakeSnapshot,
    WatchPrices,
)
from engine.domain.events import (
    CancelRefused,
    Event,
    Instant,
    OrderFilled,
    SetupsScored,
    SnapshotTaken,
    Ticked,
)
from engine.domain.order import Book, Intent, OrderRequest, OrderType, Purpose, Side
from tests.builders import d, instrument, setup
from tests.engine.backtest.recording import BEGIN_MS, FixedScorer, series_of

SYMBOL = "AAAUSDT"


@dataclass
class Puppet:
    """A core that answers events as a test says and remembers what it heard."""

    answer: Callable[[Event], list[Effect]] = lambda _event: []
    heard: list[tuple[int, Event]] = field(default_factory=list)

    def process(self, event: Event, now: Instant) -> list[Effect]:
        """Take an event."""
        self.heard.append((now.exchange_ms, event))
        return self.answer(event)

    def times(self, kind: type) -> list[int]:
        """Return when events of a kind came, in ms after the beginning."""
        return [at - BEGIN_MS for at, event in self.heard if isinstance(event, kind)]


def floor_of(
    puppet: Puppet, *, every: bool = False, scorer: FixedScorer | None = None
) -> tuple[TradingFloor, BacktestVenue]:
    """Return a floor over two minutes: quiet at 100, then one from 90 to 110."""
    series = {SYMBOL: series_of([(100.0, 101.0, 99.0, 100.0), (100.0, 110.0, 90.0, 100.0)])}
    venue = BacktestVenue(Book.PAPER, [instrument(SYMBOL)], Assumptions())
    venue.prepare(SYMBOL, 10)
    floor = TradingFloor(
        puppet,  # type: ignore[arg-type]
        venue,
        series,
        scorer or FixedScorer(),
        Recorder(),
        latency_ms=250,
        every_corner=every,
    )
    return floor, venue


def buy() -> SubmitOrder:
    """Return a market order for one."""
    request = OrderRequest(
        client_id="smc0-E-x-0",
        symbol=SYMBOL,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        qty=d(1),
        purpose=Purpose.ENTRY,
    )
    return SubmitOrder(Intent(book=Book.PAPER, trade_key="k", request=request, created_ms=0))


def test_floor_when_an_order_is_sent_it_arrives_and_is_heard_of_one_latency_later_each() -> None:
    puppet = Puppet(lambda event: [buy()] if isinstance(event, Ticked) else [])
    floor, venue = floor_of(puppet)
    floor.begin_minute(BEGIN_MS)
    floor.tick_at(BEGIN_MS + 100)
    floor.end_minute()
    (filled,) = (event for _, event in puppet.heard if isinstance(event, OrderFilled))
    assert filled.fill.event_time_ms - BEGIN_MS == 350
    assert puppet.times(OrderFilled) == [600]
    assert filled.fill.price == d("100.01")
    assert SYMBOL in venue.busy
    assert floor.active


def test_floor_when_a_position_has_no_stop_its_margin_is_checked_at_every_corner() -> None:
    puppet = Puppet(lambda event: [buy()] if isinstance(event, Ticked) else [])
    floor, venue = floor_of(puppet)
    floor.begin_minute(BEGIN_MS)
    floor.tick_at(BEGIN_MS)
    floor.end_minute()
    venue_moves: list[float] = []
    moved = venue.move
    venue.move = lambda symbol, price, now: venue_moves.append(price) or moved(symbol, price, now)  # type: ignore[method-assign,func-returns-value]
    floor.begin_minute(BEGIN_MS + MINUTE_MS)
    floor.end_minute()
    assert venue_moves[:2] == [100.0, 90.0]
    assert puppet.times(OrderFilled)[-1] > MINUTE_MS  # leverage 10: liquidated on the way down
    assert venue.busy == {}


def test_floor_when_orders_are_late_they_wait_for_the_next_minute() -> None:
    puppet = Puppet(lambda event: [buy()] if isinstance(event, Ticked) else [])
    floor, _ = floor_of(puppet)
    floor.begin_minute(BEGIN_MS)
    floor.tick_at(BEGIN_MS + MINUTE_MS - 1)
    floor.end_minute()
    assert puppet.times(OrderFilled) == []
    assert floor.active
    floor.begin_minute(BEGIN_MS + MINUTE_MS)
    floor.end_minute()
    assert puppet.times(OrderFilled)[0] == MINUTE_MS - 1 + 500


def test_floor_when_setups_are_found_scores_them_in_one_call() -> None:
    first, second = setup("AAAUSDT"), setup("BBBUSDT")
    asked = iter([[ScoreSetups((first,))], [ScoreSetups((second,))]])
    puppet = Puppet(lambda event: next(asked) if isinstance(event, Ticked) else [])
    scorer = FixedScorer()
    floor, _ = floor_of(puppet, scorer=scorer)
    floor.tell(Ticked(), BEGIN_MS)
    floor.tell(Ticked(), BEGIN_MS)
    floor.score(BEGIN_MS)
    floor.score(BEGIN_MS)
    assert scorer.batches == [2]
    (scored,) = (event for _, event in puppet.heard if isinstance(event, SetupsScored))
    assert [one.setup_id for one in scored.scores] == [first.setup_id, second.setup_id]


def test_floor_when_doubted_brings_the_whole_truth_and_refused_cancels() -> None:
    cancel = CancelOrder(Book.PAPER, SYMBOL, "smc0-T-x-0", conditional=True)
    effects: list[Effect] = [TakeSnapshot(Book.PAPER, "why"), cancel]
    puppet = Puppet(lambda event: effects if isinstance(event, Ticked) else [])
    floor, _ = floor_of(puppet)
    floor.begin_minute(BEGIN_MS)
    floor.tell(Ticked(), BEGIN_MS)
    floor.end_minute()
    assert puppet.times(SnapshotTaken) == [500]
    assert puppet.times(CancelRefused) == [500]
    assert not floor.active


def test_floor_when_the_core_watches_symbols_is_active() -> None:
    puppet = Puppet(lambda _event: [WatchPrices(frozenset({SYMBOL}))])
    floor, _ = floor_of(puppet)
    assert not floor.active
    floor.tell(Ticked(), BEGIN_MS)
    assert floor.active
    assert floor.watched == {SYMBOL}
