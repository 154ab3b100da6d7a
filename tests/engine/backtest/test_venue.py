"""The matching engine behind the synchronous venue."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

from engine.backtest.assumptions import Assumptions
from engine.backtest.venue import BacktestVenue
from engine.domain.effects import CancelOrder
from engine.domain.events import (
    AccountEvent,
    BalanceChanged,
    CancelRefused,
    FundingPaid,
    OrderAccepted,
    OrderChanged,
    OrderFilled,
    OrderRejected,
)
from engine.domain.order import Book, OrderRequest, OrderStatus, OrderType, Purpose, Side
from engine.domain.order import TimeInForce as Life
from tests.builders import START_MS, d, instrument

T = TypeVar("T", bound=AccountEvent)
SYMBOL = "BTCUSDT"


@pytest.fixture
def venue() -> BacktestVenue:
    """Return a venue with a quote at 100 and the symbol isolated at leverage 10."""
    made = BacktestVenue(Book.PAPER, [instrument()], Assumptions())
    assert made.prepare(SYMBOL, 10).leverage == 10
    made.learn_volumes({SYMBOL: 1e10})
    made.quote(SYMBOL, 100.0)
    return made


def request(purpose: Purpose, **fields: object) -> OrderRequest:
    """Return an entry of 1 at 100.10 IOC, a stop at 98 or a target at 104."""
    values: dict[str, object] = {"client_id": f"smc0-{purpose.value}-x-0", "symbol": SYMBOL}
    if purpose is Purpose.ENTRY:
        values |= {"side": Side.BUY, "order_type": OrderType.LIMIT, "price": d("100.10")}
        values["time_in_force"] = Life.IOC
    else:
        is_stop = purpose is Purpose.STOP
        kind = OrderType.STOP_MARKET if is_stop else OrderType.TAKE_PROFIT_MARKET
        values |= {"side": Side.SELL, "order_type": kind, "reduce_only": True}
        values["trigger_price"] = d(98 if is_stop else 104)
    return OrderRequest(qty=d(1), purpose=purpose, **(values | fields))  # type: ignore[arg-type]


def of(kind: type[T], events: Sequence[AccountEvent]) -> list[T]:
    """Return the events of one kind."""
    return [one for one in events if isinstance(one, kind)]


def enter(venue: BacktestVenue) -> list[AccountEvent]:
    """Buy one and protect it."""
    events = venue.place(request(Purpose.ENTRY), START_MS)
    venue.place(request(Purpose.STOP), START_MS)
    venue.place(request(Purpose.TARGET), START_MS)
    return events


def test_venue_when_an_entry_meets_the_ask_fills_it(venue: BacktestVenue) -> None:
    events = enter(venue)
    (filled,) = of(OrderFilled, events)
    assert (filled.fill.price, filled.fill.qty) == (d("100.01"), d(1))
    assert filled.fill.fee == d("100.01") * d("0.0005")
    assert of(OrderAccepted, events)[0].order.status is OrderStatus.FILLED
    assert of(BalanceChanged, events)[-1].wallet == 10_000 - filled.fill.fee
    assert venue.slippage == {SYMBOL: d("0.01")}
    assert venue.busy == {SYMBOL: (d(98), d(104))}
    assert (venue.side_of(SYMBOL), venue.is_guarded(SYMBOL)) == (1, True)


def test_venue_when_the_price_reaches_the_stop_closes_the_position(
    venue: BacktestVenue,
) -> None:
    enter(venue)
    assert not venue.fires_at(SYMBOL, 98.01)
    assert venue.fires_at(SYMBOL, 98.0)
    events = venue.move(SYMBOL, 98.0, START_MS + 1)
    (filled,) = of(OrderFilled, events)
    assert (filled.fill.price, filled.fill.client_id) == (d("97.99"), "smc0-S-x-0")
    assert venue.busy == {SYMBOL: (d(104),)}  # the target waits until the core cancels it
    assert not venue.is_guarded(SYMBOL)


def test_venue_when_funding_is_charged_longs_pay(venue: BacktestVenue) -> None:
    enter(venue)
    events = venue.fund(SYMBOL, 0.001, 100.0, START_MS + 1)
    assert [(e.symbol, e.amount) for e in of(FundingPaid, events)] == [(SYMBOL, d("-0.1"))]


def test_venue_when_an_order_is_refused_says_why(venue: BacktestVenue) -> None:
    (refused,) = venue.place(request(Purpose.STOP), START_MS)
    assert isinstance(refused, OrderRejected)
    assert refused.code == -2022  # nothing to reduce


def test_venue_when_a_stop_would_fire_at_once_refuses_it(venue: BacktestVenue) -> None:
    venue.place(request(Purpose.ENTRY), START_MS)
    venue.quote(SYMBOL, 97.0)
    (refused,) = venue.place(request(Purpose.STOP), START_MS)
    assert isinstance(refused, OrderRejected)
    assert refused.code == -2021


def test_venue_when_a_leg_is_cancelled_reports_it_once(venue: BacktestVenue) -> None:
    enter(venue)
    cancel = CancelOrder(Book.PAPER, SYMBOL, "smc0-T-x-0", conditional=True)
    (changed,) = of(OrderChanged, venue.cancel(cancel, START_MS))
    assert changed.order.status is OrderStatus.CANCELED
    assert venue.busy == {SYMBOL: (d(98),)}
    assert isinstance(venue.cancel(cancel, START_MS)[0], CancelRefused)


def test_venue_when_an_ordinary_order_is_gone_refuses_the_cancel(venue: BacktestVenue) -> None:
    cancel = CancelOrder(Book.PAPER, SYMBOL, "smc0-E-x-0", conditional=False)
    assert isinstance(venue.cancel(cancel, START_MS)[0], CancelRefused)


def test_venue_when_asked_for_everything_shows_position_and_legs(venue: BacktestVenue) -> None:
    enter(venue)
    snapshot = venue.snapshot(START_MS + 5)
    assert snapshot.wallet == d("9999.949995")
    assert [(p.symbol, p.qty, p.entry_price) for p in snapshot.positions] == [
        (SYMBOL, d(1), d("100.01"))
    ]
    assert {o.client_id for o in snapshot.conditionals} == {"smc0-S-x-0", "smc0-T-x-0"}
    assert snapshot.orders == ()


def test_venue_when_the_price_is_below_the_spread_does_nothing() -> None:
    made = BacktestVenue(Book.PAPER, [instrument()], Assumptions())
    made.quote(SYMBOL, 0.01)
    assert made.move(SYMBOL, 0.01, START_MS) == []
    made.pass_time(START_MS)


def test_venue_when_another_book_trades_names_it_in_its_events() -> None:
    made = BacktestVenue(Book.LIVE, [instrument()], Assumptions())
    made.prepare(SYMBOL, 10)
    made.quote(SYMBOL, 100.0)
    events = made.place(request(Purpose.ENTRY), START_MS)
    assert {event.book for event in events} == {Book.LIVE}
