"""Figures of a run, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backtest.assumptions import Assumptions
from engine.backtest.plan import BacktestResult
from engine.backtest.recorder import BacktestTrade, Recorder
from engine.backtest.statistics import (
    cost_bucket,
    day_interval,
    drawdown,
    group,
    score_bucket,
    statistics,
    thinned,
)
from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from tests.engine.backtest.recording import BEGIN_MS
from tests.engine.backtest.trades import DAY_MS, backtest_trade

HOUR_MS = 3_600_000


def result_of(trades: list[BacktestTrade], days: float = 10.0) -> BacktestResult:
    """Return a result with these trades."""
    recorder = Recorder(trades=trades)
    recorder.fates.update({"signal": 30, "cost": 70})
    return BacktestResult(
        recorder=recorder,
        equity=(
            (BEGIN_MS, 10_000.0),
            (BEGIN_MS + HOUR_MS, 10_100.0),
            (BEGIN_MS + 2 * HOUR_MS, 9_090.0),
        ),
        assumptions=Assumptions(),
        start_ms=BEGIN_MS,
        end_ms=BEGIN_MS + int(days * DAY_MS),
        candles=100,
        symbols=("AAAUSDT",),
        scorer="fixed",
    )


def test_group_when_trades_are_known_gives_their_figures() -> None:
    # Nets of 19 and -11 at a risk of 10; costs of 1.5 each.
    one = group("x", [backtest_trade("20"), backtest_trade("-10")], 0)
    assert (one.trades, one.wins, one.net) == (2, 1, 8.0)
    assert one.hit_rate == 0.5
    assert one.net_r == pytest.approx(0.4)
    assert one.gross_r == pytest.approx((20.5 - 9.5) / 2 / 10)
    assert one.cost_r == pytest.approx(0.15)
    assert one.gross_r - one.cost_r == pytest.approx(one.net_r)
    assert one.payoff == pytest.approx(1.9 / 1.1)
    assert one.holding_minutes == 10.0
    assert one.net_r_low is None


def test_group_when_empty_is_zero_and_not_an_error() -> None:
    one = group("none", [], 0)
    assert (one.trades, one.net_r, one.hit_rate, one.payoff) == (0, 0.0, 0.0, None)


def test_interval_when_days_differ_spans_them_and_is_repeatable() -> None:
    values = np.array([1.0, -1.0] * 20)
    days = [at for at in range(20) for _ in range(2)]
    assert day_interval(values, days, 0) == (0.0, 0.0)  # every day is the same
    split = [at % 2 * 100 + at // 2 for at in range(40)]
    low, high = day_interval(values, split, 3)
    assert low is not None
    assert high is not None
    assert -0.5 < low < -0.1 < 0.1 < high < 0.5
    assert day_interval(values, split, 3) == (low, high)


def test_interval_when_days_are_few_is_none() -> None:
    assert day_interval(np.array([1.0] * 4), [1, 2, 3, 4], 0) == (None, None)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=30))
def test_drawdown_when_compared_with_all_pairs_is_the_worst(values: list[float]) -> None:
    found = drawdown(list(enumerate(values)))
    worst = max(
        (1 - later / earlier for at, earlier in enumerate(values) for later in values[at:]),
        default=0.0,
    )
    assert found.depth_ratio == pytest.approx(max(worst, 0.0), abs=1e-12)
    assert found.high_ms <= found.low_ms


def test_equity_when_thinned_keeps_the_last_of_each_hour() -> None:
    points = [(0, 1.0), (HOUR_MS - 1, 2.0), (HOUR_MS, 3.0)]
    assert thinned(points) == ((HOUR_MS - 1, 2.0), (HOUR_MS, 3.0))


def test_buckets_when_on_a_boundary_belong_above_it() -> None:
    assert score_bucket(0.3) == "0.30-0.35"
    assert score_bucket(0.29999) == "0.25-0.30"
    assert cost_bucket(0.05) == "05-10 % of R"


def test_statistics_when_a_run_is_given_divides_it_every_way() -> None:
    trades = [
        backtest_trade("20"),
        backtest_trade("-10", symbol="BBBUSDT", reason=ExitReason.STOP, value=0.31),
        backtest_trade("-2", direction=Direction.SHORT, end_of_data=True, day=1),
    ]
    found = statistics(result_of(trades))
    assert found.total.trades == 3
    assert found.end_equity == 10_000 + found.total.net
    assert found.costs == {"fees": 3.0, "slippage": 1.5, "funding": 0.0}
    assert found.signals_a_day == 3.0
    assert found.setups == 100
    assert found.drawdown.depth_ratio == pytest.approx(0.1)
    names = {title: [one.name for one in groups] for title, groups in found.groups.items()}
    assert names["exit reason"] == ["target", "end of data", "stop"]  # best first
    assert names["symbol"] == ["AAAUSDT", "BBBUSDT"]
    assert names["score"] == ["0.30-0.35", "0.60-0.65"]
    assert names["direction"] == ["long", "short"]
    assert names["hour (UTC)"] == ["00:00"]
    assert all(sum(one.trades for one in groups) == 3 for groups in found.groups.values())


def test_statistics_when_there_are_no_trades_still_answers() -> None:
    found = statistics(result_of([], days=0.0))
    assert (found.total.trades, found.signals_a_day, found.end_equity) == (0, 0.0, 10_000.0)
