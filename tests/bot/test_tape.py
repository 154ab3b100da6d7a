"""The tape beside the core: everything that decides, nothing twice, and never in the way."""

import sys

from bot import tape as module
from bot.tape import Tape, Watched
from engine.domain.candle import Candle
from engine.domain.effects import ScoreSetups
from engine.domain.events import (
    CandleClosed,
    FeedBlind,
    FeedSeeing,
    Instant,
    Origin,
    PriceMoved,
    QuoteMoved,
    SetupsScored,
    Ticked,
    UniverseChanged,
)
from tests.builders import MINUTE, START_MS, instrument, setup

BTC = "BTCUSDT"


def candle(minute: int, symbol: str = BTC, close: float = 10.0) -> Candle:
    return Candle(
        symbol=symbol,
        open_time_ms=START_MS + minute * MINUTE,
        open=10.0,
        high=11.0,
        low=9.0,
        close=close,
        volume=1.0,
        quote_volume=10.0,
    )


def closed(minute: int, symbol: str = BTC, origin: Origin = Origin.LIVE) -> CandleClosed:
    return CandleClosed(candle(minute, symbol), origin, 0.0)


def now(minute: float = 0) -> Instant:
    return Instant(START_MS + round(minute * MINUTE), 0.0)


def told(tape: Tape, *events, at: float = 1) -> None:
    for event in events:
        tape.hear(event, now(at), [])


def kinds(tape: Tape) -> list[str]:
    return [one.kind for one in tape.marks]


def test_candles_when_they_close_become_rows_in_the_order_of_arrival():
    tape = Tape(7, {})

    told(tape, closed(0), closed(0, "ETHUSDT"), closed(1, origin=Origin.FLAT), at=2)

    assert [(one.symbol, one.seq, one.origin) for one in tape.rows] == [
        (BTC, 1, "live"),
        ("ETHUSDT", 2, "live"),
        (BTC, 3, "flat"),
    ]
    assert {one.run for one in tape.rows} == {7}
    assert {one.arrived_ms for one in tape.rows} == {START_MS + 2 * MINUTE}


def test_candle_when_already_on_disk_or_repeated_has_no_row():
    tape = Tape(1, {BTC: START_MS})

    told(tape, closed(0), closed(1), closed(1))

    assert [one.open_time for one in tape.rows] == [START_MS + MINUTE]


def test_history_when_loaded_is_told_as_a_span_before_what_follows_it():
    tape = Tape(1, {BTC: START_MS + MINUTE})

    told(tape, *(closed(n, origin=Origin.PRELOAD) for n in range(3)))
    told(tape, closed(3))

    (span,) = tape.marks
    assert span.kind == "preload"
    assert span.data == {"symbol": BTC, "first": START_MS, "last": START_MS + 2 * MINUTE}
    new, live = tape.rows
    assert (new.origin, live.origin) == ("preload", "live")
    assert new.seq < span.seq < live.seq


def test_sight_when_lost_and_regained_is_marked_after_the_history_that_healed_it():
    tape = Tape(1, {})
    symbols = frozenset({BTC})

    told(tape, FeedBlind(symbols, "gap"), closed(0, origin=Origin.PRELOAD), FeedSeeing(symbols))

    assert kinds(tape) == ["blind", "preload", "seeing"]


def test_ticks_when_an_hour_begins_are_marked_once():
    tape = Tape(1, {})

    for minute in (0, 1, 30, 61, 62):
        told(tape, Ticked(), at=minute)

    assert kinds(tape) == ["tick", "tick"]


def test_scores_when_given_keep_the_prices_the_gate_saw():
    tape = Tape(1, {})
    wanted = setup(BTC)

    told(tape, QuoteMoved(BTC, 9.9, 10.1, 5), QuoteMoved("ETHUSDT", 1, 2, 6))
    tape.hear(closed(0), now(1), [ScoreSetups((wanted,))])
    told(tape, PriceMoved(BTC, 10.25, 7), SetupsScored(()))
    told(tape, SetupsScored(()))

    first, second = tape.marks
    assert first.data == {"quotes": {BTC: [9.9, 10.1, 5]}, "last": {BTC: 10.25}}
    assert second.data == {"quotes": {}, "last": {}}


def test_universe_when_it_changes_tells_only_what_is_new_and_gone():
    tape = Tape(1, {})
    one, other = instrument("AUSDT"), instrument("BUSDT")

    told(tape, UniverseChanged((one, other), {"AUSDT": 5.4, "CUSDT": 1.0}, {}))
    told(tape, UniverseChanged((one,), {"AUSDT": 6.0}, {}))

    first, second = tape.marks
    assert [plain["symbol"] for plain in first.data["fresh"]] == ["AUSDT", "BUSDT"]
    assert first.data["volumes"] == {"AUSDT": 5}
    assert (second.data["fresh"], second.data["gone"]) == ([], ["BUSDT"])


def test_tape_when_taken_is_empty_and_when_put_back_keeps_its_order(monkeypatch):
    tape = Tape(1, {})
    told(tape, closed(0), Ticked())
    rows, marks = tape.take(now())
    assert not tape.rows
    assert not tape.marks

    told(tape, closed(1))
    tape.put_back(rows, marks)

    assert [one.seq for one in tape.rows] == [1, 3]
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    tape.put_back([], [])
    assert [one.seq for one in tape.rows] == [3]
    assert tape.dropped == 1


def test_rows_when_the_disk_refuses_last_for_hours_and_take_little_memory():
    """The arithmetic of the docstring: 530 symbols, a row a minute."""
    assert 110 <= module.MOST_ROWS / 530 <= 120
    tape = Tape(1, {})
    told(tape, closed(0))
    (row,) = tape.rows
    own = sum(map(sys.getsizeof, (one for one in row if isinstance(one, int | float))))
    assert module.MOST_ROWS * (sys.getsizeof(row) + own) < 40e6


def test_core_when_watched_answers_as_before():
    class Core:
        def process(self, event, instant):
            return [event, instant]

    tape = Tape(1, {})

    assert Watched(Core(), tape).process(closed(0), now()) == [closed(0), now()]
    assert len(tape.rows) == 1
