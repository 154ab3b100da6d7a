"""Margin type, leverage, brackets and fees of symbols: set where wrong, always read back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from engine.domain.account import SymbolSetup
from engine.domain.errors import MalformedMessage, VenueRejected, VenueUnreachable
from engine.exchange.binance.classify import ALREADY_SET_CODES
from engine.exchange.binance.codec_account import (
    Bracket,
    Fees,
    MarginConfig,
    decode_brackets,
    decode_fees,
    decode_margin_configs,
)
from engine.exchange.binance.endpoints import (
    COMMISSION_RATE,
    LEVERAGE_BRACKETS,
    SET_LEVERAGE,
    SET_MARGIN_TYPE,
    SYMBOL_CONFIG,
    Endpoint,
)
from engine.exchange.binance.rest import BinanceRest, Params
from engine.ports import Clock

log = structlog.get_logger(__name__)

_FRESH_S = 600.0
# -4047/-4048 margin type blocked by orders or a position, -4161 no smaller leverage with one:
# the symbol stays as it is, and the read-back says so.
_BLOCKED = frozenset({-4047, -4048, -4161})

_T = TypeVar("_T")


@dataclass(slots=True)
class _Known:
    """What one reading of all symbols told, and when."""

    read_at: float
    configs: dict[str, MarginConfig]
    brackets: dict[str, Bracket]


class MarginDesk:
    """Prepares symbols for trading.

    All symbols are read in two requests; only a symbol that differs costs more. The commission
    is read once a process: it belongs to the account's tier and is the same for all USDT
    perpetuals, and asking costs a weight of 20 each time.
    """

    def __init__(self, rest: BinanceRest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._known: _Known | None = None
        self._fees: Fees | None = None
        self._reading = asyncio.Lock()

    def forget(self, symbol: str) -> None:
        """Somebody changed the symbol ("" = the whole account): read again before trusting."""
        if self._known is None:
            return
        if symbol:
            self._known.configs.pop(symbol, None)
        else:
            self._known = None

    async def prepare(self, symbol: str, leverage: int) -> SymbolSetup:
        """Make the symbol isolated at `leverage`, or the most its bracket allows.

        Returns:
            What the venue says afterwards; it may differ where a position or an order blocks it.

        Raises:
            VenueError: refused, busy or out of reach.
        """
        if leverage < 1:
            raise ValueError(f"leverage was {leverage}, must be at least 1")
        known, fees = await self._read_once(symbol)
        bracket = known.brackets.get(symbol)
        if bracket is None:
            raise VenueRejected(-1121, f"the venue has no leverage bracket for {symbol}")
        config = known.configs.get(symbol) or await self._read_back(symbol)
        wanted = min(leverage, bracket.max_leverage)
        if not config.isolated or config.leverage != wanted:
            config = await self._change(config, wanted)
        return SymbolSetup(
            symbol=symbol,
            leverage=config.leverage,
            isolated=config.isolated,
            max_leverage=bracket.max_leverage,
            maintenance_ratio=bracket.maintenance_ratio,
            taker_fee=fees.taker,
            maker_fee=fees.maker,
        )

    async def _read_once(self, symbol: str) -> tuple[_Known, Fees]:
        async with self._reading:
            now = self._clock.monotonic()
            if self._known is None or now - self._known.read_at > _FRESH_S:
                configs = await self._call(SYMBOL_CONFIG, {}, decode_margin_configs)
                brackets = await self._call(LEVERAGE_BRACKETS, {}, decode_brackets)
                self._known = _Known(now, configs, brackets)
            if self._fees is None:
                self._fees = await self._call(COMMISSION_RATE, {"symbol": symbol}, decode_fees)
            return self._known, self._fees

    async def _read_back(self, symbol: str) -> MarginConfig:
        configs = await self._call(SYMBOL_CONFIG, {"symbol": symbol}, decode_margin_configs)
        config = configs.get(symbol)
        if config is None:
            raise VenueRejected(-1121, f"the venue has no margin settings for {symbol}")
        if self._known is not None:
            self._known.configs[symbol] = config
        return config

    async def _change(self, config: MarginConfig, leverage: int) -> MarginConfig:
        symbol = config.symbol
        if not config.isolated:
            await self._set(SET_MARGIN_TYPE, {"symbol": symbol, "marginType": "ISOLATED"})
        if config.leverage != leverage:
            await self._set(SET_LEVERAGE, {"symbol": symbol, "leverage": leverage})
        return await self._read_back(symbol)

    async def _set(self, endpoint: Endpoint, params: Params) -> None:
        try:
            await self._rest.call(endpoint, params)
        except VenueRejected as error:
            if error.code not in ALREADY_SET_CODES | _BLOCKED:
                raise
            if error.code in _BLOCKED:
                log.warning("margin.blocked", symbol=params["symbol"], reason=str(error))

    async def _call(self, endpoint: Endpoint, params: Params, decode: Callable[[Any], _T]) -> _T:
        body = await self._rest.call(endpoint, params)
        try:
            return decode(body)
        except MalformedMessage as error:
            raise VenueUnreachable(f"unreadable {endpoint.path}: {error}") from error
