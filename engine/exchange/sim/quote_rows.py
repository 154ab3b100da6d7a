"""REST rows of quotes, day statistics and funding in the venue's shape."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.exchange.sim.day_stats import TickerColumns
from engine.exchange.sim.funding_rates import CAP, DEFAULT_HOURS, FundingRates
from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.tick import Tick


def ticker_24h(
    rules: SymbolRules, columns: TickerColumns, index: int, last_qty: Decimal
) -> dict[str, Any]:
    """Row of ticker/24hr; ``last_qty`` is the size shown for the latest trade."""
    price = f"%.{rules.price_precision}f"
    first, last = float(columns.open[index]), float(columns.last[index])
    change = last - first
    return {
        "symbol": rules.symbol,
        "priceChange": price % change,
        "priceChangePercent": f"{100.0 * change / first if first else 0.0:.3f}",
        "weightedAvgPrice": price % columns.weighted_average[index],
        "lastPrice": price % last,
        "lastQty": f"{last_qty:f}",
        "openPrice": price % first,
        "highPrice": price % columns.high[index],
        "lowPrice": price % columns.low[index],
        "volume": f"{columns.volume[index]:.{rules.qty_precision}f}",
        "quoteVolume": f"{columns.quote_volume[index]:.2f}",
        "openTime": columns.open_ms,
        "closeTime": columns.close_ms,
        "firstId": int(columns.first_id[index]),
        "lastId": int(columns.last_id[index]),
        "count": int(columns.trades[index]),
    }


def premium_index(
    symbol: str, *, mark: float, index_price: float, rate: float, next_ms: int, now_ms: int
) -> dict[str, Any]:
    """Row of premiumIndex."""
    return {
        "symbol": symbol,
        "markPrice": f"{mark:.8f}",
        "indexPrice": f"{index_price:.8f}",
        "estimatedSettlePrice": f"{index_price:.8f}",
        "lastFundingRate": f"{rate:.8f}",
        "interestRate": "0.00010000",
        "nextFundingTime": next_ms,
        "time": now_ms,
    }


def book_ticker(rules: SymbolRules, tick: Tick, now_ms: int, update_id: int) -> dict[str, Any]:
    """Row of ticker/bookTicker."""
    price, quantity = f".{rules.price_precision}f", f".{rules.qty_precision}f"
    return {
        "symbol": rules.symbol,
        "bidPrice": format(tick.bid, price),
        "bidQty": format(tick.bid_qty, quantity),
        "askPrice": format(tick.ask, price),
        "askQty": format(tick.ask_qty, quantity),
        "time": now_ms,
        "lastUpdateId": update_id,
    }


def funding_info(rules: Sequence[SymbolRules], funding: FundingRates) -> list[dict[str, Any]]:
    """Rows of fundingInfo: only symbols that differ from the default of 8 hours, as the venue."""
    return [
        {
            "symbol": item.symbol,
            "adjustedFundingRateCap": f"{CAP:.8f}",
            "adjustedFundingRateFloor": f"{-CAP:.8f}",
            "fundingIntervalHours": hours,
            "disclaimer": False,
            "updateTime": item.onboard_ms,
        }
        for item, hours in zip(rules, funding.interval_hours.tolist(), strict=True)
        if hours != DEFAULT_HOURS
    ]


def funding_rate(symbol: str, time_ms: int, rate: float, mark: float | None) -> dict[str, Any]:
    """Row of fundingRate; the mark is empty where it is no longer known, as on the venue."""
    return {
        "symbol": symbol,
        "fundingTime": time_ms,
        "fundingRate": f"{rate:.8f}",
        "markPrice": "" if mark is None else f"{mark:.8f}",
        "rateType": "Regular",
    }
