"""A backtest in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.backtesting import Backtested
from bot.reports.backtest_text import (
    GROUP_HEAD,
    RUN_HEAD,
    group_rows,
    interval,
    run_rows,
    summary_lines,
    verdict,
)
from engine.domain.signal import Mode
from tests.bot.backtest_kit import backtested


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Backtested:
    """Return a backtest."""
    return backtested(tmp_path_factory.mktemp("market"))


def with_interval(made: Backtested, low: float | None, high: float | None) -> Backtested:
    """Return the backtest with another interval of net R."""
    figures = made.statistics[0]
    total = replace(figures.total, net_r_low=low, net_r_high=high)
    return replace(made, statistics=(replace(figures, total=total),))


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, None, "too few days for an interval: no evidence of an edge"),
        (-0.3, -0.1, "No edge: after costs these trades lost"),
        (-0.1, 0.1, "No edge shown"),
        (0.01, 0.2, "One period proves little"),
    ],
)
def test_verdict_when_the_interval_is_known_says_it_plainly(
    made: Backtested, low: float | None, high: float | None, words: str
) -> None:
    assert words in verdict(with_interval(made, low, high))


def test_verdict_when_nothing_was_traded_says_nothing_of_an_edge(tmp_path: Path) -> None:
    quiet = backtested(tmp_path, mode=Mode.SIGNALS)
    assert verdict(quiet).startswith("Nothing was traded")
    assert "no trades" in summary_lines(quiet)[1]


def test_summary_when_printed_never_shows_a_hit_rate_alone(made: Backtested) -> None:
    lines = summary_lines(with_interval(made, -0.2, 0.3))
    assert "scorer heuristic" in lines[0]
    assert "net wins, net" in lines[1]
    assert "[-0.200, +0.300]" in lines[1]
    assert lines[-1] == verdict(with_interval(made, -0.2, 0.3))


def test_tables_when_made_have_a_cell_for_each_column(made: Backtested) -> None:
    assert all(len(row) == len(RUN_HEAD) for row in run_rows(made))
    for groups in made.statistics[0].groups.values():
        assert all(len(row) == len(GROUP_HEAD) for row in group_rows(groups))
    few = replace(made.statistics[0].total, net_r_low=None, payoff=None)
    assert interval(few) == "(too few days)"
    assert group_rows([few])[0][8] == "-"
