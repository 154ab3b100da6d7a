"""The JSON of a backtest."""

from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from bot.reports.backtest_json import backtest_json
from tests.bot.backtest_kit import backtested


def test_json_when_written_twice_is_the_same_bytes(tmp_path: Path) -> None:
    assert backtest_json(backtested(tmp_path)) == backtest_json(backtested(tmp_path))


def test_json_when_read_adds_up(tmp_path: Path) -> None:
    body = orjson.loads(backtest_json(backtested(tmp_path, multipliers=(1.0, 2.0))))
    assert body["schema"] == "backtest.v1"
    assert body["data"]["symbols"] == ["AAAUSDT", "BBBUSDT"]
    assert body["data"]["candles"] == 2_200
    assert [run["cost_multiplier"] for run in body["runs"]] == [1.0, 2.0]
    run = body["runs"][0]
    trades, summary = run["trades"], run["summary"]
    assert summary["trades"] == len(trades) > 0
    nets = [Decimal(one["net"]) for one in trades]
    assert summary["net"] == pytest.approx(float(sum(nets)))
    assert summary["end_equity"] == pytest.approx(10_000 + float(sum(nets)))
    for one in trades:
        parts = Decimal(one["gross"]) - Decimal(one["fees"]) + Decimal(one["funding"])
        assert Decimal(one["net"]) == parts
        assert one["closed_ms"] > one["opened_ms"]
    assert sum(run["fates"].values()) == summary["setups"]
    assert run["equity"][0][1] == 10_000.0
    assert run["null"]["trades"] > 0
    assert run["null"]["draws"] == 20
    assert body["timeframes"] == ["1m"]
