import io

import pytest

from bot.charts.wire import candles_request, frame
from bot.charts.worker import read_frame, serve
from tests.bot.charts.chart_kit import busy_chart, size_of


def test_worker_when_asked_answers_each_request_and_ends_with_its_input():
    requests = frame(candles_request(busy_chart(), "UTC")) + frame(b"nonsense")
    sink = io.BytesIO()

    serve(io.BytesIO(requests), sink)

    sink.seek(0)
    picture, refusal = read_frame(sink), read_frame(sink)
    assert picture is not None
    assert picture[:1] == b"+"
    assert size_of(picture[1:]) == (1000, 1080)
    assert refusal is not None
    assert refusal.startswith(b"-JSONDecodeError")
    assert read_frame(sink) is None


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"\x00\x00\x00\x05abc", b"\xff\xff\xff\xff"])
def test_frame_when_cut_or_absurd_is_the_end(data: bytes):
    assert read_frame(io.BytesIO(data)) is None
