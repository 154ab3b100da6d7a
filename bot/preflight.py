"""Asks the venue, at this moment and within five seconds, whether live mode could work there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.desk_preflight import (
    AccountFacts,
    KeyFacts,
    MarginFacts,
    PreflightFacts,
    ReachFacts,
    StopFacts,
    Unread,
)
from bot.venue_link import VenueLink
from engine.domain.errors import CredentialsRefused, VenueError
from engine.exchange.binance.venue import BinanceVenue
from engine.ports import CallKind, calls_counted_as

PATIENCE_S = 5.0
NO_KEYS = "there are no API keys"
SILENT = f"no answer within {PATIENCE_S:.0f} s"
_REGION = 451

_T = TypeVar("_T")


class Preflight:
    """Reads the facts; every call costs seven REST requests of the recovery kind, weight 57.

    Args:
        link: the venue.
        symbols: what is scanned now.
        leverage: wanted of every symbol.
    """

    def __init__(
        self, link: VenueLink, symbols: Callable[[], tuple[str, ...]], leverage: int
    ) -> None:
        self._link = link
        self._symbols = symbols
        self._leverage = leverage

    async def ask(self) -> PreflightFacts:
        """Return the facts; never raises, and never takes longer than five seconds."""
        until = asyncio.get_running_loop().time() + PATIENCE_S
        with calls_counted_as(CallKind.RECOVERY):
            reach = await _read(self._reach, until)
            if isinstance(reach, Unread) or reach.region_refused:
                return self._without_answers(reach)
            return await self._with_answers(reach, until)

    async def _with_answers(self, reach: ReachFacts, until: float) -> PreflightFacts:
        account = self._link.account
        if account is None:
            return self._nothing(reach, NO_KEYS)
        key, config, wallet, margins, resting = await asyncio.gather(
            _read(lambda: _key(account), until),
            _read(lambda: _account(account), until),
            _read(account.wallet, until),
            _read(lambda: self._margins(account), until),
            _read(lambda: _resting(account), until),
        )
        return PreflightFacts(
            venue=self._link.name,
            reach=reach,
            key=key,
            account=config,
            wallet=wallet,
            margins=margins,
            stops=StopFacts(resting=resting, hears=account.is_hearing, fast=account.is_connected),
        )

    def _without_answers(self, reach: ReachFacts | Unread) -> PreflightFacts:
        return self._nothing(reach, "the venue is out of reach")

    def _nothing(self, reach: ReachFacts | Unread, reason: str) -> PreflightFacts:
        unread = Unread(reason)
        return PreflightFacts(
            venue=self._link.name,
            reach=reach,
            key=unread,
            account=unread,
            wallet=unread,
            margins=unread,
            stops=StopFacts(resting=unread, hears=False, fast=False),
        )

    async def _reach(self) -> ReachFacts:
        try:
            await self._link.rest.read_clock()
            # The second question finds its connection made, so its trip tells the time better.
            reading = await self._link.rest.read_clock()
        except CredentialsRefused as error:
            if error.code != _REGION:
                raise
            return ReachFacts(region_refused=True)
        per_second = 1000 * self._link.clock.speed
        return ReachFacts(
            behind_s=reading.ahead_ms / per_second, trip_s=reading.trip_ms / per_second
        )

    async def _margins(self, account: BinanceVenue) -> MarginFacts:
        configs = await account.margin_configs()
        scanned = self._symbols()
        known = [configs[symbol] for symbol in scanned if symbol in configs]
        ready = sum(one.isolated and one.leverage <= self._leverage for one in known)
        return MarginFacts(ready=ready, scanned=len(scanned), leverage=self._leverage)


async def _key(account: BinanceVenue) -> KeyFacts:
    may = await account.key_permissions()
    return KeyFacts(
        trade=may.trade_futures,
        withdraw=may.withdraw,
        transfer=may.transfer,
        universal_transfer=may.universal_transfer,
        ip_restricted=may.ip_restricted,
    )


async def _account(account: BinanceVenue) -> AccountFacts:
    config = await account.account_config()
    return AccountFacts(
        can_trade=config.can_trade,
        hedge_mode=config.hedge_mode,
        multi_assets=config.multi_assets,
    )


async def _resting(account: BinanceVenue) -> int:
    return len(await account.conditionals())


async def _read(ask: Callable[[], Awaitable[_T]], until: float) -> _T | Unread:
    try:
        async with asyncio.timeout_at(until):
            return await ask()
    except TimeoutError:
        return Unread(SILENT)
    except VenueError as error:
        return Unread(str(error))
