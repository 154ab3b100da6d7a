import orjson
import pytest

from bot.charts.wire import MAX_FRAME_BYTES, candles_request, equity_request, frame, read_request
from bot.language import speaking
from tests.bot.charts.chart_kit import busy_chart
from tests.bot.fake_desk import chart_data


@pytest.mark.parametrize("data", [busy_chart(), chart_data(), chart_data(candles=())])
def test_chart_when_sent_arrives_as_it_was(data):
    zone, _, read = read_request(candles_request(data, "Europe/Berlin"))

    assert zone == "Europe/Berlin"
    assert [_shape(c) for c in read.candles] == [_shape(c) for c in data.candles]
    for name in ("symbol", "decimals", "evidence", "direction", "entry", "stop", "target", "zone"):
        assert getattr(read, name) == getattr(data, name)
    assert read.position == data.position
    assert read.caption == data.caption


def test_request_when_made_carries_the_language_spoken_then():
    with speaking("de"):
        body = candles_request(busy_chart(), "UTC")

    assert read_request(body).language == "de"


def _shape(candle) -> tuple[float, ...]:
    return (candle.open_time_ms, candle.open, candle.high, candle.low, candle.close, candle.volume)


def test_curves_when_sent_arrive_as_they_were():
    curves = {"paper": ((1, 100.0), (2, 101.5)), "live": ()}

    assert read_request(equity_request(curves, "UTC")) == ("UTC", "en", curves)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        orjson.dumps({"kind": "candles", "zone": "UTC", "data": {"symbol": "X"}}),
        orjson.dumps({"kind": "equity", "zone": "UTC", "data": [1]}),
    ],
)
def test_request_when_malformed_is_refused(body: bytes):
    with pytest.raises(ValueError):  # noqa: PT011 - of two libraries
        read_request(body)


def test_frame_when_made_has_its_length_in_front():
    assert frame(b"abc") == b"\x00\x00\x00\x03abc"
    with pytest.raises(ValueError, match="too large"):
        frame(bytes(MAX_FRAME_BYTES + 1))
