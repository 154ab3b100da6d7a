"""From candle files to finished runs, and what is refused on the way."""

from pathlib import Path

import polars as pl
import pytest

from bot.backtest_input import series_period
from bot.backtesting import BacktestOrder, Stages, run_backtests
from bot.settings import Settings
from engine.backtest.series import MINUTE_MS, SymbolSeries
from engine.domain.candle import Timeframe
from engine.domain.errors import InvalidCandles
from engine.domain.signal import Mode
from tests.bot.backtest_kit import SYMBOLS, backtested, market_file, write_series
from tests.engine.backtest.markets import wandering
from tests.engine.backtest.recording import BEGIN_MS
from tests.fake_clock import FakeClock


def run(order: BacktestOrder) -> object:
    """Run with default settings."""
    return run_backtests(order, Settings(_env_file=None), lambda _text, _done: None)  # type: ignore[call-arg]


def test_backtests_when_multipliers_are_given_run_once_each(tmp_path: Path) -> None:
    made = backtested(tmp_path, multipliers=(4.0, 1.0, 0.5))
    assert [one.assumptions.multiplier for one in made.results] == [4.0, 1.0, 0.5]
    assert made.main == 1
    assert made.results[1].recorder.trades
    assert made.files == ("market.parquet",)
    assert [one.symbol for one in made.series] == list(SYMBOLS)
    assert made.scorer_note == "asked for"


def test_backtests_when_slow_give_the_same(tmp_path: Path) -> None:
    fast, slow = backtested(tmp_path), backtested(tmp_path, slow=True)
    assert fast.results[0].recorder == slow.results[0].recorder


def test_backtests_when_symbols_are_named_use_only_these(tmp_path: Path) -> None:
    made = backtested(tmp_path, symbols=("BBBUSDT",), mode=Mode.SIGNALS)
    assert made.results[0].symbols == ("BBBUSDT",)
    with pytest.raises(InvalidCandles, match="no candles of XUSDT; the data hold AAAUSDT, BBB"):
        backtested(tmp_path, symbols=("XUSDT",))


def test_backtests_when_funding_is_given_charge_what_lies_inside(tmp_path: Path) -> None:
    hours = pl.datetime_range(
        pl.datetime(2023, 11, 14, time_zone="UTC"),
        pl.datetime(2023, 11, 16, time_zone="UTC"),
        "1h", time_unit="ms", eager=True,
    )  # fmt: skip
    rows = pl.concat(
        pl.DataFrame({"funding_time": hours}).with_columns(
            pl.lit(name).alias("symbol"), pl.lit(0.002).alias("funding_rate")
        )
        for name in SYMBOLS
    )
    rows.write_parquet(tmp_path / "funding.parquet")
    paid = backtested(tmp_path, funding=tmp_path / "funding.parquet")
    free = backtested(tmp_path)
    assert paid.statistics[0].costs["funding"] != 0
    assert free.statistics[0].costs["funding"] == 0


def test_backtests_when_periods_lie_far_apart_are_refused(tmp_path: Path) -> None:
    one = wandering(seed=1, minutes=50)
    far = SymbolSeries(
        symbol="BBBUSDT", open_ms=one.open_ms + 9 * 1440 * MINUTE_MS, candles=one.candles
    )
    path = write_series(tmp_path / "far.parquet", one, far)
    with pytest.raises(InvalidCandles, match="no symbol has candles for 9 days"):
        run(BacktestOrder(data=(path,)))


def test_backtests_when_a_minute_is_claimed_twice_are_refused(tmp_path: Path) -> None:
    first = market_file(tmp_path, 50)
    second = tmp_path / "again.parquet"
    second.write_bytes(first.read_bytes())
    with pytest.raises(InvalidCandles, match="is in more than one of"):
        run(BacktestOrder(data=(first, second)))


def test_backtests_when_the_recording_is_shorter_than_the_warm_up_trade_nothing(
    tmp_path: Path,
) -> None:
    path = write_series(tmp_path / "short.parquet", wandering(seed=1, minutes=20))
    made = run_backtests(
        BacktestOrder(data=(path,), heuristic=True),
        Settings(_env_file=None),  # type: ignore[call-arg]
        lambda _text, _done: None,
    )
    assert made.results[0].recorder.trades == []
    assert series_period(made.series) == (BEGIN_MS, BEGIN_MS + 20 * MINUTE_MS)


def test_backtests_when_told_of_progress_shares_stay_between_0_and_1(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    order = BacktestOrder(data=(market_file(tmp_path, 700),), heuristic=True)
    run_backtests(order, Settings(_env_file=None), lambda *one: told.append(one))  # type: ignore[call-arg]
    assert {text for text, _ in told} >= {"reading AAAUSDT", "detecting", "costs ×1"}
    assert all(0.0 <= share <= 1.0 for _, share in told)
    assert told[-1][1] == 1.0


def test_backtests_when_timeframes_are_named_trade_on_these(tmp_path: Path) -> None:
    path = market_file(tmp_path, 2_600)

    def signals(*frames: Timeframe) -> int:
        made = backtested(tmp_path, data=(path,), timeframes=frames)
        assert made.timeframes == tuple(one.value for one in sorted(frames, key=lambda x: x.ms))
        trades = made.results[0].recorder.trades
        assert trades
        assert {one.signal.setup.timeframe for one in trades} <= set(frames)
        return made.results[0].recorder.fates["signal"]

    five, one = signals(Timeframe.M5), signals(Timeframe.M1)
    assert five != one
    assert signals(Timeframe.M5, Timeframe.M1) == five + one


def test_backtests_when_settings_name_timeframes_obey_them(tmp_path: Path) -> None:
    chosen = Settings(_env_file=None, alert_timeframes="1m,5m", trade_timeframes="1m")  # type: ignore[call-arg, arg-type]
    order = BacktestOrder(data=(market_file(tmp_path),), heuristic=True)
    made = run_backtests(order, chosen, lambda _text, _share: None)
    assert made.timeframes == ("1m", "5m")
    (result,) = made.results
    assert {one.signal.setup.timeframe for one in result.recorder.trades} == {Timeframe.M1}
    assert result.recorder.refusals["not_tradable"] > 0


def test_backtests_when_trades_were_made_show_random_entries_beside_them(tmp_path: Path) -> None:
    made = backtested(tmp_path, multipliers=(1.0, 2.0))
    assert [one is not None and one.trades > 0 for one in made.nulls] == [True, True]
    quiet = backtested(tmp_path, mode=Mode.SIGNALS)
    assert quiet.nulls == (None,)


def test_stages_when_a_clock_ticks_keep_what_each_took() -> None:
    clock = FakeClock()
    stages = Stages(clock)
    clock.advance(2.0)
    stages.done("read")
    clock.advance(0.5)
    stages.done("run")
    assert stages.seconds == {"read": 2.0, "run": 0.5}
    silent = Stages(None)
    silent.done("read")
    assert silent.seconds == {}
