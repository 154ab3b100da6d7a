"""REST replies about the market: instruments, 24 h tickers, candles."""

from collections.abc import Sequence
from decimal import Decimal
from math import inf
from typing import Any

from engine.domain.candle import Candle
from engine.domain.instrument import Instrument
from engine.exchange.binance.parse import (
    SHAPE_ERRORS,
    decimal,
    guarded,
    integer,
    is_coin_margined,
    real,
    rows,
    text,
)
from engine.ports import Ticker24h


@guarded
def decode_instruments(body: Any) -> tuple[tuple[Instrument, ...], tuple[str, ...]]:  # noqa: ANN401
    """Return the contracts of an exchangeInfo reply, and the symbols whose rows are unreadable.

    One odd row must not hide all others (facts/failures.md 37), so it is set aside by name.

    Raises:
        MalformedMessage: the reply itself does not have the documented shape.
    """
    readable: list[Instrument] = []
    unreadable: list[str] = []
    for row in rows(body["symbols"]):
        if is_coin_margined(str(row.get("symbol"))):
            continue
        try:
            readable.append(_instrument(row))
        except SHAPE_ERRORS:
            unreadable.append(str(row.get("symbol")))
    return tuple(readable), tuple(unreadable)


def _instrument(row: dict[str, Any]) -> Instrument:
    filters = {rule["filterType"]: rule for rule in row["filters"]}
    price, lot = filters["PRICE_FILTER"], filters["LOT_SIZE"]
    market, percent = filters["MARKET_LOT_SIZE"], filters["PERCENT_PRICE"]
    return Instrument(
        symbol=text(row["symbol"]),
        base_asset=text(row["baseAsset"]),
        quote_asset=text(row["quoteAsset"]),
        margin_asset=text(row["marginAsset"]),
        contract_type=text(row["contractType"]),
        status=text(row["status"]),
        tick_size=_positive(price["tickSize"]),
        step_size=_positive(lot["stepSize"]),
        market_step_size=_positive(market["stepSize"]),
        min_qty=max(decimal(lot["minQty"]), decimal(market["minQty"])),
        max_qty=_positive(lot["maxQty"]),
        market_max_qty=_positive(market["maxQty"]),
        min_notional=decimal(filters["MIN_NOTIONAL"]["notional"]),
        multiplier_up=_positive(percent["multiplierUp"]),
        multiplier_down=_positive(percent["multiplierDown"]),
        onboard_ms=integer(row["onboardDate"]),
        delivery_ms=integer(row["deliveryDate"]),
    )


def _positive(value: object) -> Decimal:
    number = decimal(value)
    if number <= 0:
        raise ValueError(f"{value!r} must be above 0")
    return number


@guarded
def decode_tickers(body: Any) -> tuple[Ticker24h, ...]:  # noqa: ANN401
    """Return 24 h statistics of a ticker/24hr reply for all symbols.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return tuple(
        Ticker24h(text(row["symbol"]), real(row["quoteVolume"]), real(row["lastPrice"]))
        for row in rows(body)
        if not is_coin_margined(str(row["symbol"]))
    )


@guarded
def decode_candles(body: Any, symbol: str, closed_before_ms: int) -> tuple[Candle, ...]:  # noqa: ANN401
    """Return the closed candles of a klines reply, oldest first.

    A row is closed when a later one exists; only the newest is judged by the clock, so that a
    clock that is far behind hides one candle and not all of them.

    Args:
        body: the reply, rows of `[open time, open, high, low, close, volume, close time, ...]`.
        symbol: whose candles they are; the rows do not say.
        closed_before_ms: the newest row is still open, and dropped, if it closes later than this.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    if not isinstance(body, list):
        raise TypeError("not a list of rows")
    newest_ms = max((integer(row[0]) for row in body), default=0)
    return tuple(
        _candle(row, symbol)
        for row in body
        if row[0] < newest_ms or integer(row[6]) < closed_before_ms
    )


def _candle(row: Sequence[Any], symbol: str) -> Candle:
    # Half a million rows are read at start: floats without the detour over Decimal.
    first, high, low, close = float(row[1]), float(row[2]), float(row[3]), float(row[4])
    volume, quote_volume = float(row[5]), float(row[7])
    # NaN fails every comparison, so it is refused here too.
    if not (0.0 < low <= first <= high < inf and low <= close <= high):
        raise ValueError(f"prices do not fit together: {row}")
    if not (0.0 <= volume < inf and 0.0 <= quote_volume < inf):
        raise ValueError(f"volume: {row}")
    return Candle(
        symbol=symbol,
        open_time_ms=row[0],
        open=first,
        high=high,
        low=low,
        close=close,
        volume=volume,
        quote_volume=quote_volume,
        trades=integer(row[8]),
    )
