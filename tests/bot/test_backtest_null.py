"""Random entries beside a run."""

from dataclasses import replace

import numpy as np
import pytest

from bot.backtest_null import DRAWS, NullResult, null_of
from engine.backtest.assumptions import Assumptions
from engine.backtest.plan import BacktestResult
from engine.backtest.recorder import Recorder
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.risk.exits import ExitPolicy
from engine.risk.limits import DAY_MS
from tests.builders import instrument, setup, signal
from tests.engine.backtest.markets import wandering
from tests.engine.backtest.recording import BEGIN_MS, Row, series_of
from tests.engine.backtest.trades import backtest_trade

EXITS = ExitPolicy()
FREE = Assumptions(  # but for the smallest spread, two fine ticks
    taker_fee=0, maker_fee=0, spread_ratio=0.0, impact_ratio=0.0
)  # type: ignore[arg-type]


def result_of(
    series: SymbolSeries, opened: list[int], assumptions: Assumptions = FREE
) -> BacktestResult:
    """Return a run with longs entered at the open of these minutes, risking a hundredth."""
    recorder = Recorder()
    for at in opened:
        at_ms = BEGIN_MS + at * MINUTE_MS
        row = series.row_of(at_ms)
        price = series.bar(row).open if row >= 0 else 100.0
        found = setup("AAAUSDT", entry=price, risk=price / 100)
        recorder.trades.append(replace(backtest_trade(opened_ms=at_ms + 250), signal=signal(found)))
    return BacktestResult(
        recorder=recorder, equity=((BEGIN_MS, 10_000.0),), assumptions=assumptions,
        start_ms=BEGIN_MS, end_ms=BEGIN_MS + 7 * DAY_MS, candles=0, symbols=("AAAUSDT",),
        scorer="none",
    )  # fmt: skip


def null(result: BacktestResult, series: SymbolSeries, seed: int = 0) -> NullResult | None:
    """Return the null on a market of one symbol with a tick of a millionth."""
    tick = instrument("AAAUSDT", tick_size=FINE)
    return null_of(result, [series], [tick], EXITS, seed=seed)


FINE = instrument("AAAUSDT").tick_size / 10_000


def test_null_when_the_market_only_rises_is_beaten_by_longs() -> None:
    prices = np.arange(100.0, 300.0, 0.05).tolist()
    rising: list[Row] = [(price, price + 0.05, price, price + 0.05) for price in prices]
    series = series_of(rising)
    made = null(result_of(series, [10, 50]), series)
    assert made is not None
    assert made.trades == 2
    assert made.same_way_net_r == pytest.approx(2.0, abs=1e-5)  # twice the risk was the target
    assert -1.0 < made.net_r < 2.0  # about half of the random entries are short
    assert made.gross_r == pytest.approx(made.net_r, abs=1e-5)
    assert made.edge_r == pytest.approx(made.same_way_net_r - made.net_r)
    assert (made.net_r_low, made.edge_r_high) == (None, None)  # one day is too few


def test_null_when_prices_wander_earns_nothing_but_the_costs() -> None:
    series = wandering(seed=8, minutes=7 * 1440, swing=0.002)
    entered = list(range(200, 7 * 1440 - 200, 37))
    made = null(result_of(series, entered), series)
    assert made is not None
    assert (made.trades, made.draws) == (len(entered), DRAWS)
    assert made.net_r_low is not None
    assert made.net_r_high is not None
    assert made.net_r_low < made.net_r < made.net_r_high
    assert abs(made.net_r) < 0.1
    paid = null(result_of(series, entered, Assumptions()), series)
    assert paid is not None
    # 0.1 % fees, 0.02 % spread and 0.01 % impact on a stop a hundredth away.
    assert made.net_r - paid.net_r == pytest.approx(0.13, rel=0.05)
    assert paid.gross_r == pytest.approx(made.gross_r)


def test_null_when_the_tick_is_coarse_pays_two_of_them() -> None:
    series = wandering(seed=8, minutes=1440, swing=0.002)
    result = result_of(series, [300], Assumptions())
    coarse = null_of(result, [series], [instrument("AAAUSDT", tick_size=FINE * 500_000)], EXITS)
    fine = null(result, series)
    assert coarse is not None
    assert fine is not None
    assert coarse.net_r < fine.net_r - 0.5
    assert coarse.gross_r == fine.gross_r


def test_null_when_drawn_again_is_the_same_and_with_another_seed_is_not() -> None:
    series = wandering(seed=8, minutes=1440)
    result = result_of(series, [300, 700])
    assert null(result, series) == null(result, series)
    assert null(result, series) != null(result, series, seed=1)


def test_null_when_there_is_no_room_before_the_end_leaves_the_trade_out() -> None:
    series = wandering(seed=8, minutes=500)
    made = null(result_of(series, [300, 450]), series)
    assert made is not None
    assert made.trades == 1
    assert null(result_of(series, [450]), series) is None
    assert null(result_of(series, []), series) is None


def test_null_when_the_series_has_a_hole_stays_on_its_side() -> None:
    series = wandering(seed=8, minutes=900, hole=range(400, 420))
    made = null(result_of(series, [100, 500]), series)
    assert made is not None
    assert made.trades == 2
    assert null(result_of(series, [405]), series) is None
