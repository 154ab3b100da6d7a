"""Restarts: protect first, then the overdue time exit; the venue's snapshot wins."""

from dataclasses import replace
from decimal import Decimal

from engine.core.trade import names_of
from engine.domain.effects import TradeEnded, TradeOpened, TradeVoided
from engine.domain.events import (
    FundingPaid,
    Instant,
    OrderFilled,
    StateRestored,
    TradeMemory,
    UniverseChanged,
)
from engine.domain.notices import AlarmKind, AlarmNotice
from engine.domain.order import Book, Intent, OrderRequest, OrderType, Purpose, Side
from engine.domain.position import ExitReason
from engine.domain.signal import Mode, RiskRefused, Rule
from tests.builders import (
    MINUTE,
    START_MS,
    d,
    fill,
    instrument,
    leg_order,
    setup,
    venue_position,
)
from tests.stories.story import Story

KEY = "BTCUSDT-1m-sweep_bos_retest-L-1699999980000"
NAMES = names_of(7, Book.PAPER, KEY)
ENTRY = NAMES.next(Purpose.ENTRY)
STOP = NAMES.next(Purpose.STOP)
TARGET = NAMES.next(Purpose.TARGET)


def memory(**fields) -> TradeMemory:
    values = {
        "trade_key": KEY,
        "book": Book.PAPER,
        "symbol": "BTCUSDT",
        "setup_id": KEY,
        "direction": 1,
        "score": 0.6,
        "entry_price": 100.0,
        "stop_price": d(98),
        "target_price": d(104),
        "risk": d(2),
        "time_exit_ms": START_MS + 120 * MINUTE,
        "stagnation_ms": START_MS + 30 * MINUTE,
        "opened_ms": START_MS,
        "best_r": 0.5,
        "timeframe": "1m",
    }
    return TradeMemory(**(values | fields))


def bought(qty: object = 1) -> tuple[Book, object]:
    return Book.PAPER, fill(qty, 100, client_id=ENTRY, trade_id=50, fee="0.05")


def restored(*, trades=(), fills=(), intents=(), settings=None, recent=()) -> StateRestored:
    return StateRestored(settings or {}, tuple(trades), tuple(intents), tuple(fills), recent)


def legs() -> tuple:
    return (
        leg_order(STOP, OrderType.STOP_MARKET),
        leg_order(TARGET, OrderType.TAKE_PROFIT_MARKET, trigger=104),
    )


def entry_intent(qty: object = 1) -> Intent:
    request = OrderRequest(
        client_id=ENTRY,
        symbol="BTCUSDT",
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        qty=d(qty),
        purpose=Purpose.ENTRY,
        price=d("100.1"),
    )
    return Intent(book=Book.PAPER, trade_key=KEY, request=request, created_ms=START_MS)


def start(past: StateRestored, **snapshot) -> Story:
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=8)
    story.ms += 10 * MINUTE
    story.start(restored=past, **snapshot)
    return story


def test_restart_when_position_and_legs_rest_adopts_them_silently():
    story = start(
        restored(trades=[memory()], fills=[bought()]),
        positions=(venue_position(),),
        conditionals=legs(),
    )

    assert story.sent() == []
    assert story.cancels() == []
    assert story.position().protected
    assert story.position().best_r == 0.5


def test_restart_when_the_stop_is_missing_protects_before_anything_else():
    story = start(restored(trades=[memory()], fills=[bought()]), positions=(venue_position(),))

    first = story.sent()[0]
    assert first.purpose is Purpose.STOP
    assert first.trigger_price == d(98)
    assert first.client_id.startswith("smc8-")


def test_restart_when_overdue_protects_first_and_then_leaves_by_time():
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=8)
    story.ms += 500 * MINUTE
    story.start(
        restored=restored(trades=[memory()], fills=[bought()]), positions=(venue_position(),)
    )
    assert [one.purpose for one in story.sent()] == [Purpose.STOP, Purpose.TARGET]

    story.accept(story.last(Purpose.STOP))
    effects = story.later(0.25)

    assert [one.purpose for one in story.sent(effects=effects)] == [Purpose.EXIT]
    story.fill(story.last(Purpose.EXIT))
    assert story.closed()[0].reason is ExitReason.TIME


def test_restart_when_the_stop_filled_while_away_books_the_stop():
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=8)
    story.feed(restored(trades=[memory()], fills=[bought()]))
    missed = fill(1, 98, Side.SELL, client_id=STOP, trade_id=51, event_time_ms=START_MS + 5)
    story.feed(OrderFilled(Book.PAPER, missed))
    story.ms += 5
    story.snapshot(conditionals=legs()[1:])

    [trade] = story.closed()
    assert trade.reason is ExitReason.STOP
    assert trade.gross == -2
    assert TARGET in story.cancels()
    assert story.sent() == []


def test_restart_when_the_position_is_gone_without_fills_books_it_as_external():
    story = start(restored(trades=[memory()], fills=[bought()]))

    [trade] = story.closed()
    assert trade.reason is ExitReason.EXTERNAL
    assert trade.qty == 1
    assert story.view().positions == ()


def test_restart_when_a_closing_fill_was_stored_but_not_its_end_finishes_the_trade():
    closing = fill(1, 104, Side.SELL, client_id=TARGET, trade_id=51, event_time_ms=START_MS + 9)
    story = start(restored(trades=[memory()], fills=[bought(), (Book.PAPER, closing)]))

    [trade] = story.closed()
    assert trade.reason is ExitReason.TARGET
    assert trade.gross == 4


def test_restart_when_an_entry_intent_is_open_freezes_the_symbol_and_does_not_resend():
    story = start(restored(trades=[memory()], intents=[entry_intent()]))

    assert story.sent() == []
    assert story.view().books[0].unknown == 1


def test_restart_when_an_open_entry_turns_out_filled_protects_it():
    story = start(
        restored(trades=[memory()], intents=[entry_intent()]), positions=(venue_position(),)
    )

    assert [one.purpose for one in story.sent()] == [Purpose.STOP, Purpose.TARGET]
    assert story.sent()[0].trigger_price == d(98)


def test_restart_when_only_a_memory_is_left_watches_for_a_late_fill():
    story = start(restored(trades=[memory()]))
    assert story.held() == 0

    story.feed(OrderFilled(*bought()))

    assert story.held() == 1
    assert story.last(Purpose.STOP).trigger_price == d(98)


def test_memory_when_nothing_came_of_it_for_a_day_is_voided():
    story = start(restored(trades=[memory()]))

    effects = story.jump(86_400_000)

    assert story.entries(TradeVoided, effects)[0].trade_key == KEY
    assert story.entries(TradeEnded) == []


def test_restart_when_the_database_is_lost_adopts_by_the_names_of_the_legs():
    story = start(restored(), positions=(venue_position(),), conditionals=legs())

    position = story.position()
    assert position.ours
    assert position.stop_price == d(98)
    assert position.target_price == d(104)
    assert position.protected
    assert story.sent() == []
    assert story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.ADOPTED)


def test_restart_when_legs_are_left_over_without_a_position_sweeps_them():
    story = start(restored(), conditionals=legs())

    assert set(story.cancels()) == {STOP, TARGET}


def test_restart_when_settings_were_stored_takes_them_back():
    stored = {
        "mode": "paper",
        "paused": "lunch",
        "risk_pct": "1.5",
        "threshold": "0.62:40",
        "mute.ETHUSDT": str(START_MS + 10**9),
        "allow_negative_edge": "true",
        "breakers.paper": (
            '{"tripped": ["drawdown"], "day": 1, "day_start": "9", "high_water": "99999",'
            ' "losses": 2, "rejects_ms": []}'
        ),
    }
    view = start(restored(settings=stored)).view()

    assert view.mode is Mode.PAPER
    assert view.paused == "lunch"
    assert view.risk_pct == Decimal("1.5")
    assert (view.threshold, view.signals_per_day) == (0.62, 40)
    assert "ETHUSDT" in view.muted
    assert view.allow_negative_edge
    assert "drawdown" in view.books[0].breakers
    assert view.books[0].high_water == Decimal(99999)


def test_restart_when_a_setting_is_unreadable_says_so_and_goes_on():
    story = start(restored(settings={"risk_pct": "99", "breakers.paper": "{", "mode": "yolo"}))

    told = story.notices(AlarmNotice, lambda one: one.kind is AlarmKind.DATABASE)
    assert len(told) == 3
    assert story.view().risk_pct == 1


def test_restart_when_live_was_stored_but_is_not_connected_falls_to_signals():
    story = start(restored(settings={"mode": "live"}))

    assert story.view().mode is Mode.SIGNALS
    assert story.notices(AlarmNotice, lambda one: "not connected" in one.text)


def test_restart_when_a_trade_closed_lately_keeps_its_cool_down():
    first = Story()
    first.start()
    first.enter(setup())
    first.fill(first.last(Purpose.STOP), price=98)
    [closed] = first.closed()

    story = Story()
    story.ms = closed.closed_ms
    story.start(restored=restored(recent=(closed,)))
    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.COOL_DOWN


def test_second_crash_when_reconciling_repeats_without_doubling():
    past = restored(trades=[memory()], fills=[bought()])
    story = start(past, positions=(venue_position(),))
    again = replace(story.sent()[0])

    second = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=9)
    second.ms = story.ms + 1000
    stop = leg_order(again.client_id, OrderType.STOP_MARKET)
    second.start(restored=past, positions=(venue_position(),), conditionals=(stop,))

    assert [one.purpose for one in second.sent()] == [Purpose.TARGET]


def test_entries_when_the_first_snapshot_is_missing_are_refused():
    story = Story()
    story.feed(restored())
    story.engine.process(story_universe(), Instant(story.ms, story.wall))
    from engine.domain.events import Origin, SymbolPrepared
    from tests.builders import symbol_setup

    story.close(origin=Origin.PRELOAD)
    story.feed(SymbolPrepared(Book.PAPER, symbol_setup()))

    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.NOT_READY


def story_universe():
    from engine.domain.events import UniverseChanged
    from tests.builders import instrument

    return UniverseChanged((instrument(),), {"BTCUSDT": 5e7}, {})


def test_restart_when_the_stop_was_moved_to_break_even_keeps_it_there():
    moved = leg_order(STOP, OrderType.STOP_MARKET, trigger=100)
    story = start(
        restored(trades=[memory()], fills=[bought()]),
        positions=(venue_position(),),
        conditionals=(moved, legs()[1]),
    )

    assert story.sent() == []
    assert story.cancels() == []
    assert story.position().stop_price == 100


def test_position_when_seen_before_the_universe_is_known_is_judged_afterwards():
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=8)
    story.feed(restored())
    story.later(4)
    effects = story.snapshot(positions=(venue_position(),), conditionals=legs())
    assert story.snapshots_asked(effects) == 1
    assert not story.view().books[0].ready

    story.feed(story_universe())
    story.later(4)
    story.snapshot(positions=(venue_position(),), conditionals=legs())

    assert story.position().protected
    assert story.view().books[0].ready


def test_restart_when_the_stop_fills_while_the_snapshot_is_on_its_way_opens_no_ghost():
    """Seen with kill -9: the snapshot still showed the position its own stop had just closed."""
    story = Story(mode=Mode.SIGNALS, books=(Book.PAPER,), epoch=8)
    story.ms += 10 * MINUTE
    story.feed(restored(trades=[memory()], fills=[bought()]))
    story.feed(UniverseChanged((instrument("BTCUSDT"),), {"BTCUSDT": 50e6}, {}))
    taken_ms = story.ms
    closing = fill(1, 98, Side.SELL, client_id=STOP, trade_id=51, event_time_ms=taken_ms + 500)
    story.feed(OrderFilled(Book.PAPER, closing))
    story.snapshot(taken_ms=taken_ms, positions=(venue_position(),), conditionals=legs())

    assert [one.trade.reason for one in story.entries(TradeEnded)] == [ExitReason.STOP]
    assert story.held() == 0

    story.later(5)
    assert story.snapshots_asked() >= 2
    story.snapshot()
    story.later(5)
    assert len(story.entries(TradeEnded)) == 1
    assert not story.view().positions


def test_restart_when_only_a_memory_is_left_but_the_position_rests_revives_it_with_its_legs():
    story = start(restored(trades=[memory()]), positions=(venue_position(),), conditionals=legs())

    assert story.sent() == []
    assert story.cancels() == []
    assert story.position().setup_id == KEY
    assert story.position().protected


def test_restart_when_funding_was_booked_counts_it_in_the_result():
    """Funding paid before a restart was missing from the closed trade."""
    first = start(
        restored(trades=[memory()], fills=[bought()]),
        positions=(venue_position(),),
        conditionals=legs(),
    )
    first.feed(FundingPaid(Book.PAPER, "BTCUSDT", d("-0.25"), first.ms))
    effects = first.feed(FundingPaid(Book.PAPER, "BTCUSDT", d("0.05"), first.ms))
    [kept] = [one.memory for one in first.entries(TradeOpened, effects)]
    assert kept.funding == d("-0.20")

    second = start(
        restored(trades=[kept], fills=[bought()]),
        positions=(venue_position(),),
        conditionals=legs(),
    )
    second.feed(FundingPaid(Book.PAPER, "BTCUSDT", d("-0.10"), second.ms))
    second.later(4)
    second.snapshot()
    second.later(4)
    second.snapshot()

    assert [one.funding for one in second.closed()] == [d("-0.30")]


def test_funding_when_nothing_is_held_is_not_remembered():
    story = start(restored())

    effects = story.feed(FundingPaid(Book.PAPER, "BTCUSDT", d(1), story.ms))

    assert story.entries(TradeOpened, effects) == []
