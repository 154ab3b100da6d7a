"""The heartbeat: an outside watch hears from us every minute, but only while all is well.

A dead machine cannot tell that it is dead, so the watch alarms on silence. Silence is also how
trouble is told: nothing is sent while a vital part is out of order, and any service that expects
a request a minute will do.
"""

import asyncio
from collections.abc import Callable

import aiohttp
import structlog

from bot.desk_health import HeartbeatView
from engine.ports import Clock

log = structlog.get_logger(__name__)

EVERY_S = 60.0
PATIENCE_S = 10.0

Trouble = Callable[[], str]
"""Returns what is wrong in a few words, empty when nothing is."""


class Heartbeat:
    """Tells the watch.

    Args:
        url: where a GET is expected; a secret, because whoever knows it can fake our health.
        clock: for how long ago.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._parts: list[Trouble] = []
        self._told_at: float | None = None
        self._trouble = ""

    def watch(self, part: Trouble) -> None:
        """Stay silent while this part is in trouble."""
        self._parts.append(part)

    def view(self) -> HeartbeatView:
        """Return when the watch was told last, and why it is not told now."""
        now = self._clock.monotonic()
        ago = None if self._told_at is None else now - self._told_at
        return HeartbeatView(ago, self._trouble)

    async def run(self) -> None:
        """Tell the watch every minute, for ever."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        # As for the chat: a proxy of the environment is the way to the internet.
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            while True:
                await self._beat(session)
                await asyncio.sleep(EVERY_S)

    async def _beat(self, session: aiohttp.ClientSession) -> None:
        trouble = self._found() or await self._told(session)
        if trouble and trouble != self._trouble:
            log.warning("heartbeat.silent", reason=trouble)
        elif self._trouble and not trouble:
            log.info("heartbeat.beats_again")
        self._trouble = trouble

    def _found(self) -> str:
        return ", ".join(filter(None, (part() for part in self._parts)))

    async def _told(self, session: aiohttp.ClientSession) -> str:
        """Send one request; the errors' own texts are left out, they may show the address."""
        try:
            async with session.get(self._url) as reply:
                if reply.status >= 400:
                    return f"the watch answered HTTP {reply.status}"
        except TimeoutError:
            return f"the watch did not answer within {PATIENCE_S:.0f} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"the watch is out of reach ({type(error).__name__})"
        self._told_at = self._clock.monotonic()
        return ""
