"""Both paths of a backtest over real minutes, where prices gap, stand still and run."""

import pytest

from bot.backtesting import BacktestOrder, run_backtests
from bot.settings import Settings
from storage.candles import read_candles
from tests.shared import shared_path

MINUTES = 2_500


@pytest.mark.slow
def test_paths_when_minutes_are_real_agree_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    source = shared_path("data/klines_1m/um_2025-01.parquet")
    names = ("DOGEUSDT", "SOLUSDT", "XRPUSDT")
    frame = read_candles(source, symbols=names)
    part = tmp_path_factory.mktemp("real") / "part.parquet"
    # Around the crash of 2025-02-03: stops are gapped through, and funding is charged on shorts.
    begin = frame["open_time"].min() + (frame["open_time"].max() - frame["open_time"].min()) / 5  # type: ignore[operator]
    kept = frame.filter(frame["open_time"] >= begin).group_by("symbol", maintain_order=True)
    kept.head(MINUTES).write_parquet(part)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]

    def recorded(*, slow: bool) -> object:
        order = BacktestOrder(
            data=(part,),
            funding=shared_path("data/funding/um_funding.parquet"),
            heuristic=True,
            slow=slow,
        )
        result = run_backtests(order, settings, lambda _text, _share: None).results[0]
        assert result.recorder.trades
        return result.recorder, result.equity

    assert recorded(slow=False) == recorded(slow=True)
