"""Signal, entry, protection, target or stop, cleaning: the whole life of a trade."""

import pytest

from engine.domain.effects import SignalRaised, TradeOpened, WatchPrices
from engine.domain.notices import ExitNotice, FillNotice, ProtectionNotice, SignalNotice
from engine.domain.order import OrderStatus, OrderType, Purpose, Side, TimeInForce
from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from engine.domain.signal import Mode, RiskApproved, RiskRefused, Rule
from tests.builders import d, setup
from tests.stories.story import Story


@pytest.fixture
def story() -> Story:
    story = Story()
    story.start()
    return story


def test_entry_when_approved_is_one_limit_ioc_with_bounded_slippage(story):
    verdict = story.signal(setup())

    assert isinstance(verdict, RiskApproved)
    entry = story.last(Purpose.ENTRY)
    assert entry.order_type is OrderType.LIMIT
    assert entry.time_in_force is TimeInForce.IOC
    assert entry.side is Side.BUY
    assert entry.price == d("100.1")
    assert not entry.reduce_only
    assert len(story.sent()) == 1


def test_entry_when_approved_remembers_the_plan_before_sending(story):
    story.signal(setup())

    kinds = [type(one).__name__ for one in story.log]
    memory = story.entries(TradeOpened)[0].memory
    assert memory.stop_price == d(98)
    assert memory.target_price == d(104)
    submit = kinds.index("SubmitOrder")
    remembered = next(
        i for i, one in enumerate(story.log) if getattr(one, "entry", None).__class__ is TradeOpened
    )
    assert remembered < submit


def test_first_fill_when_it_arrives_sends_stop_and_target_reduce_only(story):
    story.signal(setup())
    entry = story.last(Purpose.ENTRY)

    effects = story.fill(entry)

    stop, target = story.sent(effects=effects)
    assert (stop.order_type, stop.trigger_price) == (OrderType.STOP_MARKET, d(98))
    assert (target.order_type, target.trigger_price) == (OrderType.TAKE_PROFIT_MARKET, d(104))
    for leg in (stop, target):
        assert leg.reduce_only
        assert leg.side is Side.SELL
        assert leg.qty == entry.qty
    assert story.notices(FillNotice)[0].fill.qty == entry.qty
    assert not story.position().protected


def test_position_when_stop_is_accepted_is_shown_as_protected_and_told_once(story):
    story.enter(setup())

    assert story.position().protected
    assert [one.confirmed for one in story.notices(ProtectionNotice)] == [True]
    assert story.of(WatchPrices)[-1].symbols == frozenset({"BTCUSDT"})


def test_trade_when_target_fills_is_closed_cleaned_and_left(story):
    entry = story.enter(setup())
    stop, target = story.last(Purpose.STOP), story.last(Purpose.TARGET)

    story.change(target, OrderStatus.TRIGGERED)
    story.fill(target, price=104, fee="0.1")
    effects = story.change(target, OrderStatus.FILLED, filled=entry.qty)

    trade = story.closed()[0]
    assert trade.reason is ExitReason.TARGET
    assert trade.gross == entry.qty * 4
    assert trade.fees == d("0.1")
    assert trade.exit_price == 104
    assert trade.net_r == pytest.approx(2.0, abs=0.01)
    assert stop.client_id in story.cancels()
    assert not effects or story.held() == 0
    story.change(stop, OrderStatus.CANCELED)
    assert story.of(WatchPrices)[-1].symbols == frozenset()
    assert story.notices(ExitNotice)[0].trade == trade


def test_trade_when_stop_fills_is_closed_with_reason_stop(story):
    story.enter(setup())
    stop = story.last(Purpose.STOP)

    story.change(stop, OrderStatus.TRIGGERED)
    story.fill(stop, price="97.9")
    story.change(stop, OrderStatus.FILLED, filled=stop.qty)
    story.change(story.last(Purpose.TARGET), OrderStatus.CANCELED)

    assert [one.reason for one in story.closed()] == [ExitReason.STOP]
    assert story.closed()[0].net_r < -1
    assert story.view().counters.closed == 1


def test_symbol_when_its_legs_are_not_confirmed_gone_takes_no_entry(story):
    story.enter(setup())
    stop = story.last(Purpose.STOP)
    story.fill(stop, price=98)

    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.BUSY_SYMBOL


def test_symbol_when_cleaned_cools_down_for_half_an_hour(story):
    story.enter(setup())
    stop, target = story.last(Purpose.STOP), story.last(Purpose.TARGET)
    story.fill(stop, price=98)
    story.change(stop, OrderStatus.FILLED, filled=stop.qty)
    story.change(target, OrderStatus.CANCELED)

    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.COOL_DOWN


def test_cancel_when_unanswered_is_sent_again_and_then_settled_by_a_snapshot(story):
    story.enter(setup())
    stop, target = story.last(Purpose.STOP), story.last(Purpose.TARGET)
    story.fill(stop, price=98)
    story.change(stop, OrderStatus.FILLED, filled=stop.qty)

    effects = story.later(3.25)
    assert target.client_id in story.cancels(effects)
    assert story.snapshots_asked(effects) == 1
    story.snapshot()

    assert story.of(WatchPrices)[-1].symbols == frozenset()


def test_short_when_approved_mirrors_every_side(story):
    story.signal(setup(direction=Direction.SHORT))
    entry = story.last(Purpose.ENTRY)
    story.fill(entry)

    stop, target = story.last(Purpose.STOP), story.last(Purpose.TARGET)
    assert entry.side is Side.SELL
    assert entry.price == d("99.9")
    assert (stop.side, stop.trigger_price) == (Side.BUY, d(102))
    assert (target.side, target.trigger_price) == (Side.BUY, d(96))
    assert story.position().direction is Direction.SHORT


def test_signals_mode_when_a_setup_passes_tells_it_and_sends_nothing():
    story = Story(mode=Mode.SIGNALS)
    story.start()

    refused = story.signal(setup())

    assert isinstance(refused, RiskRefused)
    assert refused.rule is Rule.SIGNALS_ONLY
    assert story.sent() == []
    assert len(story.entries(SignalRaised)) == 1
    assert len(story.notices(SignalNotice)) == 1
