"""Replies about the account: balances, positions, margin settings, brackets, fees."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.domain.account import VenuePosition
from engine.exchange.binance.parse import (
    decimal,
    decimal_or_zero,
    guarded,
    integer,
    is_coin_margined,
    rows,
    text,
    truth,
)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """Settings of the whole account."""

    can_trade: bool
    hedge_mode: bool
    multi_assets: bool


@dataclass(frozen=True, slots=True)
class KeyPermissions:
    """What the API key may do; trading is all that is ever needed of it.

    Attributes:
        trade_futures: place orders here.
        withdraw: send funds out of the account.
        transfer: move funds to other accounts of the same master.
        universal_transfer: move funds between the account's own wallets.
        ip_restricted: it works from named addresses only.
    """

    trade_futures: bool
    withdraw: bool
    transfer: bool
    universal_transfer: bool
    ip_restricted: bool


@dataclass(frozen=True, slots=True)
class MarginConfig:
    """Margin settings of one symbol."""

    symbol: str
    isolated: bool
    leverage: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """What the lowest notional bracket of a symbol allows and asks for."""

    symbol: str
    max_leverage: int
    maintenance_ratio: Decimal


@dataclass(frozen=True, slots=True)
class Fees:
    """Commission ratios of a symbol."""

    maker: Decimal
    taker: Decimal


@dataclass(frozen=True, slots=True)
class Income:
    """One booked entry of the account; `amount` is positive when received."""

    kind: str
    amount: Decimal
    asset: str
    time_ms: int


@guarded
def decode_income(body: Any) -> tuple[Income, ...]:  # noqa: ANN401
    """Return the entries of an income reply, in the venue's order.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return tuple(
        Income(
            kind=text(row["incomeType"]),
            amount=decimal(row["income"]),
            asset=text(row["asset"]),
            time_ms=integer(row["time"]),
        )
        for row in rows(body)
    )


@guarded
def decode_wallet(body: Any) -> Decimal:  # noqa: ANN401
    """Return the USDT wallet balance, without unrealised profit, of an account reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    for row in rows(body["assets"]):
        if row["asset"] == "USDT":
            return decimal(row["walletBalance"])
    return Decimal(0)


@guarded
def decode_positions(body: Any) -> tuple[VenuePosition, ...]:  # noqa: ANN401
    """Return the open positions of a positionRisk reply, COIN-M rows left out.

    Leverage is not told by version 3 and stays 0.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return tuple(
        _position(row)
        for row in rows(body)
        if decimal(row["positionAmt"]) != 0 and not is_coin_margined(text(row["symbol"]))
    )


def _position(row: dict[str, Any]) -> VenuePosition:
    return VenuePosition(
        symbol=text(row["symbol"]),
        qty=decimal(row["positionAmt"]),
        entry_price=decimal(row["entryPrice"]),
        mark_price=decimal_or_zero(row.get("markPrice")),
        liquidation_price=decimal_or_zero(row.get("liquidationPrice")),
        # Version 3 does not name the margin type; only isolated positions have their own wallet.
        isolated=decimal_or_zero(row.get("isolatedWallet")) != 0,
    )


@guarded
def decode_account_config(body: Any) -> AccountConfig:  # noqa: ANN401
    """Return the account's settings from an accountConfig reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return AccountConfig(
        can_trade=truth(body["canTrade"]),
        hedge_mode=truth(body["dualSidePosition"]),
        multi_assets=truth(body["multiAssetsMargin"]),
    )


@guarded
def decode_key_permissions(body: Any) -> KeyPermissions:  # noqa: ANN401
    """Return what the key may do from an apiRestrictions reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return KeyPermissions(
        trade_futures=truth(body["enableFutures"]),
        withdraw=truth(body["enableWithdrawals"]),
        transfer=truth(body["enableInternalTransfer"]),
        universal_transfer=truth(body["permitsUniversalTransfer"]),
        ip_restricted=truth(body["ipRestrict"]),
    )


@guarded
def decode_margin_configs(body: Any) -> dict[str, MarginConfig]:  # noqa: ANN401
    """Return margin settings by symbol from a symbolConfig reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return {
        text(row["symbol"]): MarginConfig(
            symbol=row["symbol"],
            isolated=text(row["marginType"]).upper() == "ISOLATED",
            leverage=integer(row["leverage"]),
        )
        for row in rows(body)
    }


@guarded
def decode_brackets(body: Any) -> dict[str, Bracket]:  # noqa: ANN401
    """Return the lowest bracket by symbol from a leverageBracket reply (a list, or one object).

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    found = rows([body] if isinstance(body, dict) else body)
    return {text(row["symbol"]): _bracket(row) for row in found}


def _bracket(row: dict[str, Any]) -> Bracket:
    lowest = min(rows(row["brackets"]), key=lambda bracket: decimal(bracket["notionalFloor"]))
    return Bracket(
        symbol=row["symbol"],
        max_leverage=integer(lowest["initialLeverage"]),
        maintenance_ratio=decimal(lowest["maintMarginRatio"]),
    )


@guarded
def decode_fees(body: Any) -> Fees:  # noqa: ANN401
    """Return commission ratios from a commissionRate reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return Fees(
        maker=decimal(body["makerCommissionRate"]), taker=decimal(body["takerCommissionRate"])
    )


@guarded
def decode_listen_key(body: Any) -> str:  # noqa: ANN401
    """Return the key of a listenKey reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    key = text(body["listenKey"])
    if not key:
        raise ValueError("empty listen key")
    return key


@guarded
def decode_server_time(body: Any) -> int:  # noqa: ANN401
    """Return exchange milliseconds of a /time reply.

    Raises:
        MalformedMessage: the reply does not have the documented shape.
    """
    return integer(body["serverTime"])
