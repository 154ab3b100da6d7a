"""Public endpoints over HTTP: shapes held to recorded samples, each refusal triggered."""

import json
from typing import Any

import pytest

from tests.engine.exchange.sim.wire.wire_kit import START_MS, Kit
from tests.shared import shared_path

SYMBOL = "BTCUSDT"
LIVE = "samples/binance/live_recorded"


def sample(name: str) -> Any:
    return json.loads(shared_path(f"{LIVE}/{name}").read_text())


def shape(value: Any) -> Any:
    """Reduce JSON to keys and types, so that a reply can be held to a sample."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in sorted(value.items())}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return "number" if isinstance(value, int | float) else type(value).__name__


async def test_klines_when_asked_have_the_recorded_row(kit: Kit) -> None:
    answer = await kit.get("/fapi/v1/klines", symbol=SYMBOL, interval="1m", limit=3)

    assert shape(answer.body[0]) == shape(sample("klines_1m_rest.json")[0])
    assert [row[0] for row in answer.body] == [START_MS - 120_000, START_MS - 60_000, START_MS]
    assert all(row[6] == row[0] + 59_999 for row in answer.body)


async def test_klines_when_a_range_is_given_keep_to_it(kit: Kit) -> None:
    start, end = START_MS - 300_000, START_MS - 180_001

    answer = await kit.get(
        "/fapi/v1/klines", symbol=SYMBOL, interval="1m", startTime=start, endTime=end
    )

    assert [row[0] for row in answer.body] == [start, start + 60_000]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"interval": "1m"}, -1102),
        ({"symbol": SYMBOL}, -1102),
        ({"symbol": "NOPE", "interval": "1m"}, -1121),
        ({"symbol": SYMBOL, "interval": "1s"}, -1120),
        ({"symbol": SYMBOL, "interval": "1m", "limit": 1501}, -1130),
        ({"symbol": SYMBOL, "interval": "1m", "limit": 0}, -1130),
        ({"symbol": SYMBOL, "interval": "1m", "limit": "x"}, -1100),
        ({"symbol": SYMBOL, "interval": "1m", "startTime": "x"}, -1100),
    ],
)
async def test_klines_when_parameters_are_wrong_are_refused(
    kit: Kit, params: dict[str, object], code: int
) -> None:
    answer = await kit.get("/fapi/v1/klines", **params)

    assert (answer.status, answer.body["code"]) == (400, code)


async def test_errors_when_compared_with_recorded_bodies_are_equal(kit: Kit) -> None:
    recorded = {row["request"]: row["body"] for row in sample("errors_live.json")}
    asked = [
        "GET /fapi/v1/klines?symbol=BTCUSDT&interval=1s&limit=1",
        "GET /fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=2000",
        "GET /fapi/v1/ticker/24hr?symbol=NOTAREALSYM",
    ]

    for request in asked:
        method, target = request.split(" ", maxsplit=1)
        assert (await kit.raw(method, target, {})).body == recorded[request]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/fapi/v1/premiumIndex", "premiumIndex.json"),
        ("/fapi/v1/ticker/24hr", "ticker_24hr.json"),
        ("/fapi/v1/ticker/bookTicker", "bookTicker_rest.json"),
    ],
)
async def test_row_when_one_symbol_is_asked_has_the_recorded_shape(
    kit: Kit, path: str, name: str
) -> None:
    answer = await kit.get(path, symbol=SYMBOL)

    assert shape(answer.body) == shape(sample(name))


@pytest.mark.parametrize(
    "path",
    [
        "/fapi/v1/premiumIndex",
        "/fapi/v1/ticker/24hr",
        "/fapi/v1/ticker/bookTicker",
        "/fapi/v2/ticker/price",
    ],
)
async def test_rows_when_no_symbol_is_given_list_every_trading_contract(
    kit: Kit, path: str
) -> None:
    answer = await kit.get(path)

    trading = [rule.symbol for rule in kit.market.rules if rule.status == "TRADING"]
    assert [row["symbol"] for row in answer.body] == trading
    for row in answer.body:
        one = (await kit.get(path, symbol=row["symbol"])).body
        assert one | {"time": 0} == row | {"time": 0}
    assert (await kit.get(path, symbol="NOPE")).body["code"] == -1121


async def test_ticker_price_when_asked_is_the_last_price(kit: Kit) -> None:
    answer = await kit.get("/fapi/v1/ticker/price", symbol=SYMBOL)

    assert answer.body["symbol"] == SYMBOL
    assert float(answer.body["price"]) == float(kit.market.tick(SYMBOL).last)


async def test_funding_info_when_asked_has_the_recorded_shape_and_no_weight(kit: Kit) -> None:
    answer = await kit.get("/fapi/v1/fundingInfo")

    known = {json.dumps(shape(row)) for row in sample("fundingInfo.json")}
    assert answer.body
    assert all(json.dumps(shape(row)) in known for row in answer.body)
    assert answer.headers["x-mbx-used-weight-1m"] == "0"


async def test_funding_rate_when_charges_happened_has_the_recorded_shape(kit: Kit) -> None:
    kit.advance(9 * 3_600_000)

    answer = await kit.get("/fapi/v1/fundingRate", symbol=SYMBOL, limit=5)

    assert answer.body
    assert shape(answer.body[0]) == shape(sample("fundingRate.json")[0])
    assert (await kit.get("/fapi/v1/fundingRate", limit=1001)).body["code"] == -1130


async def test_exchange_info_when_asked_has_the_recorded_envelope_and_rows(kit: Kit) -> None:
    recorded = sample("exchangeInfo_excerpt.json")
    recorded.pop("_note")

    answer = await kit.get("/fapi/v1/exchangeInfo", symbol="BOGUS")

    assert answer.body.keys() == recorded.keys()
    bitcoin = next(row for row in answer.body["symbols"] if row["symbol"] == SYMBOL)
    expected = next(row for row in recorded["symbols"] if row["symbol"] == SYMBOL)
    assert bitcoin.keys() == expected.keys()
    assert {f["filterType"]: sorted(f) for f in bitcoin["filters"]} == {
        f["filterType"]: sorted(f) for f in expected["filters"]
    }
    assert len(answer.body["symbols"]) == len(kit.market.rules)
