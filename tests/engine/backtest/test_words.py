"""The exchange's words in ours, and ours in the exchange's."""

from decimal import Decimal

from engine.backtest.words import events_of, params_of
from engine.domain.events import FundingPaid, OrderChanged, OrderFilled
from engine.domain.order import (
    Book,
    OrderRequest,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    TimeInForce,
)
from engine.exchange.binance.codec_user import decode_user_frame
from engine.exchange.binance.order_params import conditional_params, order_params
from engine.exchange.sim.exchange import Exchange
from engine.exchange.sim.tick import Tick
from tests.builders import START_MS, d, instrument

ENTRY = OrderRequest(
    client_id="smc0-E-abcdefghijklmn-0",
    symbol="BTCUSDT",
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    qty=d("0.010"),
    purpose=Purpose.ENTRY,
    price=d("1000.10"),
    time_in_force=TimeInForce.IOC,
)
STOP = OrderRequest(
    client_id="smc0-S-abcdefghijklmn-0",
    symbol="BTCUSDT",
    side=Side.SELL,
    order_type=OrderType.STOP_MARKET,
    qty=d("0.010"),
    purpose=Purpose.STOP,
    trigger_price=d(900),
    reduce_only=True,
)


def test_params_when_compared_mean_what_the_real_adapter_sends() -> None:
    for ours, theirs in (
        (params_of(ENTRY), order_params(ENTRY)),
        (params_of(STOP), conditional_params(STOP)),
    ):
        assert ours.keys() == theirs.keys()
        for name, value in ours.items():
            same = value == str(theirs[name])
            assert same or Decimal(value) == Decimal(str(theirs[name]))


def test_events_when_compared_equal_those_of_the_real_adapters_codec() -> None:
    import orjson

    bodies = _pushed()
    assert {body["e"] for body in bodies} >= {
        "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "TRADE_LITE",
    }  # fmt: skip
    kinds = set()
    for body in bodies:
        ours = events_of(body, Book.PAPER)
        theirs = decode_user_frame(orjson.dumps(body), Book.PAPER).events
        assert [_essence(one) for one in ours] == [_essence(one) for one in theirs]
        kinds |= {type(one) for one in ours}
    assert kinds >= {OrderFilled, OrderChanged, FundingPaid}


def test_events_when_a_leg_finished_unfilled_it_was_cancelled() -> None:
    body = next(b for b in _pushed() if b["e"] == "ALGO_UPDATE")
    body = {**body, "o": {**body["o"], "X": "FINISHED", "aq": "0"}}
    (changed,) = events_of(body, Book.PAPER)
    assert isinstance(changed, OrderChanged)
    assert changed.order.status is OrderStatus.CANCELED


def _pushed() -> list[dict[str, object]]:
    """Return every push of an entry, its stop, a funding payment and the stop's fill."""
    from engine.exchange.sim.instrument_rules import rules_of

    exchange = Exchange([rules_of(instrument())])
    exchange.set_margin_type("a", {"symbol": "BTCUSDT", "marginType": "ISOLATED"}, START_MS)
    exchange.quote("BTCUSDT", _tick(1000))
    exchange.place_order("a", params_of(ENTRY), START_MS)
    exchange.place_algo("a", params_of(STOP), START_MS)
    exchange.apply_funding("BTCUSDT", d("0.0001"), d(1000), START_MS)
    exchange.on_tick("BTCUSDT", _tick(890), START_MS)
    return [body for _, body in exchange.drain_events()]


def _tick(last: int) -> Tick:
    price = d(last)
    return Tick(bid=price - d("0.01"), ask=price + d("0.01"), last=price, mark=price, path=(price,))


def _essence(event: object) -> object:
    """Leave out what the core never reads: expiry reasons in words and a trigger on a child."""
    import dataclasses

    if isinstance(event, OrderChanged) and not event.order.conditional:
        order = dataclasses.replace(event.order, reason="", trigger_price=Decimal(0))
        return dataclasses.replace(event, order=order)
    if hasattr(event, "position"):
        position = dataclasses.replace(event.position, isolated=True)
        return dataclasses.replace(event, position=position)  # type: ignore[type-var]
    return event
