"""User data stream frames to account events. Pure; every time comes from the message."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.domain.account import VenuePosition
from engine.domain.events import (
    AccountEvent,
    BalanceChanged,
    FundingPaid,
    OrderChanged,
    OrderFilled,
    PositionReported,
)
from engine.domain.order import Book, Fill, Order
from engine.exchange.binance.codec_words import (
    conditional_status,
    order_side,
    order_status,
    order_type,
)
from engine.exchange.binance.parse import (
    decimal,
    decimal_or_zero,
    guarded,
    integer,
    is_coin_margined,
    loads,
    rows,
    text,
    truth,
)

_COIN_M = 2


@dataclass(frozen=True, slots=True)
class KeyExpired:
    """The listen key is dead; its socket stays open and silent."""

    listen_key: str


@dataclass(frozen=True, slots=True)
class MarginChanged:
    """Leverage of a symbol (or, with symbol "", the multi-assets mode) was changed by someone."""

    symbol: str


@dataclass(frozen=True, slots=True)
class UserFrame:
    """What one frame says: its type, the venue's time of sending (0 if not told), its events."""

    kind: str
    event_time_ms: int
    events: tuple[AccountEvent | KeyExpired | MarginChanged, ...]


@guarded
def decode_user_frame(raw: bytes | str, book: Book) -> UserFrame:
    """Return what one user data frame says; types that mean nothing to us carry no events.

    Raises:
        MalformedMessage: the frame does not have the documented shape; nothing else is raised.
    """
    body = loads(raw)
    data = body.get("data", body)
    if "e" not in data and isinstance(data.get("event"), dict):
        data = data["event"]
    kind = text(data["e"])
    reader = _READERS.get(kind)
    events = reader(data, book) if reader else ()
    # listenKeyExpired writes its time as text in some versions (facts §2).
    return UserFrame(kind, integer(data.get("E", 0)), events)


def _order_events(data: dict[str, Any], book: Book) -> tuple[AccountEvent, ...]:
    row = data["o"]
    symbol = text(row["s"])
    if _is_coin_m(data, row, symbol):
        return ()
    events: list[AccountEvent] = []
    if decimal(row["l"]) > 0:
        events.append(OrderFilled(book, _fill(row)))
    try:
        events.append(OrderChanged(book, _order(data, row)))
    except KeyError:
        # A status word invented later must not cost us the fill that came with it.
        if not events:
            raise
    return tuple(events)


def _fill(row: dict[str, Any]) -> Fill:
    time_ms = integer(row["T"])
    trade_id = integer(row["t"])
    return Fill(
        symbol=row["s"],
        client_id=text(row["c"]),
        venue_id=str(integer(row["i"])),
        # Liquidation executions (x CALCULATED) have no trade id; their time tells them apart.
        trade_id=trade_id if trade_id > 0 else -time_ms,
        side=order_side(row["S"]),
        qty=decimal(row["l"]),
        price=_positive(row["L"]),
        fee=decimal_or_zero(row.get("n")),
        fee_asset=str(row.get("N") or ""),
        realised_pnl=decimal_or_zero(row.get("rp")),
        is_maker=truth(row["m"]),
        event_time_ms=time_ms,
    )


def _order(data: dict[str, Any], row: dict[str, Any]) -> Order:
    return Order(
        client_id=text(row["c"]),
        venue_id=str(integer(row["i"])),
        symbol=row["s"],
        side=order_side(row["S"]),
        order_type=order_type(row["o"]),
        status=order_status(row["X"]),
        qty=decimal(row["q"]),
        filled_qty=decimal(row["z"]),
        reduce_only=truth(row["R"]),
        event_time_ms=integer(data["T"]),
        average_price=decimal_or_zero(row.get("ap")),
        price=decimal_or_zero(row.get("p")),
        trigger_price=decimal_or_zero(row.get("sp")),
        reason=_expiry_reason(row.get("er")),
    )


def _expiry_reason(code: object) -> str:
    return _EXPIRY_REASONS.get(str(code), "")


def _conditional_events(data: dict[str, Any], book: Book) -> tuple[AccountEvent, ...]:
    row = data["o"]
    symbol = text(row["s"])
    if _is_coin_m(data, row, symbol) or row.get("at", "CONDITIONAL") != "CONDITIONAL":
        return ()
    filled = decimal_or_zero(row.get("aq"))
    order = Order(
        client_id=text(row["caid"]),
        venue_id=str(integer(row["aid"])),
        symbol=symbol,
        side=order_side(row["S"]),
        order_type=order_type(row["o"]),
        status=conditional_status(row["X"], filled=filled > 0),
        qty=decimal_or_zero(row.get("q")),
        filled_qty=filled,
        reduce_only=truth(row["R"]) or truth(row.get("cp", False)),
        event_time_ms=integer(data["T"]),
        average_price=decimal_or_zero(row.get("ap")),
        price=decimal_or_zero(row.get("p")),
        trigger_price=decimal_or_zero(row.get("tp")),
        conditional=True,
        reason=str(row.get("rm") or ""),
    )
    return (OrderChanged(book, order),)


def _account_events(data: dict[str, Any], book: Book) -> tuple[AccountEvent, ...]:
    account = data["a"]
    reason = text(account["m"])
    time_ms = integer(data["T"])
    positions = [row for row in rows(account.get("P", [])) if not is_coin_margined(text(row["s"]))]
    events: list[AccountEvent] = []
    for row in rows(account.get("B", [])):
        if row["a"] != "USDT":
            continue
        if reason == "FUNDING_FEE":
            symbol = str(account.get("S") or (positions[0]["s"] if len(positions) == 1 else ""))
            events.append(FundingPaid(book, symbol, decimal(row["bc"]), time_ms))
        events.append(BalanceChanged(book, decimal(row["wb"]), reason, time_ms))
    events.extend(PositionReported(book, _position(row), time_ms) for row in positions)
    return tuple(events)


def _position(row: dict[str, Any]) -> VenuePosition:
    return VenuePosition(
        symbol=row["s"],
        qty=decimal(row["pa"]),
        entry_price=decimal(row["ep"]),
        isolated=text(row["mt"]).lower() == "isolated",
    )


def _config_events(data: dict[str, Any], _book: Book) -> tuple[MarginChanged, ...]:
    if "ac" in data:
        return (MarginChanged(text(data["ac"]["s"])),)
    truth(data["ai"]["j"])
    return (MarginChanged(""),)


def _expired_events(data: dict[str, Any], _book: Book) -> tuple[KeyExpired, ...]:
    return (KeyExpired(str(data.get("listenKey") or "")),)


def _is_coin_m(data: dict[str, Any], row: dict[str, Any], symbol: str) -> bool:
    return data.get("st") == _COIN_M or row.get("st") == _COIN_M or is_coin_margined(symbol)


def _positive(value: object) -> Decimal:
    number = decimal(value)
    if number <= 0:
        raise ValueError(f"{value!r} must be above 0")
    return number


_READERS = {
    "ORDER_TRADE_UPDATE": _order_events,
    "ALGO_UPDATE": _conditional_events,
    "ACCOUNT_UPDATE": _account_events,
    "ACCOUNT_CONFIG_UPDATE": _config_events,
    "listenKeyExpired": _expired_events,
}

# `er` of ORDER_TRADE_UPDATE (facts §2); the codes left out say nothing useful.
_EXPIRY_REASONS = {
    "2": "IOC rest expired",
    "5": "liquidation",
    "6": "GTE unmet",
    "7": "delisted",
    "8": "stop triggered",
    "9": "market rest cancelled",
}
