"""The orders of a round trip."""

from engine.core.orders import leg_effect, submit_entry, submit_exit
from engine.core.protection import CancelLeg, PlaceLeg
from engine.domain.effects import CancelOrder, SubmitOrder
from engine.domain.events import Instant
from engine.domain.order import OrderType, Purpose, Side, TimeInForce
from tests.builders import d
from tests.engine.core.samples import trade

NOW = Instant(5_000, 7.0)


def test_entry_when_built_is_limit_ioc_and_journalled_with_its_key():
    one = trade(0, entered=False)
    intent = submit_entry(one, d(2), d("100.1"), NOW).intent

    request = intent.request
    assert (request.order_type, request.time_in_force) == (OrderType.LIMIT, TimeInForce.IOC)
    assert (request.qty, request.price, request.side) == (2, d("100.1"), Side.BUY)
    assert intent.signal_key == "paper:key"
    assert one.active_ms == 5_000


def test_exit_when_built_reduces_at_market_and_counts_attempts():
    one = trade()
    intents = [submit_exit(one, d(1), NOW).intent for _ in range(2)]

    assert [one.attempt for one in intents] == [0, 1]
    assert len({one.request.client_id for one in intents}) == 2
    for intent in intents:
        assert intent.signal_key is None
        assert intent.request.reduce_only
        assert intent.request.side is Side.SELL
        assert intent.request.order_type is OrderType.MARKET


def test_leg_when_built_rests_against_the_position():
    one = trade(direction=-1, qty=0)
    effect = leg_effect(one, PlaceLeg(Purpose.TARGET, d(3), d(96)), NOW)

    assert isinstance(effect, SubmitOrder)
    request = effect.intent.request
    assert request.order_type is OrderType.TAKE_PROFIT_MARKET
    assert (request.side, request.trigger_price, request.qty) == (Side.BUY, 96, 3)
    assert request.is_conditional
    assert request.client_id in one.protection.legs
    assert one.protection.legs[request.client_id].sent_ms == 5_000


def test_leg_when_cancelled_names_the_conditional_family():
    effect = leg_effect(trade(), CancelLeg("S1"), NOW)

    assert effect == CancelOrder(trade().book, "BTCUSDT", "S1", conditional=True)
