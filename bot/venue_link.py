"""The connection to a venue: its clock, its public data and, with keys, our account there."""

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import aiohttp

from bot.exchange_child import SIM_KEY, SIM_SECRET, ExchangeChild, launch_exchange
from bot.places import venue_folder
from bot.run_options import RunOptions, VenueName
from bot.settings import Settings
from engine.domain.errors import VenueUnreachable
from engine.exchange.binance.config import BinanceConfig
from engine.exchange.binance.limits import RateBudget
from engine.exchange.binance.market_data import BinanceMarketData
from engine.exchange.binance.rest import BinanceRest
from engine.exchange.binance.server_clock import ServerClock
from engine.exchange.binance.transport import network_words
from engine.exchange.binance.venue import BinanceVenue
from engine.ports import Clock
from engine.runtime.clock import LoopClock, SystemClock

_PATIENCE = aiohttp.ClientTimeout(total=10)
_SAME_MACHINE_S = 0.5


@dataclass(frozen=True, slots=True)
class VenueLink:
    """Everything that reaches one venue. `account` is None without keys.

    `control_url` is the embedded exchange's address for its own figures, None elsewhere.
    """

    name: VenueName
    clock: Clock
    rest: BinanceRest
    market: BinanceMarketData
    account: BinanceVenue | None
    child: ExchangeChild | None = None
    control_url: str | None = None


async def connect(
    name: VenueName,
    options: RunOptions,
    settings: Settings,
    rng: random.Random,
    stack: AsyncExitStack,
) -> VenueLink:
    """Reach the venue; whatever was opened is closed with the stack.

    Raises:
        VenueUnreachable: the embedded exchange did not start or does not answer.
    """
    if name == "sim":
        return await _connect_sim(options, settings, rng, stack)
    key = settings.binance_key.get_secret_value()
    secret = settings.binance_secret.get_secret_value()
    make = BinanceConfig.production if name == "binance" else BinanceConfig.demo
    # The engine lives in the venue's time: a machine whose clock is seconds off would find every
    # close overdue, every Setup stale, and snapshots newer than they are.
    own = SystemClock()
    server = ServerClock(own)
    clock = SystemClock(lambda: server.offset_ms)
    config = make(api_key=key, api_secret=secret)
    rest = BinanceRest(config, own, budget=RateBudget(own), server=server)
    stack.push_async_callback(rest.close)
    return _link(name, config, clock, rest, rng)


async def _connect_sim(
    options: RunOptions, settings: Settings, rng: random.Random, stack: AsyncExitStack
) -> VenueLink:
    child = None
    url = options.exchange_url
    if url is None:
        child = await launch_exchange(options, venue_folder(settings, "sim") / "exchange")
        stack.push_async_callback(child.stop)
        url = child.url
    clock = await read_clock(url)
    config = BinanceConfig.custom(url, api_key=SIM_KEY, api_secret=SIM_SECRET)
    rest = BinanceRest(config, clock, budget=RateBudget(clock), server=ServerClock(clock))
    stack.push_async_callback(rest.close)
    link = _link("sim", config, clock, rest, rng)
    return replace(link, child=child, control_url=url)


def _link(
    name: VenueName, config: BinanceConfig, clock: Clock, rest: BinanceRest, rng: random.Random
) -> VenueLink:
    account = BinanceVenue(config, clock, rest, rng=rng) if config.has_keys else None
    return VenueLink(name, clock, rest, BinanceMarketData(config, clock, rest), account)


def _nobody_at(url: str, error: Exception) -> str:
    network = isinstance(error, aiohttp.ClientError | OSError)
    reason = network_words(error) if network else "what answers is something else"
    return (
        f"no embedded exchange at {url}: {reason}. Start one in another terminal with: "
        f"python -m bot exchange --port {urlsplit(url).port or 80}; or leave --exchange out, and "
        "`run` brings its own"
    )


async def read_clock(url: str) -> LoopClock:
    """Return a clock that runs with the exchange at `url`.

    Processes of one machine read its one monotonic clock, so they agree exactly. An exchange on
    another machine is told by its monotonic time not fitting; its own word of now is taken then.

    Raises:
        VenueUnreachable: nobody answers there, or no embedded exchange.
    """
    loop = asyncio.get_running_loop()
    asked = loop.time()
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(f"{url}/sim/clock") as reply,
        ):
            told = await reply.json()
        epoch_ms, speed = int(told["epoch_ms"]), float(told["speed"])
        started_at, said_ms = float(told["started_at"]), int(told["now_ms"])
    except (aiohttp.ClientError, ValueError, KeyError, TypeError, OSError) as error:
        raise VenueUnreachable(_nobody_at(url, error)) from error
    now = loop.time()
    now_ms = epoch_ms + int((now - started_at) * 1000 * speed)
    by_word_ms = said_ms + int((now - asked) / 2 * 1000 * speed)
    if abs(now_ms - by_word_ms) > (now - asked + _SAME_MACHINE_S) * 1000 * speed:
        now_ms = by_word_ms
    return LoopClock(loop.time, exchange_ms=now_ms, wall_ms=SystemClock().wall_ms(), speed=speed)
