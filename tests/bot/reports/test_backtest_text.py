"""A backtest in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.backtest_null import NullResult
from bot.backtesting import Backtested
from bot.reports.backtest_text import (
    GROUP_HEAD,
    NULL_HEAD,
    RUN_HEAD,
    group_rows,
    interval,
    null_rows,
    null_sentence,
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
    return replace(made, statistics=(replace(figures, total=total),), nulls=(better(made, 0.01),))


def better(made: Backtested, low: float | None) -> NullResult:
    """Return the run's null, beaten by at least so much."""
    assert made.nulls[0] is not None
    return replace(made.nulls[0], edge_r_low=low, edge_r_high=0.3)


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


@pytest.mark.parametrize("low", [None, -0.1, 0.0])
def test_verdict_when_random_entries_do_as_well_shows_no_edge(
    made: Backtested, low: float | None
) -> None:
    lucky = replace(with_interval(made, 0.01, 0.2), nulls=(better(made, low),))
    assert "no evidence of an edge" in verdict(lucky)
    assert "better than random ones" in verdict(lucky)


def test_null_when_shown_stands_beside_the_strategys_own_entries(made: Backtested) -> None:
    (null,) = made.nulls
    assert null is not None
    line = null_sentence(null)
    assert f"{null.trades} × {null.draws}" in line
    assert f"{null.same_way_net_r:+.3f}" in line
    assert "(too few days)" in line  # the market of a few hours has no seven days
    assert line in summary_lines(made)
    (row,) = null_rows(made)
    assert len(row) == len(NULL_HEAD)
    known = replace(
        made,
        nulls=(replace(null, net_r_low=-0.2, net_r_high=0.1, edge_r_low=-0.3, edge_r_high=0.4),),
    )
    assert null_rows(known)[0][5:] == ["[-0.200, +0.100]", row[6], "[-0.300, +0.400]"]


def test_null_when_nothing_was_traded_says_so(tmp_path: Path) -> None:
    quiet = backtested(tmp_path, mode=Mode.SIGNALS)
    assert null_rows(quiet) == []
    assert "Random entries: no trade to imitate." in summary_lines(quiet)


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
