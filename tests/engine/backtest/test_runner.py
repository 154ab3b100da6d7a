"""Whole backtests on hand-made minutes: what is filled where, and why, to the cent."""

from decimal import Decimal

import numpy as np
import pytest

from engine.backtest.assumptions import Assumptions
from engine.backtest.plan import BreakerRule
from engine.backtest.series import MINUTE_MS
from engine.domain.position import ExitReason
from engine.domain.setup import Direction
from engine.domain.signal import Mode
from engine.risk.exits import ExitPolicy
from tests.builders import d
from tests.engine.backtest.recording import (
    BEGIN_MS,
    FLAT,
    QUIET,
    FixedScorer,
    Recording,
    Row,
    only,
    taker_fees,
    with_plan,
)

PROVED_MS = BEGIN_MS + QUIET * MINUTE_MS
"""The close of the quiet hour's last minute, which proves the setup of most tests."""
DEEP: Row = (100.0, 100.0, 97.0, 99.0)
HIGH: Row = (100.0, 105.0, 100.0, 104.5)
BOTH: Row = (100.0, 105.0, 97.0, 104.5)


def entered() -> Recording:
    """Return a recording whose quiet hour proves a long at 100, stop 98, target 104."""
    return Recording().found()


def test_backtest_when_price_falls_to_the_stop_fills_a_tick_below_it() -> None:
    trade = only(entered().then(FLAT, DEEP, FLAT).run())
    closed = trade.closed
    assert (closed.reason, closed.entry_price, closed.exit_price) == (
        ExitReason.STOP,
        d("100.01"),
        d("97.99"),
    )
    assert closed.fees == taker_fees(trade)
    assert closed.gross == closed.qty * d("-2.02")
    assert closed.net == closed.gross - closed.fees
    assert trade.slippage == closed.qty * d("0.02")


def test_backtest_when_price_rises_to_the_target_fills_a_tick_below_it() -> None:
    closed = only(entered().then(FLAT, HIGH, FLAT).run()).closed
    assert (closed.reason, closed.exit_price) == (ExitReason.TARGET, d("103.99"))


def test_backtest_when_stop_and_target_lie_in_one_minute_takes_the_stop() -> None:
    closed = only(entered().then(FLAT, BOTH).run()).closed
    assert (closed.reason, closed.exit_price) == (ExitReason.STOP, d("97.99"))


def test_backtest_when_the_entry_minute_reaches_both_takes_the_stop() -> None:
    closed = only(entered().then(BOTH, FLAT).run()).closed
    assert (closed.reason, closed.exit_price) == (ExitReason.STOP, d("97.99"))


def test_backtest_when_the_open_gaps_through_the_stop_fills_at_the_open() -> None:
    closed = only(entered().then(FLAT, (95.0, 96.0, 94.0, 95.5)).run()).closed
    assert (closed.reason, closed.exit_price) == (ExitReason.STOP, d("94.99"))


def test_backtest_when_a_hole_hides_the_fall_fills_at_the_first_open_after_it() -> None:
    recording = entered().then(FLAT, None, None, (90.0, 90.0, 90.0, 90.0), (90.0,) * 4)
    closed = only(recording.run()).closed
    assert (closed.reason, closed.exit_price) == (ExitReason.STOP, d("89.99"))
    assert closed.closed_ms == PROVED_MS + 3 * MINUTE_MS + 250


def test_backtest_when_short_mirrors_the_long() -> None:
    recording = Recording().found(direction=Direction.SHORT)
    closed = only(recording.then(FLAT, (100.0, 102.5, 95.0, 96.0)).run()).closed
    assert (closed.reason, closed.entry_price, closed.exit_price) == (
        ExitReason.STOP,
        d("99.99"),
        d("102.01"),
    )


def test_backtest_when_the_entry_arrives_opens_one_latency_after_the_proof() -> None:
    result = entered().then(FLAT, DEEP).run(assumptions=Assumptions(latency_ms=400))
    assert only(result).closed.opened_ms == PROVED_MS + 400


def test_backtest_when_the_next_open_is_beyond_the_limit_enters_nothing() -> None:
    jumped: Row = (100.2, 100.3, 100.1, 100.2)
    result = entered().then(jumped, jumped).run()
    assert result.recorder.trades == []
    assert result.recorder.fates["signal"] == 1
    assert [value for _, value in result.equity] == [10_000.0]


def test_backtest_when_nothing_moves_leaves_by_stagnation() -> None:
    closed = only(entered().then(*[FLAT] * 40).run()).closed
    assert closed.reason is ExitReason.STAGNATION
    held_ms = closed.closed_ms - closed.opened_ms
    assert 30 * MINUTE_MS < held_ms < 30 * MINUTE_MS + 3_000


def test_backtest_when_it_lived_once_leaves_by_time() -> None:
    alive: Row = (100.0, 101.0, 100.0, 100.0)
    closed = only(entered().then(FLAT, alive, *[FLAT] * 125).run()).closed
    assert closed.reason is ExitReason.TIME
    assert 120 * MINUTE_MS < closed.closed_ms - closed.opened_ms < 120 * MINUTE_MS + 3_000


def test_backtest_when_the_exit_policy_is_shorter_obeys_it() -> None:
    policy = ExitPolicy(time_candles=5, stagnation_candles=5)
    closed = only(entered().then(*[FLAT] * 10).run(exits=policy)).closed
    assert closed.reason is ExitReason.TIME
    assert closed.closed_ms - closed.opened_ms < 6 * MINUTE_MS


def test_backtest_when_funding_falls_due_charges_the_long() -> None:
    at_ms = PROVED_MS + 2 * MINUTE_MS
    funding = {"AAAUSDT": ((PROVED_MS - MINUTE_MS, 0.5), (at_ms, 0.001), (at_ms + 10**9, 0.5))}
    recording = entered().then(FLAT, FLAT, FLAT, DEEP)
    trade = only(recording.run(plan=with_plan(funding=funding)))
    assert trade.closed.funding == -trade.closed.qty * 100 * d("0.001")
    assert trade.closed.net == trade.closed.gross - trade.closed.fees + trade.closed.funding


def test_backtest_when_funding_falls_due_pays_the_short() -> None:
    funding = {"AAAUSDT": ((PROVED_MS + 2 * MINUTE_MS, 0.001),)}
    recording = Recording().found(direction=Direction.SHORT).then(FLAT, FLAT, FLAT, FLAT)
    trade = only(recording.run(plan=with_plan(funding=funding)))
    assert trade.closed.funding == trade.closed.qty * 100 * d("0.001")


def test_backtest_when_the_recording_ends_closes_and_says_so() -> None:
    trade = only(entered().then(FLAT, (100.0, 101.0, 100.0, 101.0)).run())
    assert trade.end_of_data
    assert trade.closed.exit_price == d("100.99")


def test_backtest_when_trades_end_wallet_is_start_plus_net_to_the_last_digit() -> None:
    recording = entered().then(FLAT, DEEP, *[FLAT] * 40).found().then(FLAT, HIGH, FLAT)
    result = recording.run()
    net = sum((one.closed.net for one in result.recorder.trades), Decimal(0))
    assert len(result.recorder.trades) == 2
    assert result.equity[-1][1] == pytest.approx(float(10_000 + net), abs=1e-9)


def test_backtest_when_costs_are_higher_loses_more_on_the_same_stop() -> None:
    def net(multiplier: float) -> Decimal:
        recording = entered().then(FLAT, DEEP)
        assumed = Assumptions(multiplier=multiplier)
        closed = only(recording.run(assumptions=assumed)).closed
        return closed.net / closed.qty

    assert net(1.0) > net(2.0) > net(2.9)


def test_backtest_when_the_book_is_thin_pays_impact() -> None:
    thin = Assumptions(least_depth=1_000.0, depth_of_day=1e-6)
    trade = only(entered().then(FLAT, DEEP).run(assumptions=thin))
    assert trade.closed.entry_price > d("100.01")
    assert trade.slippage > trade.closed.qty * d("0.02")


def test_backtest_when_two_symbols_trade_caps_count_both() -> None:
    recording = entered()
    for name in ("BBBUSDT", "CCCUSDT"):
        recording.found(name).then(FLAT, FLAT, symbol=name)
    recording.then(FLAT, FLAT)
    limited = recording.run(limits=_limits(max_positions=2))
    assert len(limited.recorder.trades) == 2
    assert limited.recorder.refusals == {"max_positions": 1}


def test_backtest_when_mode_is_signals_places_nothing() -> None:
    result = entered().then(FLAT, DEEP).run(mode=Mode.SIGNALS)
    assert result.recorder.trades == []
    assert result.recorder.fates["signal"] == 1
    assert result.recorder.refusals == {"signals_only": 1}


def test_backtest_when_mode_is_live_asks_for_an_edge() -> None:
    result = entered().then(FLAT, DEEP).run(mode=Mode.LIVE)
    assert result.recorder.refusals == {"edge": 1}


def test_backtest_when_volume_is_unknown_enters_nothing() -> None:
    recording = Recording(quote_volume=10.0).found().then(FLAT)
    assert recording.run().recorder.refusals == {"liquidity": 1}


def test_backtest_when_a_setup_is_proved_while_warming_never_tells_it() -> None:
    recording = Recording()
    recording.rows["AAAUSDT"] = [FLAT] * 30
    recording.found()
    recording.rows["AAAUSDT"] += [FLAT] * 60
    scorer = FixedScorer()
    recording.run(scorer=scorer)
    assert scorer.batches == []


@pytest.mark.parametrize(
    ("rule", "trades"), [(BreakerRule.KEEP, 2), (BreakerRule.DAILY, 3), (BreakerRule.OFF, 4)]
)
def test_backtest_when_a_breaker_trips_the_rule_decides(rule: BreakerRule, trades: int) -> None:
    recording = Recording()
    lost: tuple[Row, ...] = (FLAT, DEEP, *[FLAT] * 40)
    for _ in range(3):
        recording.found().then(*lost)
    recording.then(*[FLAT] * (1440 - len(recording.rows["AAAUSDT"])))
    recording.found().then(*lost)
    result = recording.run(plan=with_plan(breakers=rule), limits=_limits(loss_streak=2))
    assert len(result.recorder.trades) == trades


def test_backtest_when_run_twice_gives_the_same() -> None:
    first, second = (entered().then(FLAT, DEEP).run() for _ in range(2))
    assert first.recorder == second.recorder


def test_backtest_when_told_of_progress_ends_at_the_end() -> None:
    from engine.backtest.runner import Backtest
    from tests.builders import instrument
    from tests.engine.backtest.recording import series_of

    told: list[int] = []
    recording = entered()
    series = series_of([FLAT] * 100)
    plans = []
    recording.then(FLAT).run(plan=lambda plan: plans.append(plan) or plan)
    Backtest([series], [instrument("AAAUSDT")], plans[0], FixedScorer()).run(told.append)
    assert told[-1] == series.end_ms
    assert np.all(np.diff(told) >= 0)


def _limits(**fields: object) -> object:
    from engine.risk.limits import RiskLimits

    return RiskLimits(**fields)  # type: ignore[arg-type]
