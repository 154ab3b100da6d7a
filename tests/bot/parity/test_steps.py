"""What the core is told again: in the recorded order, or as assumed of plain candles."""

import polars as pl

from bot.parity.steps import (
    PRELOAD_MINUTES,
    History,
    Step,
    assumed_steps,
    history_of,
    recorded_instruments,
    recorded_steps,
)
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    FeedBlind,
    FeedSeeing,
    Origin,
    PriceMoved,
    QuoteMoved,
    SymbolPrepared,
    Ticked,
    UniverseChanged,
)
from engine.domain.instrument import Instrument
from engine.domain.order import Book
from storage.codec import encoder
from storage.recording import Recording, frame_of
from storage.tape_rows import Mark
from tests.bot.parity.kit import candle, row
from tests.builders import MINUTE, START_MS, instrument, symbol_setup

BTC = "BTCUSDT"


def mark(seq: int, kind: str, **data) -> Mark:
    return Mark(run=1, seq=seq, at_ms=START_MS + seq, kind=kind, data=data)


def recording(rows, marks=()) -> Recording:
    return Recording(frame_of(rows), tuple(marks))


def steps(rows, *marks, run: int = 1) -> list[Step]:
    made = recording(rows, marks)
    return list(recorded_steps(made, history_of(made), run))


def test_steps_when_recorded_come_in_the_order_of_arrival_whatever_the_symbol():
    told = steps([row(3), row(1, "ETHUSDT"), row(5, run=2)], mark(2, "tick"))

    kinds = [type(step.events[0]) for step in told]
    assert kinds == [CandleClosed, Ticked, CandleClosed]
    assert [step.events[0].candle.symbol for step in told if step.at_ms > START_MS + 9] == [
        "ETHUSDT",
        BTC,
    ]
    assert told[0].at_ms == START_MS + 2 * MINUTE
    assert told[2].events[0].origin is Origin.LIVE


def test_history_when_loaded_again_is_told_from_all_that_was_ever_recorded():
    rows = [row(1), row(2), row(3, origin="preload", run=2), row(9, run=2)]
    span = Mark(
        run=2,
        seq=4,
        at_ms=START_MS,
        kind="preload",
        data={"symbol": BTC, "first": START_MS + 2 * MINUTE, "last": START_MS + 3 * MINUTE},
    )

    first, second = steps(rows, span, run=2)

    assert [event.origin for event in first.events] == [Origin.PRELOAD] * 2
    assert [event.candle.open_time_ms for event in first.events] == [
        START_MS + 2 * MINUTE,
        START_MS + 3 * MINUTE,
    ]
    assert second.events[0].candle.open_time_ms == START_MS + 9 * MINUTE


def test_scores_when_given_are_preceded_by_the_prices_the_gate_saw():
    (step,) = steps([], mark(1, "scored", quotes={BTC: [9.0, 9.5, 7]}, last={BTC: 9.25}))

    assert step.score
    assert step.events == (QuoteMoved(BTC, 9.0, 9.5, 7), PriceMoved(BTC, 9.25, START_MS + 1))


def test_marks_when_told_again_are_the_events_they_came_from():
    setup = encoder(SymbolPrepared)(SymbolPrepared(Book.LIVE, symbol_setup()))
    changed = ContractChanged(BTC, "SETTLING", 5, 6)
    told = steps(
        [],
        mark(1, "blind", symbols=[BTC], reason="gap"),
        mark(2, "seeing", symbols=[BTC]),
        mark(3, "prepared", **setup),
        mark(4, "contract", **encoder(ContractChanged)(changed)),
    )

    assert [step.events[0] for step in told] == [
        FeedBlind(frozenset({BTC}), "gap"),
        FeedSeeing(frozenset({BTC})),
        SymbolPrepared(Book.LIVE, symbol_setup()),
        changed,
    ]


def test_universe_when_it_changed_is_told_whole_each_time():
    plain = {s: encoder(Instrument)(instrument(s)) for s in ("AUSDT", "BUSDT", "CUSDT")}
    made = recording(
        [],
        [
            mark(1, "universe", fresh=[plain["AUSDT"], plain["BUSDT"]], gone=[], volumes={}),
            mark(2, "universe", fresh=[plain["CUSDT"]], gone=["AUSDT"], volumes={"CUSDT": 5}),
        ],
    )

    first, second = recorded_steps(made, history_of(made), 1)

    assert [one.symbol for one in first.events[0].instruments] == ["AUSDT", "BUSDT"]
    assert [one.symbol for one in second.events[0].instruments] == ["BUSDT", "CUSDT"]
    assert second.events[0].quote_volume_24h == {"CUSDT": 5.0}
    assert set(recorded_instruments(made)) == {"AUSDT", "BUSDT", "CUSDT"}


def plain(minutes: int = 600, *, hole: int | None = None) -> History:
    found = [candle(n) for n in range(minutes) if n != hole]
    return History({BTC: found, "ETHUSDT": [candle(n, "ETHUSDT") for n in range(minutes)]})


def assumed(history: History, begin: int, end: int) -> list[Step]:
    contracts = {symbol: instrument(symbol) for symbol in history.symbols}
    return list(
        assumed_steps(
            history,
            history.series(),
            contracts,
            START_MS + begin * MINUTE,
            START_MS + end * MINUTE,
        )
    )


def test_plain_candles_when_told_begin_with_the_universe_and_as_much_history_as_the_scanner_loads():
    told = assumed(plain(), 520, 522)

    assert isinstance(told[0].events[0], UniverseChanged)
    loaded = [s for s in told if isinstance(s.events[0], CandleClosed) and not s.score]
    assert len(loaded) == 2 * PRELOAD_MINUTES
    assert {step.events[0].origin for step in loaded} == {Origin.PRELOAD}
    assert loaded[PRELOAD_MINUTES - 1].events[0].candle.open_time_ms == START_MS + 519 * MINUTE


def test_plain_candles_when_told_live_come_minute_by_minute_and_are_scored_together():
    live = [step for step in assumed(plain(hole=521), 520, 523) if step.score]

    assert [len(step.events) for step in live] == [2, 1, 2]
    assert live[0].events[0].candle.open_time_ms == START_MS + 520 * MINUTE
    assert live[0].at_ms // MINUTE == (START_MS + 521 * MINUTE) // MINUTE


def test_plain_candles_when_an_hour_begins_tick_before_the_candles():
    told = assumed(plain(900), 500, 640)
    at = next(n for n, step in enumerate(told) if step.events == (Ticked(),))

    assert (told[at].at_ms // MINUTE) * MINUTE % (60 * MINUTE) == 0
    assert told[at + 1].at_ms == told[at].at_ms


def test_history_when_asked_knows_its_bounds_and_its_minutes():
    history = plain(5, hole=2)

    assert history.symbols == (BTC, "ETHUSDT")
    assert (history.first_ms, history.end_ms) == (START_MS, START_MS + 5 * MINUTE)
    assert history.at(BTC, START_MS + 2 * MINUTE) is None
    assert history.at("SOLUSDT", START_MS) is None
    assert len(history.between(BTC, START_MS, START_MS + 3 * MINUTE)) == 3
    assert len(history.series()[BTC]) == 4


def test_history_when_a_minute_was_recorded_out_of_order_is_sorted():
    made = recording([row(4), row(2)])

    found = history_of(Recording(made.candles.sort(pl.col("seq")), ()))

    assert [one.open_time_ms for one in found.between(BTC, 0, 1 << 60)] == [
        START_MS + 2 * MINUTE,
        START_MS + 4 * MINUTE,
    ]


def test_plain_candles_when_the_journal_knows_a_spread_are_told_it_before_the_candles():
    history = plain()
    quote = QuoteMoved(BTC, 99.0, 101.0, 5)
    contracts = {symbol: instrument(symbol) for symbol in history.symbols}
    minute_ms = START_MS + 522 * MINUTE

    told = assumed_steps(
        history,
        history.series(),
        contracts,
        START_MS + 520 * MINUTE,
        START_MS + 523 * MINUTE,
        {minute_ms: [quote]},
    )
    live = [step for step in told if step.score]

    assert [step.events[0] == quote for step in live] == [False, True, False]
