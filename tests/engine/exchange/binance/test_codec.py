import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.candle import Candle
from engine.domain.errors import MalformedMessage
from engine.domain.events import (
    CandleClosed,
    ContractChanged,
    MarkMoved,
    Origin,
    PriceMoved,
    QuoteMoved,
)
from engine.exchange.binance.codec import (
    Acknowledged,
    Decoded,
    Ignored,
    Refused,
    ShuttingDown,
    decode_frame,
)
from tests.engine.exchange.binance import frames
from tests.engine.exchange.binance.frames import BOOK_TICKER, CONTRACT_INFO, MARK_PRICE, MINUTE
from tests.shared import shared_path


def decode(data: object) -> Decoded:
    (only,) = decode_frame(orjson.dumps(data), 7.0)
    return only


def test_kline_when_open_tells_the_price_with_the_message_time() -> None:
    assert decode(frames.kline()) == PriceMoved("BTCUSDT", 101.0, MINUTE + 30_000)


def test_kline_when_closed_becomes_a_live_candle_with_trade_ids() -> None:
    candle = Candle(
        symbol="BTCUSDT",
        open_time_ms=MINUTE,
        open=100.5,
        high=102.0,
        low=99.5,
        close=101.0,
        volume=12.5,
        quote_volume=1260.25,
        trades=21,
        first_trade_id=100,
        last_trade_id=120,
    )
    assert decode(frames.kline(closed=True)) == CandleClosed(candle, Origin.LIVE, 7.0)


def test_kline_when_wrapped_by_a_combined_stream_reads_the_same() -> None:
    raw = frames.combined("btcusdt@kline_1m", frames.kline(closed=True))
    assert decode_frame(raw, 7.0) == (decode(frames.kline(closed=True)),)
    assert decode_frame(raw.decode(), 7.0) == decode_frame(raw, 7.0)


def test_kline_when_of_another_interval_is_ignored() -> None:
    assert decode(frames.kline(i="5m")) == Ignored("kline")


def test_kline_when_symbol_is_not_ascii_is_kept() -> None:
    closed = decode(frames.kline(closed=True, symbol="币安人生USDT"))
    assert isinstance(closed, CandleClosed)
    assert closed.candle.symbol == "币安人生USDT"


@pytest.mark.parametrize(
    "changes",
    [
        {"c": "NaN"},
        {"c": "inf"},
        {"c": "0"},
        {"c": "-1"},
        {"c": None},
        {"c": "1,5"},
        {"x": "true"},
        {"x": None},
    ],
)
def test_kline_when_price_or_flag_is_impossible_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(MalformedMessage):
        decode(frames.kline(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"h": "100.9"},
        {"l": "100.7"},
        {"o": "NaN"},
        {"h": "inf"},
        {"l": "0"},
        {"v": "-1"},
        {"q": "nan"},
        {"t": MINUTE + 1},
        {"t": "soon"},
        {"n": None},
        {"f": 1.5},
    ],
)
def test_kline_when_closed_with_numbers_that_do_not_fit_is_malformed(
    changes: dict[str, object],
) -> None:
    with pytest.raises(MalformedMessage):
        decode(frames.kline(closed=True, **changes))


@pytest.mark.parametrize("field", ["s", "E"])
def test_kline_when_symbol_or_time_has_another_type_is_malformed(field: str) -> None:
    with pytest.raises(MalformedMessage):
        decode({**frames.kline(), field: ["x"]})


def test_book_ticker_when_two_sided_is_a_quote() -> None:
    assert decode(BOOK_TICKER) == QuoteMoved("BTCUSDT", 100.1, 100.2, MINUTE + 5)


def test_book_ticker_when_a_side_is_empty_is_ignored_and_when_crossed_malformed() -> None:
    assert decode({**BOOK_TICKER, "b": "0", "B": "0"}) == Ignored("bookTicker")
    with pytest.raises(MalformedMessage):
        decode({**BOOK_TICKER, "b": "100.3"})


def test_mark_price_when_read_carries_the_funding() -> None:
    assert decode(MARK_PRICE) == MarkMoved("BTCUSDT", 100.25, 0.0001, MINUTE + 3_600_000, MINUTE)


def test_mark_price_when_contract_pays_no_funding_has_rate_zero() -> None:
    moved = decode({**MARK_PRICE, "r": ""})
    assert isinstance(moved, MarkMoved)
    assert moved.funding_rate == 0.0


@pytest.mark.parametrize("price", ["0", "-1", "NaN", ""])
def test_mark_price_when_not_positive_is_malformed(price: str) -> None:
    with pytest.raises(MalformedMessage):
        decode({**MARK_PRICE, "p": price})


def test_array_stream_when_decoded_says_every_row() -> None:
    rows = [MARK_PRICE, {**MARK_PRICE, "s": "ETHUSDT"}]
    events = decode_frame(frames.combined("!markPrice@arr@1s", rows), 1.0)
    assert [event.symbol for event in events if isinstance(event, MarkMoved)] == [
        "BTCUSDT",
        "ETHUSDT",
    ]


def test_contract_info_when_delisting_tells_the_date() -> None:
    expected = ContractChanged("OLDUSDT", "TRADING", MINUTE + 86_400_000, MINUTE)
    assert decode(CONTRACT_INFO) == expected


@pytest.mark.parametrize(
    "data",
    [
        {**BOOK_TICKER, "st": 2},
        {**MARK_PRICE, "s": "BTCUSD_PERP"},
        {**CONTRACT_INFO, "s": "BTCUSD_260925"},
        {**BOOK_TICKER, "s": "BTCUSD_PERP"},
        frames.kline(closed=True, symbol="BTCUSD_PERP"),
        {**frames.kline(closed=True), "st": 2},
    ],
)
def test_row_when_coin_margined_is_dropped(data: dict[str, object]) -> None:
    assert decode(data) == Ignored("coin-m")


def test_unknown_type_when_seen_is_ignored_by_name() -> None:
    assert decode({"e": "somethingNew", "E": 1}) == Ignored("somethingNew")


def test_control_when_acknowledged_or_refused_is_told_apart() -> None:
    assert decode({"result": None, "id": 3}) == Acknowledged(3)
    assert decode({"code": 2, "msg": "Invalid request", "id": 4}) == Refused(
        4, 2, "Invalid request"
    )
    assert decode({"error": {"code": 1, "msg": "bad"}}) == Refused(None, 1, "bad")


def test_control_when_server_shuts_down_says_so() -> None:
    assert decode({"event": {"e": "serverShutdown", "E": 1}}) == ShuttingDown()
    assert decode({"event": {"e": "other"}}) == Ignored("other")


@pytest.mark.parametrize("raw", [b"", b"null", b"5", b"[1]", b"{}", b'{"data":null}', b"\xff\x00"])
def test_frame_when_not_of_any_shape_is_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode_frame(raw, 0.0)


_SEEDS = [frames.kline(), frames.kline(closed=True), BOOK_TICKER, MARK_PRICE, CONTRACT_INFO]


@given(st.binary())
def test_decode_frame_when_fed_bytes_raises_nothing_but_malformed(raw: bytes) -> None:
    with contextlib.suppress(MalformedMessage):
        decode_frame(raw, 0.0)


@given(st.sampled_from(_SEEDS), st.data())
def test_decode_frame_when_a_field_is_anything_raises_nothing_but_malformed(
    seed: dict[str, object], data: st.DataObject
) -> None:
    frame = dict(seed)
    inner = frame["k"] if isinstance(frame.get("k"), dict) and data.draw(st.booleans()) else frame
    assert isinstance(inner, dict)
    changed = {**inner, data.draw(st.sampled_from(sorted(inner))): data.draw(frames.ANY_JSON)}
    if inner is not frame:
        changed = {**frame, "k": changed}
    try:
        raw = orjson.dumps(changed)
    except TypeError:
        return  # integers beyond 64 bits are not JSON that orjson writes
    with contextlib.suppress(MalformedMessage):
        decode_frame(raw, 0.0)


def test_decode_frame_when_given_the_recorded_kline_reads_it() -> None:
    recorded = shared_path("samples/binance/live_recorded/kline_1m_stream.json").read_bytes()
    assert decode_frame(recorded, 0.0) == (PriceMoved("BTCUSDT", 83860.2, 1790771371858),)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bookTicker", QuoteMoved),
        ("markPrice", MarkMoved),
        ("contractInfo", ContractChanged),
        ("kline", PriceMoved),
        ("forceOrder", Ignored),
    ],
)
def test_decode_frame_when_given_documented_examples_reads_them(name: str, kind: type) -> None:
    path = shared_path(f"samples/binance/official_docs_2026-05/{name}.json")
    for example in orjson.loads(path.read_bytes())["examples"]:
        assert isinstance(decode(example), kind)
