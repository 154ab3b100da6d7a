"""Results with defaults."""

from typing import Any

from bot.desk import BookPnl, PnlGroup
from engine.domain.order import Book
from tests.bot.notice_kit import closed_trade
from tests.builders import START_MS, d


def group(name: str = "all", **fields: Any) -> PnlGroup:
    values: dict[str, Any] = {
        "count": 40,
        "wins": 15,
        "net": d("34.20"),
        "fees": d("12.00"),
        "funding": d("-0.40"),
        "expectancy_r": 0.08,
        "low_r": -0.11,
        "high_r": 0.27,
    }
    return PnlGroup(name=name, **(values | fields))


def book_pnl(**fields: Any) -> BookPnl:
    values: dict[str, Any] = {
        "book": Book.PAPER,
        "total": group(),
        "by_reason": (group("target", count=12), group("stop", count=25, net=d("-30"))),
        "by_symbol": (group("BTCUSDT"), group("ETHUSDT", net=d("-5.10"))),
        "by_score": (group("0.5-0.6"), group("0.6-0.7")),
        "equity": tuple((START_MS + i * 60_000, 10_000.0 + i) for i in range(50)),
        "best": closed_trade(),
        "worst": closed_trade(symbol="ETHUSDT", gross=d("-1.00")),
    }
    return BookPnl(**(values | fields))
