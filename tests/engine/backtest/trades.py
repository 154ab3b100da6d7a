"""Finished trades without a run behind them."""

from decimal import Decimal
from typing import Any

from engine.backtest.recorder import BacktestTrade
from engine.domain.order import Book
from engine.domain.position import ClosedTrade, ExitReason
from engine.domain.setup import Direction
from tests.builders import score, setup, signal
from tests.engine.backtest.recording import BEGIN_MS

DAY_MS = 86_400_000


def closed_trade(symbol: str = "AAAUSDT", *, gross: str = "20", **fields: Any) -> ClosedTrade:
    """Return a round trip with a risk of 10, fees of 1 and no funding."""
    values: dict[str, Any] = {
        "trade_key": "k",
        "book": Book.PAPER,
        "direction": Direction.LONG,
        "setup_id": "s",
        "score": 0.6,
        "qty": Decimal(5),
        "entry_price": Decimal(100),
        "exit_price": Decimal(104),
        "risk": Decimal(10),
        "fees": Decimal(1),
        "funding": Decimal(0),
        "reason": ExitReason.TARGET,
        "opened_ms": BEGIN_MS,
        "closed_ms": BEGIN_MS + 600_000,
    }
    return ClosedTrade(symbol=symbol, gross=Decimal(gross), **(values | fields))


def backtest_trade(
    gross: str = "20", *, day: int = 0, value: float = 0.62, slippage: str = "0.5", **fields: Any
) -> BacktestTrade:
    """Return a trade opened on a day after the beginning, from a setup with a score."""
    end_of_data = fields.pop("end_of_data", False)
    opened = fields.pop("opened_ms", BEGIN_MS + day * DAY_MS)
    found = setup(fields.get("symbol", "AAAUSDT"))
    closed = closed_trade(
        gross=gross, opened_ms=opened, closed_ms=opened + 600_000,
        setup_id=found.setup_id, **fields,
    )  # fmt: skip
    return BacktestTrade(
        closed=closed,
        signal=signal(found, score=score(value, of=found)),
        slippage=Decimal(slippage),
        end_of_data=end_of_data,
    )
