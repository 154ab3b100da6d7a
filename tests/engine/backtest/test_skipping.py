"""How far a run may jump over the minutes of an open position."""

from decimal import Decimal

import pytest

from engine.backtest.recorder import Marks, Recorder
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.backtest.skipping import Skipper
from engine.domain.events import TradeMemory
from engine.domain.order import Book
from engine.risk.limits import RiskLimits
from engine.risk.threshold import HOUR_MS
from tests.engine.backtest.recording import BEGIN_MS, Row, series_of

SYMBOL = "AAAUSDT"
WATCHED = frozenset({SYMBOL})
CALM: Row = (100.0, 100.5, 99.5, 100.0)
TICK_MS = 1_500
FAR_MS = BEGIN_MS + 10_000 * MINUTE_MS


class RestingVenue:
    """A position of 2 between a stop at 98 and a target at 104."""

    def __init__(self, size: float = 2.0) -> None:
        self.busy = {SYMBOL: (Decimal(98), Decimal(104))}
        self.rests = True
        self.size = size

    def bounds(self, _symbol: str) -> tuple[float, float] | None:
        """Return the triggers."""
        return (98.0, 104.0) if self.rests else None

    def size_of(self, _symbol: str) -> float:
        """Return the position."""
        return self.size


def memory(**fields: object) -> TradeMemory:
    """Return a trade opened in the first minute, without a deadline in sight."""
    values: dict[str, object] = {
        "trade_key": "k", "book": Book.PAPER, "symbol": SYMBOL, "setup_id": "s", "direction": 1,
        "score": None, "entry_price": 100.0, "stop_price": Decimal(98),
        "target_price": Decimal(104), "risk": Decimal(4), "time_exit_ms": FAR_MS,
        "stagnation_ms": FAR_MS, "opened_ms": BEGIN_MS + 250, "best_r": 0.0, "timeframe": "1m",
    }  # fmt: skip
    return TradeMemory(**(values | fields))  # type: ignore[arg-type]


def skipper_of(
    series: SymbolSeries,
    *,
    venue: RestingVenue | None = None,
    remembered: TradeMemory | None = None,
    funding_ms: int = FAR_MS,
    marks: Marks | None = None,
) -> Skipper:
    """Return a skipper; without marks breakers do not matter."""
    recorder = Recorder()
    recorder.memories[SYMBOL] = remembered or memory()
    recorder.marks, recorder.last_equity = marks, 1_000.0
    return Skipper(
        venue or RestingVenue(),  # type: ignore[arg-type]
        recorder,
        {SYMBOL: series},
        RiskLimits(),
        lambda _symbol, _from: funding_ms,
        tick_after_ms=TICK_MS,
        marks_matter=marks is not None,
    )


def jump(skipper: Skipper, *, visited: int = 1, limit: int = 20) -> int:
    """Return the number of the next minute to visit."""
    limit_ms = BEGIN_MS + limit * MINUTE_MS
    next_ms = skipper.next_visit(BEGIN_MS + visited * MINUTE_MS, limit_ms, WATCHED)
    return (next_ms - BEGIN_MS) // MINUTE_MS


def test_jump_when_nothing_happens_reaches_the_limit() -> None:
    assert jump(skipper_of(series_of([CALM] * 40))) == 20


@pytest.mark.parametrize("row", [(100.0, 100.0, 98.0, 99.0), (100.0, 104.0, 100.0, 103.0)])
def test_jump_when_a_trigger_is_reached_visits_that_minute(row: Row) -> None:
    rows = [CALM] * 40
    rows[7] = row
    assert jump(skipper_of(series_of(rows))) == 7


def test_jump_when_the_next_minute_is_reached_goes_there() -> None:
    rows = [CALM] * 40
    rows[2] = (100.0, 105.0, 97.0, 99.0)
    assert jump(skipper_of(series_of(rows))) == 2


@pytest.mark.parametrize("name", ["time_exit_ms", "stagnation_ms"])
def test_jump_when_a_deadline_comes_visits_the_first_minute_whose_tick_sees_it(name: str) -> None:
    series = series_of([CALM] * 40)
    for due_ms, minute in ((TICK_MS, 9), (TICK_MS + 1, 10), (250, 9)):
        remembered = memory(**{name: BEGIN_MS + 9 * MINUTE_MS + due_ms})
        assert jump(skipper_of(series, remembered=remembered)) == minute


def test_jump_when_a_deadline_has_passed_is_not_held_by_it() -> None:
    remembered = memory(stagnation_ms=BEGIN_MS)
    assert jump(skipper_of(series_of([CALM] * 40), remembered=remembered)) == 20


def test_jump_when_funding_falls_due_visits_its_minute() -> None:
    funding_ms = BEGIN_MS + 12 * MINUTE_MS
    assert jump(skipper_of(series_of([CALM] * 40), funding_ms=funding_ms)) == 12


def test_jump_when_a_minute_is_missing_stops_before_the_hole() -> None:
    rows: list[Row | None] = [CALM] * 40
    rows[6] = None
    assert jump(skipper_of(series_of(rows))) == 6
    assert jump(skipper_of(series_of(rows)), visited=6) == 7  # inside it: step by step


def test_jump_when_not_at_rest_goes_minute_by_minute() -> None:
    series, venue = series_of([CALM] * 40), RestingVenue()
    venue.rests = False
    assert jump(skipper_of(series, venue=venue)) == 2
    venue = RestingVenue()
    venue.busy = {}
    assert jump(skipper_of(series, venue=venue)) == 2
    later = memory(opened_ms=BEGIN_MS + 2 * MINUTE_MS + 250)
    assert jump(skipper_of(series, remembered=later)) == 2


def test_jump_when_equity_makes_a_new_high_visits_when_that_minute_has_closed() -> None:
    rows = [CALM] * 40
    rows[5] = (100.0, 103.0, 100.0, 102.6)  # +2.6 on 2: 1005.2 above a high of 1005
    series = series_of(rows)
    assert jump(skipper_of(series, marks=Marks(1_000.0, 1_005.0))) == 6
    assert jump(skipper_of(series, marks=Marks(1_000.0, 1_006.0))) == 20


def test_jump_when_equity_falls_to_a_limit_visits_when_that_minute_has_closed() -> None:
    rows = [CALM] * 40
    rows[5] = (100.0, 100.0, 98.5, 98.6)
    series, venue = series_of(rows), RestingVenue(size=40.0)  # -56 of 1000: beyond 5 % a day
    assert jump(skipper_of(series, venue=venue, marks=Marks(1_000.0, 1_100.0))) == 6
    assert jump(skipper_of(series, venue=venue, marks=Marks(900.0, 1_100.0))) == 20
    assert jump(skipper_of(series, venue=venue, marks=Marks(900.0, 1_112.0))) == 6


def test_jump_when_marks_are_unknown_goes_minute_by_minute() -> None:
    skipper = skipper_of(series_of([CALM] * 40), marks=Marks(1.0, 1.0))
    assert jump(skipper) == 2


def test_jump_when_equity_was_reckoned_at_a_full_hour_waits_for_the_next_minute() -> None:
    assert BEGIN_MS % HOUR_MS == 0
    hour = 60
    series = series_of([CALM] * 200)
    watchful = skipper_of(series, marks=Marks(1_000.0, 1_100.0))
    assert jump(watchful, visited=hour, limit=hour + 20) == hour + 1
    assert jump(watchful, visited=hour + 1, limit=hour + 20) == hour + 20
    assert jump(skipper_of(series), visited=hour, limit=hour + 20) == hour + 20


@pytest.mark.parametrize(("direction", "price"), [(1, 103.0), (-1, 98.5)])
def test_prices_when_minutes_were_left_out_are_the_best_and_the_last_close(
    direction: int, price: float
) -> None:
    rows = [CALM] * 40
    rows[3], rows[4] = (100.0, 103.0, 100.0, 100.0), (100.0, 100.0, 98.5, 100.0)
    rows[8] = (100.0, 100.3, 99.7, 99.9)
    rows[9] = (100.0, 103.9, 98.1, 100.0)  # closes at the visit, which tells it itself
    skipper = skipper_of(series_of(rows), remembered=memory(direction=direction))
    told = skipper.unseen_prices(BEGIN_MS + 2 * MINUTE_MS, BEGIN_MS + 10 * MINUTE_MS, WATCHED)
    assert told == [(SYMBOL, price), (SYMBOL, 99.9)]
    assert skipper.unseen_prices(BEGIN_MS, BEGIN_MS + MINUTE_MS, WATCHED) == []


@pytest.mark.parametrize(("direction", "price"), [(1, 100.1), (-1, 99.8)])
def test_prices_when_the_entry_minute_is_left_out_take_its_close_alone(
    direction: int, price: float
) -> None:
    rows = [CALM] * 40
    rows[2] = (100.0, 103.0, 98.5, 100.4)  # its high and low may lie before the entry
    rows[3] = (100.0, 100.1, 99.8, 100.0)
    young = memory(direction=direction, opened_ms=BEGIN_MS + 2 * MINUTE_MS + 250)
    skipper = skipper_of(series_of(rows), remembered=young)
    told = skipper.unseen_prices(BEGIN_MS + 2 * MINUTE_MS, BEGIN_MS + 5 * MINUTE_MS, WATCHED)
    assert told == [(SYMBOL, 100.4), (SYMBOL, price), (SYMBOL, 100.0)]
    only = skipper.unseen_prices(BEGIN_MS + 2 * MINUTE_MS, BEGIN_MS + 4 * MINUTE_MS, WATCHED)
    assert only == [(SYMBOL, 100.4)]
