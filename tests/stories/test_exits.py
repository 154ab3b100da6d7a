"""Every reason to leave: time, stagnation, operator, breaker, delisting, liquidation, by hand."""

from dataclasses import replace

import pytest

from engine.domain.commands import CloseAll, ClosePosition
from engine.domain.events import BalanceChanged, OrderFilled, PriceMoved, UniverseChanged
from engine.domain.order import OrderStatus, Purpose, Side
from engine.domain.position import ExitReason
from engine.risk.limits import RiskLimits
from tests.builders import MINUTE, d, fill, instrument, setup, venue_position
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    story.enter(setup())
    return story


def close(symbol: str = "BTCUSDT", share: int = 100, key: str = "c") -> ClosePosition:
    return ClosePosition(command_id=key, requested_by="me", symbol=symbol, share_pct=share)


def test_trade_when_two_hours_old_is_left_by_time(story):
    story.feed(PriceMoved("BTCUSDT", 101.0, story.ms))  # +0.5 R: it lives

    assert story.sent(Purpose.EXIT, story.jump(119 * MINUTE)) == []
    assert len(story.sent(Purpose.EXIT, story.jump(MINUTE))) == 1
    story.fill(story.last(Purpose.EXIT), price=101)
    assert story.closed()[0].reason is ExitReason.TIME


def test_trade_when_it_never_came_to_life_is_left_after_30_minutes(story):
    story.feed(PriceMoved("BTCUSDT", 100.4, story.ms))  # +0.2 R

    assert story.sent(Purpose.EXIT, story.jump(29 * MINUTE)) == []
    assert len(story.sent(Purpose.EXIT, story.jump(MINUTE))) == 1
    story.fill(story.last(Purpose.EXIT))
    assert story.closed()[0].reason is ExitReason.STAGNATION


def test_best_result_when_reached_inside_a_minute_counts(story):
    story.close(price=100.0, high=100.6, low=99.9)  # the entry happened before this minute

    assert story.position().best_r == pytest.approx(0.3)
    assert story.sent(Purpose.EXIT, story.jump(31 * MINUTE)) == []


def test_time_exit_when_the_stop_is_unconfirmed_waits_for_it():
    story = Story()
    story.start()
    story.signal(setup())
    story.fill(story.last(Purpose.ENTRY))

    assert story.sent(Purpose.EXIT, story.jump(121 * MINUTE)) == []
    effects = story.accept(story.last(Purpose.STOP)) + story.later(0.25)
    assert len(story.sent(Purpose.EXIT, effects)) == 1


def test_operator_when_closing_half_keeps_the_rest_protected(story):
    qty = story.held()

    receipt = story.command(close(share=50))
    half = story.last(Purpose.EXIT)
    story.fill(half)
    story.change(half, OrderStatus.FILLED, filled=half.qty)

    assert receipt.accepted
    assert qty / 2 - d("0.001") < half.qty <= qty / 2
    assert story.held() == qty - half.qty
    assert story.position().protected
    assert not story.position().exiting
    assert story.closed() == []


def test_operator_when_a_half_is_unanswered_is_not_closed_twice(story):
    story.command(close(share=50))
    half = story.last(Purpose.EXIT)
    story.unknown(half)

    effects = story.later(10)
    assert story.sent(Purpose.EXIT, effects) == []
    assert story.snapshots_asked(effects) >= 1
    remains = story.held() - half.qty
    legs = venue_legs(story)
    story.snapshot(positions=(venue_position(qty=remains),), conditionals=legs)
    story.wall += 4
    story.snapshot(positions=(venue_position(qty=remains),), conditionals=legs)

    assert story.held() == remains
    assert story.sent(Purpose.EXIT, story.later(5)) == []


def venue_legs(story: Story) -> tuple:
    from tests.builders import order

    return (order(story.last(Purpose.STOP)), order(story.last(Purpose.TARGET)))


def test_operator_when_closing_all_closes_both_symbols(story):
    story.enter(setup("ETHUSDT"))

    receipt = story.command(CloseAll(command_id="all", requested_by="me"))

    assert "2 positions" in receipt.detail
    assert {one.symbol for one in story.sent(Purpose.EXIT)} == {"BTCUSDT", "ETHUSDT"}


def test_exit_when_unanswered_is_sent_again_with_a_new_id(story):
    story.command(close())
    first = story.last(Purpose.EXIT)
    story.unknown(first)

    effects = story.later(3.5)

    [second] = story.sent(Purpose.EXIT, effects)
    assert second.client_id != first.client_id
    assert second.reduce_only


def test_exit_when_told_nothing_to_reduce_asks_instead_of_looping(story):
    story.command(close())

    story.reject(story.last(Purpose.EXIT), -2022)
    effects = story.later(4.5)

    assert story.sent(Purpose.EXIT, effects) == []
    assert story.snapshots_asked() >= 2
    story.snapshot()
    story.later(4)
    story.snapshot()
    assert story.closed()[0].reason is ExitReason.EXTERNAL


def test_exit_when_refused_as_busy_backs_off_and_tries_again(story):
    story.command(close())
    story.reject(story.last(Purpose.EXIT), -1008)

    assert story.sent(Purpose.EXIT, story.later(0.5)) == []
    assert len(story.sent(Purpose.EXIT, story.later(0.75))) == 1


def test_exit_when_refused_for_ever_is_not_tried_more_than_needed(story):
    story.command(close())
    tries = 1
    for _ in range(240):  # one minute
        if story.sent(Purpose.EXIT, story.later(0.25)):
            tries += 1
        if story.sent(Purpose.EXIT):
            story.reject(story.last(Purpose.EXIT), -4131)

    assert 3 <= tries <= 8


def test_exit_when_larger_than_a_market_order_may_be_is_split():
    story = Story()
    story.start()
    small = replace(instrument(), market_max_qty=d(5))
    entry = story.enter(setup())
    story.feed(UniverseChanged((small, instrument("ETHUSDT")), {"BTCUSDT": 5e7}, {}))
    assert entry.qty > 5

    story.command(close())
    first = story.last(Purpose.EXIT)
    story.fill(first)
    story.change(first, OrderStatus.FILLED, filled=first.qty)

    assert first.qty == 5
    assert story.last(Purpose.EXIT).client_id != first.client_id


def test_breaker_when_set_to_flatten_closes_the_book():
    story = Story(limits=RiskLimits(flatten_on_breaker=True))
    story.start()
    story.enter(setup())

    story.feed(BalanceChanged(story.book, d(4000), "ORDER", story.ms))
    story.later(0.25)
    story.fill(story.last(Purpose.EXIT))

    assert story.closed()[0].reason is ExitReason.BREAKER


def test_delisting_when_near_is_left_in_time(story):
    soon = replace(instrument(), delivery_ms=story.ms + 10_800_000)
    story.feed(UniverseChanged((soon, instrument("ETHUSDT")), {}, {}))
    story.feed(PriceMoved("BTCUSDT", 101.0, story.ms))

    assert story.sent(Purpose.EXIT, story.jump(3_540_000)) == []
    story.jump(60_000)
    story.fill(story.last(Purpose.EXIT))

    assert story.closed()[0].reason is ExitReason.DELISTING


@pytest.mark.parametrize(
    ("client_id", "reason"),
    [
        ("autoclose-123", ExitReason.LIQUIDATION),
        ("adl_autoclose", ExitReason.LIQUIDATION),
        ("settlement_autoclose-9", ExitReason.DELISTING),
        ("web_abc", ExitReason.EXTERNAL),
    ],
)
def test_position_when_closed_by_somebody_else_names_who(story, client_id, reason):
    qty = story.held()
    story.feed(
        OrderFilled(
            story.book,
            fill(qty, 99, Side.SELL, trade_id=900, client_id=client_id, event_time_ms=story.ms),
        )
    )

    assert story.closed()[0].reason is reason
    assert len(story.cancels()) == 2


def test_dust_when_below_the_step_is_shown_and_let_go(story):
    from engine.domain.notices import AlarmNotice

    coarse = replace(instrument(), step_size=d(1), market_step_size=d(1))
    qty = story.held()
    story.feed(UniverseChanged((coarse, instrument("ETHUSDT")), {}, {}))
    story.feed(
        OrderFilled(
            story.book, fill(qty - d("0.5"), 99, Side.SELL, trade_id=901, event_time_ms=story.ms)
        )
    )

    story.command(close())

    assert story.notices(AlarmNotice, lambda one: "below the order step" in one.text)
    assert len(story.closed()) == 1
