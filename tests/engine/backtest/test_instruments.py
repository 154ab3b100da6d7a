"""Contract rules read off prices."""

from decimal import Decimal

from engine.backtest.instruments import infer_instrument
from tests.engine.backtest.recording import series_of


def test_instrument_when_prices_have_decimals_takes_them_as_tick() -> None:
    rows = [(0.1612, 0.16125, 0.1612, 0.16123), (0.16123, 0.163, 0.161, 0.162)]
    found = infer_instrument(series_of(rows, "XLMUSDT"))
    assert found.tick_size == Decimal("0.00001")
    assert found.base_asset == "XLM"
    assert found.min_notional == Decimal(5)
    assert found.status == "TRADING"


def test_instrument_when_prices_are_whole_has_tick_one() -> None:
    found = infer_instrument(series_of([(60_000.0,) * 4, (60_001.0,) * 4], "BTCUSDT"))
    assert found.tick_size == Decimal(1)
    assert found.min_notional == Decimal(50)
    assert found.step_size * 60_000 <= 100
