from decimal import Decimal

import numpy as np

from engine.exchange.sim.candle_columns import CandleColumns, taker_quote
from engine.exchange.sim.scales import Scales
from tests.engine.exchange.sim.market_builders import tick_candles


def test_candle_columns_when_built_from_ticks_hold_prices_quantities_and_ids():
    candles = tick_candles([(100, 105, 99, 104, 40, 10, 4000, 3), (7, 7, 7, 7, 0, 0, 0, 0)])
    columns = CandleColumns.of(
        60_000,
        candles,
        np.array([10, 20]),
        Scales.of([Decimal("0.1"), Decimal(1)]),
        Scales.of([Decimal("0.001"), Decimal(1)]),
    )
    assert columns.open.tolist() == [10.0, 7.0]
    assert columns.high[0] == 10.5
    assert columns.low[0] == 9.9
    assert columns.volume[0] == 0.04
    assert columns.taker_volume[0] == 0.01
    assert columns.taker_quote_volume[0] == 1000.0
    assert columns.first_id.tolist() == [11, 21]
    assert columns.last_id.tolist() == [13, 20]
    assert columns.traded.tolist() == [True, False]


def test_taker_quote_when_nothing_traded_is_zero():
    assert taker_quote(np.zeros(1), np.zeros(1, dtype=int), np.zeros(1, dtype=int)).tolist() == [0]
