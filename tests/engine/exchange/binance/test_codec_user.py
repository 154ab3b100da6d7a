from contextlib import suppress
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.account import VenuePosition
from engine.domain.errors import MalformedMessage
from engine.domain.events import (
    BalanceChanged,
    FundingPaid,
    OrderChanged,
    OrderFilled,
    PositionReported,
)
from engine.domain.order import Book, Fill, OrderStatus, OrderType, Side
from engine.exchange.binance.codec_user import (
    KeyExpired,
    MarginChanged,
    UserFrame,
    decode_user_frame,
)
from tests.engine.exchange.binance.frames import (
    MINUTE,
    POSITION_ROW,
    USDT_BALANCE,
    account_update,
    algo_update,
    order_update,
)
from tests.shared import shared_path


def decode(data: object) -> UserFrame:
    return decode_user_frame(orjson.dumps(data), Book.LIVE)


def events(data: object) -> tuple[Any, ...]:
    return decode(data).events


def test_order_update_when_traded_tells_the_fill_before_the_order() -> None:
    filled, changed = events(order_update())
    assert filled == OrderFilled(
        Book.LIVE,
        Fill(
            symbol="BTCUSDT",
            client_id="smc1-E-aaaaaaaaaaaaaa-0",
            venue_id="8886774",
            trade_id=555,
            side=Side.BUY,
            qty=Decimal("0.004"),
            price=Decimal("100.4"),
            fee=Decimal("0.0002"),
            fee_asset="USDT",
            realised_pnl=Decimal(0),
            is_maker=False,
            event_time_ms=MINUTE + 17,
        ),
    )
    assert isinstance(changed, OrderChanged)
    assert changed.order.status is OrderStatus.PARTIALLY_FILLED
    assert changed.order.filled_qty == Decimal("0.004")
    assert changed.order.average_price == Decimal("100.4")
    assert changed.order.event_time_ms == MINUTE + 18


def test_order_update_when_nothing_traded_tells_only_the_order() -> None:
    row = {"x": "NEW", "X": "NEW", "l": "0", "L": "0", "z": "0", "t": 0, "n": None, "N": None}
    (changed,) = events(order_update(**row))
    assert changed.order.status is OrderStatus.NEW


def test_order_update_when_ioc_rest_expires_gives_the_reason() -> None:
    (changed,) = events(order_update(x="EXPIRED", X="EXPIRED", l="0", L="0", er="2"))
    assert changed.order.status is OrderStatus.EXPIRED
    assert changed.order.reason == "IOC rest expired"


def test_order_update_when_child_of_a_stop_keeps_our_id_under_a_new_venue_id() -> None:
    child = order_update(
        c="smc1-S-aaaaaaaaaaaaaa-0", o="MARKET", ot="STOP_MARKET", S="SELL", i=99, R=True
    )
    filled, changed = events(child)
    assert filled.fill.client_id == changed.order.client_id == "smc1-S-aaaaaaaaaaaaaa-0"
    assert changed.order.venue_id == "99"
    assert changed.order.order_type is OrderType.MARKET
    assert not changed.order.conditional


def test_order_update_when_fee_is_absent_counts_zero() -> None:
    data = order_update()
    del data["o"]["n"], data["o"]["N"]
    filled, _ = events(data)
    assert (filled.fill.fee, filled.fill.fee_asset) == (Decimal(0), "")


def test_order_update_when_liquidated_without_trade_id_keeps_executions_apart() -> None:
    first, _ = events(order_update(x="CALCULATED", t=0, c="autoclose-1", T=MINUTE + 1))
    second, _ = events(order_update(x="CALCULATED", t=0, c="autoclose-1", T=MINUTE + 2))
    assert first.fill.trade_id != second.fill.trade_id
    assert first.fill.trade_id < 0


def test_order_update_when_status_is_unknown_does_not_lose_the_fill() -> None:
    (filled,) = events(order_update(X="INVENTED_LATER"))
    assert isinstance(filled, OrderFilled)
    with pytest.raises(MalformedMessage):
        events(order_update(X="INVENTED_LATER", l="0"))


@pytest.mark.parametrize(
    "changes",
    [
        {"L": "0"},
        {"l": "NaN"},
        {"c": None},
        {"t": "x"},
        {"S": "HOLD"},
        {"T": None},
        {"q": ""},
        {"s": 5},
    ],
)
def test_order_update_when_a_field_is_impossible_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(MalformedMessage):
        events(order_update(**changes))


def test_conditional_update_when_resting_is_keyed_by_our_id() -> None:
    (changed,) = events(algo_update())
    order = changed.order
    assert order.conditional
    assert order.client_id == "smc1-S-aaaaaaaaaaaaaa-0"
    assert order.trigger_price == Decimal("99.0")
    assert order.event_time_ms == MINUTE + 21
    assert order.reduce_only


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"X": "TRIGGERING"}, OrderStatus.TRIGGERED),
        ({"X": "TRIGGERED", "ai": "77", "aq": "0"}, OrderStatus.TRIGGERED),
        ({"X": "FINISHED", "ai": "77", "aq": "0.010", "ap": "98.9"}, OrderStatus.FILLED),
        ({"X": "FINISHED", "aq": "0"}, OrderStatus.CANCELED),
        ({"X": "EXPIRED"}, OrderStatus.EXPIRED),
    ],
)
def test_conditional_update_when_living_on_changes_status(
    changes: dict[str, object], status: OrderStatus
) -> None:
    (changed,) = events(algo_update(**changes))
    assert changed.order.status is status


def test_conditional_update_when_rejected_at_trigger_gives_the_reason() -> None:
    (changed,) = events(algo_update(X="REJECTED", rm="Reduce Only reject"))
    assert changed.order.status is OrderStatus.REJECTED
    assert changed.order.reason == "Reduce Only reject"


def test_conditional_update_when_another_algorithm_is_not_ours() -> None:
    assert events(algo_update(at="VP")) == ()


def test_account_update_when_order_filled_tells_balance_and_position() -> None:
    got = events(account_update("ORDER", B=[USDT_BALANCE, {"a": "BNB"}], P=[POSITION_ROW]))
    position = VenuePosition(
        symbol="BTCUSDT", qty=Decimal("-0.010"), entry_price=Decimal("100.4"), isolated=True
    )
    assert got == (
        BalanceChanged(Book.LIVE, Decimal("10001.5"), "ORDER", MINUTE + 19),
        PositionReported(Book.LIVE, position, MINUTE + 19),
    )


def test_account_update_when_funding_is_paid_names_its_symbol() -> None:
    balance = {**USDT_BALANCE, "bc": "-0.25"}
    paid, changed = events(account_update("FUNDING_FEE", B=[balance], S="BTCUSDT"))
    assert paid == FundingPaid(Book.LIVE, "BTCUSDT", Decimal("-0.25"), MINUTE + 19)
    assert isinstance(changed, BalanceChanged)


def test_account_update_when_funding_symbol_is_only_in_the_position_uses_it() -> None:
    data = account_update("FUNDING_FEE", B=[USDT_BALANCE], P=[POSITION_ROW])
    assert events(data)[0].symbol == "BTCUSDT"
    assert events(account_update("FUNDING_FEE", B=[USDT_BALANCE]))[0].symbol == ""


@pytest.mark.parametrize(
    "data",
    [
        order_update(s="BTCUSD_PERP"),
        order_update(st=2),
        {**algo_update(), "st": 2},
        account_update("ORDER", P=[{**POSITION_ROW, "s": "BTCUSD_PERP"}]),
    ],
)
def test_row_when_coin_margined_is_dropped(data: dict[str, object]) -> None:
    assert events(data) == ()


def test_config_update_when_leverage_or_mode_changes_names_what() -> None:
    base = {"e": "ACCOUNT_CONFIG_UPDATE", "E": 1, "T": 1}
    assert events({**base, "ac": {"s": "BTCUSDT", "l": 25}}) == (MarginChanged("BTCUSDT"),)
    assert events({**base, "ai": {"j": True}}) == (MarginChanged(""),)


@pytest.mark.parametrize("time", ["1736996475556", 1736996475556])
def test_listen_key_expired_when_time_is_text_or_number_is_read(time: object) -> None:
    frame = decode({"e": "listenKeyExpired", "E": time, "listenKey": "abc"})
    assert frame == UserFrame("listenKeyExpired", 1736996475556, (KeyExpired("abc"),))


@pytest.mark.parametrize("kind", ["TRADE_LITE", "MARGIN_CALL", "SOMETHING_NEW"])
def test_other_type_when_seen_carries_no_events(kind: str) -> None:
    assert decode({"e": kind, "E": 5}) == UserFrame(kind, 5, ())


def test_frame_when_wrapped_by_a_combined_stream_reads_the_same() -> None:
    assert decode({"stream": "key", "data": algo_update()}) == decode(algo_update())


def test_frame_when_the_server_shuts_down_carries_no_events() -> None:
    frame = decode({"event": {"e": "serverShutdown", "E": 5}})
    assert frame == UserFrame("serverShutdown", 5, ())


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b"{}", b'{"e":5}', b'{"data":null}'])
def test_frame_when_not_of_any_shape_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode_user_frame(raw, Book.LIVE)


_JSON = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | st.text()
_SEEDS = [
    order_update(),
    algo_update(),
    account_update("FUNDING_FEE", B=[USDT_BALANCE], P=[POSITION_ROW]),
]


@given(st.sampled_from(_SEEDS), st.data())
def test_decode_when_a_field_is_anything_raises_nothing_but_malformed(
    seed: dict[str, Any], data: st.DataObject
) -> None:
    outer = data.draw(st.sampled_from(sorted(seed)))
    if isinstance(seed[outer], dict) and data.draw(st.booleans()):
        inner = data.draw(st.sampled_from(sorted(seed[outer])))
        changed = {**seed, outer: {**seed[outer], inner: data.draw(_JSON)}}
    else:
        changed = {**seed, outer: data.draw(_JSON)}
    with suppress(MalformedMessage):
        decode(changed)


@pytest.mark.parametrize(
    "name",
    ["ORDER_TRADE_UPDATE", "ALGO_UPDATE", "ACCOUNT_UPDATE", "ACCOUNT_CONFIG_UPDATE", "TRADE_LITE"],
)
def test_decode_when_given_documented_examples_reads_them(name: str) -> None:
    path = shared_path(f"samples/binance/official_docs_2026-05/{name}.json")
    for example in orjson.loads(path.read_bytes())["examples"]:
        frame = decode(example)
        assert frame.kind == name
        assert bool(frame.events) is (name != "TRADE_LITE")
