"""Runs every examination in order; none of them stops the others."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.exchange_child import SIM_KEY, SIM_SECRET
from bot.places import database_url
from bot.run_options import VenueName
from bot.settings import Settings
from bot.tools.check_chat import TELEGRAM, check_chat
from bot.tools.check_memory import check_database, check_disk
from bot.tools.check_model import check_challenger, check_model
from bot.tools.check_settings import check_keys, check_settings
from bot.tools.check_venue import VenueCheck
from bot.tools.findings import Finding, fault, good
from bot.venue_link import read_clock
from engine.domain.errors import VenueUnreachable
from engine.exchange.binance.config import BinanceConfig
from engine.runtime.clock import SystemClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the examination needs besides the settings.

    Attributes:
        venue: asked for on the command line.
        exchange_url: a running embedded exchange to examine.
        hosted: the platform we run on, None on an ordinary machine.
        platform_url: the database the platform hands out.
        telegram_url: where the Bot API is.
    """

    venue: VenueName | None = None
    exchange_url: str | None = None
    hosted: str | None = None
    platform_url: str = ""
    telegram_url: str = TELEGRAM


async def examine(
    settings: Settings, around: Surroundings, rng: random.Random
) -> AsyncIterator[Finding]:
    """Yield findings as they are made."""
    venue, found = check_settings(settings, around.venue, around.hosted)
    yield found
    if venue is None:
        # The rest is still worth knowing, as far as it does not depend on what was refused.
        venue = around.venue or settings.venue or "sim"
    checks = (
        lambda: _listed(check_keys, settings, venue),
        lambda: _venue(settings, venue, around, rng),
        lambda: _one(check_database(settings, venue, around.platform_url)),
        lambda: _listed(_disk, settings, venue, around),
        lambda: _models(settings),
        lambda: _one(check_chat(settings, around.telegram_url)),
    )
    names = ("API key", "venue", "database", "disk", "model", "chat")
    for name, check in zip(names, checks, strict=True):
        for finding in await _guarded(name, check):
            yield finding


async def _guarded(name: str, check: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 - a broken check must not hide the others
        text = f"the examination itself failed: {type(error).__name__} {error}"
        return [fault(name, text, "please report this line")]


async def _models(settings: Settings) -> list[Finding]:
    found = [await asyncio.to_thread(check_model, settings)]
    if settings.shadow_model:
        found.append(await asyncio.to_thread(check_challenger, settings))
    return found


async def _one(finding: Awaitable[Finding]) -> list[Finding]:
    return [await finding]


async def _listed(check: Callable[..., Finding], *arguments: object) -> list[Finding]:
    return [check(*arguments)]


def _disk(settings: Settings, venue: VenueName, around: Surroundings) -> Finding:
    url = database_url(settings, venue, around.platform_url)
    on_file = not url.startswith("postgres")
    return check_disk(settings, around.hosted, file_database=on_file)


async def _venue(
    settings: Settings, venue: VenueName, around: Surroundings, rng: random.Random
) -> list[Finding]:
    if venue == "sim" and around.exchange_url is None:
        return [good("venue", "the embedded exchange; `run` starts it, nothing to reach before")]
    try:
        async with _opened(settings, venue, around, rng) as check:
            return await check.run()
    except (VenueUnreachable, ValueError) as error:
        return [fault("venue", str(error), "examine another venue with --venue")]


@asynccontextmanager
async def _opened(
    settings: Settings, venue: VenueName, around: Surroundings, rng: random.Random
) -> AsyncIterator[VenueCheck]:
    if venue == "sim":
        url = str(around.exchange_url)
        config = BinanceConfig.custom(url, api_key=SIM_KEY, api_secret=SIM_SECRET)
        check = VenueCheck(config, await read_clock(url), rng)
    else:
        make = BinanceConfig.production if venue == "binance" else BinanceConfig.demo
        key = settings.binance_key.get_secret_value()
        secret = settings.binance_secret.get_secret_value()
        both = bool(key and secret)
        check = VenueCheck(
            make(api_key=key if both else "", api_secret=secret if both else ""),
            SystemClock(),
            rng,
        )
    try:
        yield check
    finally:
        await check.close()
