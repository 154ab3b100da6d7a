"""The minutes that are visited, with a floor and a skipper played by hand."""

from dataclasses import dataclass, field

from engine.backtest.recorder import Recorder
from engine.backtest.series import MINUTE_MS
from engine.backtest.timetable import Timetable
from engine.domain.events import Event, PriceMoved
from tests.engine.backtest.recording import BEGIN_MS


@dataclass
class HandFloor:
    """Says what the test wants and keeps what is told."""

    active: bool = False
    rests: bool = True
    watched: frozenset[str] = frozenset({"AAAUSDT"})
    told: list[tuple[int, Event]] = field(default_factory=list)

    def is_at_rest(self, _now_ms: int) -> bool:
        """Whether nothing is on its way."""
        return self.rests

    def tell(self, event: Event, now_ms: int) -> None:
        """Keep an event."""
        self.told.append((now_ms, event))


class HandSkipper:
    """Jumps five minutes, or to the limit."""

    def next_visit(self, visited_ms: int, limit_ms: int, _watched: frozenset[str]) -> int:
        """Return the next minute."""
        return min(visited_ms + 5 * MINUTE_MS, limit_ms)

    def unseen_prices(self, *_: object) -> list[tuple[str, float]]:
        """Return the best price of the minutes left out."""
        return [("AAAUSDT", 103.0)]


def minutes(
    floor: HandFloor,
    *,
    moments: tuple[int, ...] = (),
    end: int = 130,
    recorder: Recorder | None = None,
) -> list[int]:
    """Return the numbers of the minutes visited, the first being 10 past the hour."""
    table = Timetable(
        BEGIN_MS + 10 * MINUTE_MS,
        BEGIN_MS + end * MINUTE_MS,
        [BEGIN_MS + at * MINUTE_MS for at in moments],
        floor,  # type: ignore[arg-type]
        HandSkipper(),  # type: ignore[arg-type]
        recorder or Recorder(),
    )
    return [(at - BEGIN_MS) // MINUTE_MS for at in table.needed_minutes()]


def test_timetable_when_nothing_is_open_visits_midnights_and_signals() -> None:
    assert minutes(HandFloor(), moments=(10, 17, 17, 61, 2000)) == [10, 17, 61]
    assert minutes(HandFloor(), moments=(17,), end=2 * 1440 + 5) == [10, 17, 1440, 2880]


def test_timetable_when_the_core_is_paused_counts_signals_instead_of_visiting_them() -> None:
    recorder = Recorder(paused="three losses")
    assert minutes(HandFloor(), moments=(10, 17, 17, 61), recorder=recorder) == [10]
    assert recorder.fates == {"signal": 3}
    assert recorder.refusals == {"paused": 3}


def test_timetable_when_paused_with_trades_open_counts_only_what_it_jumped_over() -> None:
    recorder, floor = Recorder(paused="why"), HandFloor(active=True)
    assert minutes(floor, moments=(12, 15, 19), end=21, recorder=recorder) == [10, 15, 20]
    assert recorder.refusals == {"paused": 2}  # the visit of minute 15 shows its own


def test_timetable_when_something_is_on_its_way_visits_every_minute() -> None:
    assert minutes(HandFloor(active=True, rests=False), end=15) == [10, 11, 12, 13, 14]


def test_timetable_when_trades_rest_jumps_and_tells_what_it_left_out() -> None:
    floor = HandFloor(active=True)
    assert minutes(floor, moments=(16,), end=24) == [10, 15, 16, 21]
    at_ms = BEGIN_MS + 15 * MINUTE_MS
    assert floor.told[0] == (at_ms, PriceMoved("AAAUSDT", 103.0, at_ms))
    assert [(at - BEGIN_MS) // MINUTE_MS for at, _ in floor.told] == [15, 21, 24]


def test_timetable_when_asked_for_every_minute_leaves_none_out() -> None:
    table = Timetable(
        0,
        3 * MINUTE_MS,
        (),
        HandFloor(),  # type: ignore[arg-type]
        HandSkipper(),  # type: ignore[arg-type]
        Recorder(),
    )
    assert list(table.every_minute()) == [0, MINUTE_MS, 2 * MINUTE_MS]
