"""A backtest as JSON: the same data, settings and seed give the same bytes."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.backtest_null import NullResult
from bot.backtesting import Backtested
from engine.backtest.plan import BacktestResult
from engine.backtest.recorder import BacktestTrade
from engine.backtest.statistics import Group, Statistics

SCHEMA = "backtest.v1"


def backtest_json(made: Backtested) -> bytes:
    """Return everything found, with what it rests on."""
    return orjson.dumps(as_dict(made), option=orjson.OPT_INDENT_2) + b"\n"


def as_dict(made: Backtested) -> dict[str, Any]:
    """Return the JSON's content."""
    order, first = made.order, made.results[0]
    return {
        "schema": SCHEMA,
        "data": {
            "files": list(made.files),
            "sha256": made.sha256,
            "symbols": list(first.symbols),
            "candles": first.candles,
            "from": iso(first.start_ms),
            "to": iso(first.end_ms),
        },
        "mode": order.mode.value,
        "timeframes": list(made.timeframes),
        "scorer": first.scorer,
        "scorer_note": made.scorer_note,
        "breakers": order.breakers.value,
        "funding": order.funding is not None,
        "runs": [
            run_dict(result, figures, null)
            for result, figures, null in zip(made.results, made.statistics, made.nulls, strict=True)
        ],
    }


def run_dict(
    result: BacktestResult, figures: Statistics, null: NullResult | None
) -> dict[str, Any]:
    """Return one run; `null` is what random entries like its own would have earned."""
    recorder = result.recorder
    return {
        "cost_multiplier": result.assumptions.multiplier,
        "assumptions": result.assumptions.as_dict(),
        "summary": {
            **group_dict(figures.total),
            "days": figures.days,
            "setups": figures.setups,
            "signals": figures.signals,
            "signals_a_day": figures.signals_a_day,
            "start_equity": figures.start_equity,
            "end_equity": figures.end_equity,
            "drawdown": asdict(figures.drawdown),
            "costs": figures.costs,
        },
        "null": None if null is None else asdict(null),
        "fates": dict(sorted(recorder.fates.items())),
        "refusals": dict(sorted(recorder.refusals.items())),
        "alarms": dict(sorted(recorder.alarms.items())),
        "groups": {
            title: [group_dict(one) for one in groups] for title, groups in figures.groups.items()
        },
        "equity": [list(point) for point in figures.equity],
        "trades": [trade_dict(one) for one in recorder.trades],
    }


def group_dict(one: Group) -> dict[str, Any]:
    """Return a group's figures."""
    return {**asdict(one), "hit_rate": one.hit_rate}


def trade_dict(one: BacktestTrade) -> dict[str, Any]:
    """Return a finished round trip; money as exact text, times as exchange ms."""
    closed, setup = one.closed, one.signal.setup
    return {
        "setup_id": closed.setup_id,
        "symbol": closed.symbol,
        "direction": closed.direction.name.lower(),
        "timeframe": setup.timeframe.value,
        "recipe": setup.recipe.value,
        "score": one.signal.score.value,
        "probability": one.signal.score.probability,
        "expected_cost_r": one.signal.cost.cost_r,
        "opened_ms": closed.opened_ms,
        "closed_ms": closed.closed_ms,
        "qty": f"{closed.qty.normalize():f}",
        "entry": f"{closed.entry_price.normalize():f}",
        "exit": f"{closed.exit_price.normalize():f}",
        "stop": setup.stop,
        "target": setup.target,
        "risk": f"{closed.risk:f}",
        "gross": f"{closed.gross:f}",
        "fees": f"{closed.fees:f}",
        "funding": f"{closed.funding:f}",
        "slippage": f"{one.slippage:f}",
        "net": f"{closed.net:f}",
        "net_r": closed.net_r,
        "reason": closed.reason.value,
        "end_of_data": one.end_of_data,
    }


def iso(at_ms: int) -> str:
    """Return an exchange time as text."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="minutes")
