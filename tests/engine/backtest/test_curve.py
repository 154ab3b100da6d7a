"""Equity between trades, by hand."""

from decimal import Decimal

import pytest

from engine.backtest.curve import equity_curve
from engine.backtest.series import MINUTE_MS
from engine.domain.setup import Direction
from tests.engine.backtest.recording import BEGIN_MS, series_of
from tests.engine.backtest.trades import backtest_trade

SERIES = {"AAAUSDT": series_of([(c, c, c, c) for c in (100.0, 101.0, 99.0, 103.0, 103.0)])}
END_MS = BEGIN_MS + 5 * MINUTE_MS


def trade(**fields: object) -> object:
    """Return 5 bought at 100 a little after the start, sold in the fourth minute for 19 net."""
    from dataclasses import replace

    made = backtest_trade("20", opened_ms=BEGIN_MS + 250, **fields)  # type: ignore[arg-type]
    closed = replace(made.closed, closed_ms=BEGIN_MS + 3 * MINUTE_MS + 5_000)
    return replace(made, closed=closed)


def test_curve_when_a_trade_is_open_follows_the_close_of_each_minute() -> None:
    points = equity_curve([trade()], SERIES, BEGIN_MS, END_MS, 1_000.0)  # type: ignore[list-item]
    assert points == (
        (BEGIN_MS, 1_000.0),
        (BEGIN_MS + 2 * MINUTE_MS, 1_005.0),
        (BEGIN_MS + 3 * MINUTE_MS, 995.0),
        (BEGIN_MS + 4 * MINUTE_MS, 1_019.0),
    )


def test_curve_when_short_moves_the_other_way() -> None:
    short = trade(direction=Direction.SHORT)
    points = equity_curve([short], SERIES, BEGIN_MS, END_MS, 1_000.0)  # type: ignore[list-item]
    assert [value for _, value in points] == [1_000.0, 995.0, 1_005.0, 1_019.0]


def test_curve_when_minutes_are_missing_keeps_the_last_value() -> None:
    holed = {"AAAUSDT": series_of([(100.0,) * 4, (101.0,) * 4, None, (103.0,) * 4])}
    points = equity_curve([trade()], holed, BEGIN_MS, END_MS, 1_000.0)  # type: ignore[list-item]
    assert [value for _, value in points] == [1_000.0, 1_005.0, 1_019.0]


def test_curve_when_nothing_was_traded_is_its_start() -> None:
    assert equity_curve([], SERIES, BEGIN_MS, END_MS, 7.0) == ((BEGIN_MS, 7.0),)


@pytest.mark.parametrize("count", [1, 3])
def test_curve_when_trades_end_adds_their_net(count: int) -> None:
    trades = [trade() for _ in range(count)]
    points = equity_curve(trades, SERIES, BEGIN_MS, END_MS, 0.0)  # type: ignore[arg-type]
    assert points[-1][1] == pytest.approx(float(Decimal(19) * count))
