"""Tests of bot/tools/download/dumps.py."""

import hashlib
from datetime import date

import pytest

from bot.tools.download.dumps import (
    CANDLES,
    Market,
    Month,
    candles_of,
    checked,
    day_path,
    funding_of,
    funding_path,
    month_path,
    months,
)
from bot.tools.download.errors import DumpRefused
from tests.bot.tools.download.dump_server import HEADER, rows, zipped
from tests.models.sources import MINUTE_MS

MAY = Month(2025, 5)


def test_months_when_counted_cross_the_year() -> None:
    assert [str(m) for m in months(Month(2024, 11), Month(2025, 2))] == [
        "2024-11",
        "2024-12",
        "2025-01",
        "2025-02",
    ]
    assert len(Month(2024, 2).days()) == 29
    assert Month.of(Month(2024, 12).end_ms) == Month(2025, 1)
    assert Month.of(Month(2024, 12).end_ms - 1) == Month(2024, 12)


@pytest.mark.parametrize("text", ["2025", "2025-13", "2025-5", "may"])
def test_month_when_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 2025-05"):
        Month.parse(text)


def test_paths_when_built_are_those_of_the_bucket() -> None:
    assert month_path(Market.UM, "BTCUSDT", MAY) == (
        "/data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2025-05.zip"
    )
    assert day_path(Market.SPOT, "BTCUSDT", date(2025, 5, 3)) == (
        "/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-05-03.zip"
    )
    assert funding_path("BTCUSDT", MAY).endswith(
        "/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2025-05.zip"
    )


@pytest.mark.parametrize("header", ["", HEADER])
@pytest.mark.parametrize("per_ms", [1, 1000])
def test_candles_when_read_do_not_depend_on_header_or_unit(header: str, per_ms: int) -> None:
    text = header + "".join(rows(MAY.start_ms, 5, per_ms=per_ms))
    frame = candles_of("x.zip", "AUSDT", zipped(text))
    assert dict(frame.schema) == CANDLES
    assert frame["open_time"].dt.epoch("ms").to_list() == [
        MAY.start_ms + i * MINUTE_MS for i in range(5)
    ]
    assert frame["trades"].to_list() == [7] * 5
    assert frame["taker_buy_quote"].to_list() == [150.0] * 5
    assert frame["quote_volume"][0] > 0


def test_candles_when_a_row_repeats_exactly_is_taken_once() -> None:
    lines = rows(MAY.start_ms, 4)
    frame = candles_of("x.zip", "A", zipped("".join([lines[2], *lines])))
    assert len(frame) == 4
    assert frame["open_time"].is_sorted()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04cut", "no zip with one file"),
        (zipped("1,2,3\n"), "3 columns, should be 12"),
        (zipped(""), r"x\.zip: "),
        (zipped("".join(rows(MAY.start_ms, 2)).replace(",2.5,", ",lots,", 1)), r"x\.zip: "),
        (
            zipped(rows(MAY.start_ms, 1)[0] + rows(MAY.start_ms, 1, seed=2)[0]),
            "two different candles at 2025-05-01",
        ),
        (
            zipped(rows(MAY.start_ms, 1)[0] + rows(MAY.start_ms, 1, per_ms=1000)[0]),
            "mixed",
        ),
    ],
)
def test_candles_when_the_dump_is_broken_are_refused(content: bytes, fault: str) -> None:
    with pytest.raises(DumpRefused, match=fault):
        candles_of("x.zip", "A", content)


def test_checksum_when_right_is_returned_and_else_told() -> None:
    digest = hashlib.sha256(b"abc").hexdigest()
    assert checked("x.zip", b"abc", f"{digest.upper()}  x.zip\n".encode()) == digest
    with pytest.raises(DumpRefused, match=r"x\.zip: checksum is .*2 bytes came"):
        checked("x.zip", b"ab", digest.encode())
    with pytest.raises(DumpRefused, match="holds no SHA-256"):
        checked("x.zip", b"abc", b"<html>")


def test_funding_when_read_is_rounded_to_the_minute() -> None:
    text = (
        "calc_time,funding_interval_hours,last_funding_rate\n"
        f"{MAY.start_ms + 7},8,0.0001\n{MAY.start_ms + 8 * 60 * MINUTE_MS - 3},8,-0.00002\n"
    )
    frame = funding_of("x.zip", "A", zipped(text))
    assert frame["funding_time"].dt.epoch("ms").to_list() == [
        MAY.start_ms,
        MAY.start_ms + 8 * 60 * MINUTE_MS,
    ]
    assert frame["funding_rate"].to_list() == [0.0001, -0.00002]
