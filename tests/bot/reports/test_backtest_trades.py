"""The data behind the trade list of the page."""

import re
from dataclasses import replace
from pathlib import Path

import orjson

from bot.reports import backtest_trades
from bot.reports.backtest_trades import trade_data, trades_section
from engine.backtest.series import MINUTE_MS
from tests.bot.backtest_kit import backtested


def test_trade_when_put_into_the_page_carries_its_candles_exactly(tmp_path: Path) -> None:
    made = backtested(tmp_path)
    trade = made.results[0].recorder.trades[0]
    series = next(one for one in made.series if one.symbol == trade.closed.symbol)
    data = trade_data(trade, series)
    row = series.row_of(data["first"])
    for at, candle in enumerate(data["candles"]):
        close = (candle[3] + data["base"]) / data["scale"]
        assert abs(close - series.candles.close[row + at]) < 1e-9
    last_ms = data["first"] + (len(data["candles"]) - 1) * MINUTE_MS
    assert data["first"] < trade.closed.opened_ms < trade.closed.closed_ms < last_ms
    assert data["netR"] == round(trade.closed.net_r, 3)


def test_section_when_made_holds_all_trades_as_json_that_cannot_end_the_script(
    tmp_path: Path,
) -> None:
    made = backtested(tmp_path)
    section = trades_section(made)
    found = re.search(r'type="application/json">(.*?)</script>', section, re.DOTALL)
    assert found is not None
    rows = orjson.loads(found[1].replace("<\\/", "</"))
    assert len(rows) == len(made.results[0].recorder.trades)
    assert "</" not in found[1]


def test_section_when_trades_are_too_many_says_how_many_are_left_out(
    tmp_path: Path, monkeypatch: object
) -> None:
    made = backtested(tmp_path)
    result = made.results[0]
    many = result.recorder.trades * (backtest_trades.MOST_TRADES // len(result.recorder.trades) + 1)
    crowded = replace(
        made, results=(replace(result, recorder=replace(result.recorder, trades=many)),)
    )
    left = len(many) - backtest_trades.MOST_TRADES
    assert f"{left} later trades are in the JSON only" in trades_section(crowded)
