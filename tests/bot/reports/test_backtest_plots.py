"""The pictures of a backtest report."""

from pathlib import Path

from bot.reports.backtest_plots import equity_picture, groups_picture
from tests.bot.backtest_kit import backtested

PNG = b"\x89PNG\r\n\x1a\n"


def test_pictures_when_drawn_are_png_and_differ_with_the_data(tmp_path: Path) -> None:
    made = backtested(tmp_path, multipliers=(1.0, 3.0))
    runs = list(zip(("×1", "×3"), made.statistics, strict=True))
    both, one = equity_picture(runs, 0), equity_picture(runs[:1], 0)
    assert both.startswith(PNG)
    assert one.startswith(PNG)
    assert both != one
    symbols = groups_picture(made.statistics[0].groups["symbol"], "symbol")
    assert symbols.startswith(PNG)
    assert symbols != groups_picture(made.statistics[0].groups["direction"], "direction")
