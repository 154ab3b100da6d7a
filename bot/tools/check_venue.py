"""Examines the venue: is it reachable, what time has it, does data flow, may we trade there?"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from bot.tools.findings import Finding, Level, fault, good, warning
from engine.domain.account import VenuePosition
from engine.domain.errors import (
    CredentialsRefused,
    VenueError,
    VenueUnreachable,
)
from engine.domain.instrument import Instrument
from engine.exchange.binance.codec_account import AccountConfig, KeyPermissions
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.hosts import is_local
from engine.exchange.binance.limits import RateBudget
from engine.exchange.binance.market_data import BinanceMarketData
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.venue import BinanceVenue
from engine.ports import Clock

PATIENCE_S = 8.0
FRAME_PATIENCE_S = 15.0
TOLERATED_OFFSET_MS = 500
_REGION = 451


class VenueCheck:
    """One examination of one venue. Make it inside the running loop, and close it."""

    def __init__(self, config: BinanceConfig, clock: Clock, rng: random.Random) -> None:
        self._config = replace(config, request_timeout_s=PATIENCE_S)
        self._clock = clock
        self._rng = rng
        self._rest = BinanceRest(
            self._config, clock, budget=RateBudget(clock), server=ServerClock(clock)
        )
        self._market = BinanceMarketData(self._config, clock, self._rest)

    async def close(self) -> None:
        """Close the connections."""
        await self._rest.close()

    async def run(self) -> list[Finding]:
        """Examine everything that can be; what depends on something broken is named as left out."""
        reached = await self._reach()
        findings = [reached]
        if reached.level is not Level.GOOD:
            left_out = "clock, data stream" + (", account" if self._config.has_keys else "")
            return [*findings, warning("venue", f"not examined, as it is out of reach: {left_out}")]
        findings.append(judge_offset(self._rest.server.offset_ms, self._clock.speed))
        findings += await self._data()
        if self._config.has_keys:
            findings += await self._account()
        return findings

    async def _reach(self) -> Finding:
        host = self._config.rest_url.removesuffix("/fapi")
        try:
            await self._rest.resync()
            # The second question finds its connection made, so its trip tells the time better.
            await self._rest.resync()
        except VenueError as error:
            return unreachable(host, error)
        return good("venue", f"{host} answers")

    async def _data(self) -> list[Finding]:
        try:
            instruments = await self._market.instruments()
        except VenueError as error:
            return [fault("contracts", str(error), "try again in a minute")]
        trading = [i.symbol for i in instruments if _is_scannable(i)]
        if not trading:
            advice = "is this the futures API of the venue?"
            return [fault("contracts", "no USDT perpetual is trading", advice)]
        found = good("contracts", f"{len(trading)} USDT perpetuals are trading")
        return [found, await self._stream("BTCUSDT" if "BTCUSDT" in trading else trading[0])]

    async def _stream(self, symbol: str) -> Finding:
        name = f"{symbol.lower()}@kline_1m"
        frames = self._market.stream((name,))
        try:
            async with asyncio.timeout(FRAME_PATIENCE_S):
                async for _frame in frames:
                    return good("data stream", f"frames of {symbol} arrive")
            reason = "the connection ended without a frame"
        except TimeoutError:
            reason = f"no frame of {symbol} within {FRAME_PATIENCE_S:.0f} s"
        except VenueError as error:
            reason = str(error)
        finally:
            await frames.aclose()  # type: ignore[attr-defined] # it is a generator
        return fault("data stream", reason, "let WebSocket connections through the firewall")

    async def _account(self) -> list[Finding]:
        venue = BinanceVenue(self._config, self._clock, self._rest, rng=self._rng)
        try:
            config = await venue.account_config()
            wallet, positions = await venue.wallet(), await venue.positions()
        except CredentialsRefused as error:
            return [fault("account", f"the key is refused ({error})", advice_on_key(error.code))]
        except VenueError as error:
            return [fault("account", str(error), "try again in a minute")]
        key = await self._key(venue)
        return [*key, *judge_account(config), judge_positions(positions, f"{wallet:.2f}")]

    async def _key(self, venue: BinanceVenue) -> list[Finding]:
        if self._config.wallet_url is None:
            return [good("key", "the demo does not tell what a key may do; no money is there")]
        try:
            local = is_local(urlsplit(self._config.rest_url).hostname or "")
            return judge_key(await venue.key_permissions(), local=local)
        except VenueError as error:
            advice = "look it up at the venue: trade futures yes, withdraw no, bound to an address"
            return [warning("key", f"what it may do could not be read ({error})", advice)]


def _is_scannable(instrument: Instrument) -> bool:
    return (
        instrument.contract_type == "PERPETUAL"
        and instrument.status == "TRADING"
        and instrument.quote_asset == "USDT"
    )


def unreachable(host: str, error: VenueError) -> Finding:
    """Return the finding for a venue that did not answer as it should."""
    if isinstance(error, CredentialsRefused) and error.code == _REGION:
        return fault(
            "venue",
            f"{host} does not serve this machine's region (HTTP 451)",
            "run the bot where you and the venue's terms allow it",
        )
    if isinstance(error, VenueUnreachable):
        advice = "check the network, or try the bot offline with --venue sim"
        return fault("venue", f"{host} cannot be reached ({error})", advice)
    return fault("venue", f"{host} refuses us ({error})", "try again in a minute")


def judge_offset(offset_ms: int, speed: float) -> Finding:
    """Judge how far our clock is from the venue's; at a speed the market's time differs by it."""
    seconds = offset_ms / 1000 / speed
    if abs(seconds) * 1000 > TOLERATED_OFFSET_MS:
        side = "behind" if seconds > 0 else "ahead of"
        return warning(
            "clock",
            f"this machine is {abs(seconds):.1f} s {side} the venue",
            "the bot corrects for it, but set the machine's time by NTP",
        )
    return good("clock", f"{abs(seconds) * 1000:.0f} ms from the venue's")


def advice_on_key(code: int) -> str:
    """Return what to do about a refused key, by the venue's code."""
    if code == -1022:
        return "the signature is wrong: copy SMCBOT_BINANCE_SECRET once more"
    if code == -2014:
        return "the key is malformed: copy SMCBOT_BINANCE_KEY once more"
    return "check that the key is of this venue, may trade futures and allows this machine's IP"


def judge_account(config: AccountConfig) -> list[Finding]:
    """Judge the account's settings; each that stands in the way of trading is a fault."""
    faults = []
    if not config.can_trade:
        faults.append(fault("account", "it is not allowed to trade", "open futures trading for it"))
    if config.hedge_mode:
        advice = "choose one-way mode in the venue's futures preferences"
        faults.append(fault("account", "it is in hedge mode", advice))
    if config.multi_assets:
        advice = "choose single-asset mode: isolated margin needs it"
        faults.append(fault("account", "it is in multi-assets mode", advice))
    if faults:
        return faults
    return [good("account", "may trade, one-way, single-asset")]


def judge_key(may: KeyPermissions, *, local: bool = False) -> list[Finding]:
    """Judge what the API key may do: trade futures, and nothing that moves money away.

    Args:
        may: what the venue tells of it.
        local: the exchange is on this machine, where an address means nothing.
    """
    faults = []
    if not may.trade_futures:
        faults.append(fault("key", "it may not trade futures", "allow futures for it at the venue"))
    if may.withdraw:
        faults.append(fault("key", "it may WITHDRAW", "make a key that cannot"))
    if may.transfer:
        faults.append(fault("key", "it may transfer to other accounts", "make a key that cannot"))
    if faults:
        return faults
    text = "trades futures, cannot withdraw"
    if local:
        return [good("key", text)]
    if not may.ip_restricted:
        advice = "bind it to this machine's address; some hosts need a static address for that"
        return [warning("key", f"{text}, but it works from any address", advice)]
    return [good("key", f"{text}, bound to named addresses")]


def judge_positions(positions: Sequence[VenuePosition], wallet: str) -> Finding:
    """Say what lies in the account; open positions are named, as the bot will meet them."""
    if not positions:
        return good("wallet", f"{wallet} USDT, no open position")
    names = ", ".join(position.symbol for position in positions)
    advice = "positions that are not the bot's own are left alone"
    return warning("wallet", f"{wallet} USDT, open positions: {names}", advice)
