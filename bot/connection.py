"""One connection to Telegram: opened, watched, and torn down when it has gone deaf."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ApplicationBuilder
from telegram.request import HTTPXRequest
from typing_extensions import override

from bot.context import TelegramConfig
from bot.dispatch import AnyApplication, Dispatcher, caller_of
from bot.sender import AnyBot, Sender
from bot.throttle import ChatRateLimiter, seconds_of
from engine.ports import Clock

log = structlog.get_logger(__name__)

DEAF_AFTER_S = 90.0
LOOK_EVERY_S = 1.0
LOOK_AGAIN_S = 3.0
CLOSE_WITHIN_S = 4.0
_MOST_AT_ONCE = 100
_ALLOWED_UPDATES = ["message", "callback_query"]


class Deaf(Exception):  # noqa: N818 - says what happened
    """No successful getUpdates for 90 s."""


class HearingRequest(HTTPXRequest):
    """The request of the long poll; tells when one succeeded."""

    def __init__(self, heard: Callable[[], None], **options: Any) -> None:  # noqa: ANN401
        super().__init__(connection_pool_size=1, **options)
        self._heard = heard

    @override
    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Send, and take note of a success."""
        status, body = await super().do_request(*args, **kwargs)
        if status == 200:
            self._heard()
            body = digestible(body)
        return status, body


def digestible(body: bytes) -> bytes:
    """Return a getUpdates reply in which an update that the library cannot read is blank.

    The library would ask for the same updates again and again, and hear nothing any more.
    """
    try:
        reply = json.loads(body)
    except ValueError:
        return body  # the library says what is wrong with it
    updates = reply.get("result") if isinstance(reply, dict) else None
    if not isinstance(updates, list):
        return body  # another method's
    blanks = [i for i, update in enumerate(updates) if not _is_readable(update)]
    if not blanks:
        return body
    for i in blanks:
        log.error("telegram.update_unreadable", update_id=updates[i]["update_id"])
        updates[i] = {"update_id": updates[i]["update_id"]}
    return json.dumps(reply).encode()


def _is_readable(raw: dict[str, Any]) -> bool:
    """Return whether the library takes it and what we rely on has the type it is declared with."""
    try:
        update = Update.de_json(raw, None)
        caller = caller_of(update)
    except Exception:  # noqa: BLE001 - whatever it stumbles over
        return False
    message, query = update.effective_message, update.callback_query
    dated = message is None or isinstance(message.date, datetime)
    numbers = (caller.user_id, caller.chat_id, message.message_id if message else None)
    words = (message.text if message else None, *((query.id, query.data) if query else ()))
    numbered = all(isinstance(one, int | None) for one in numbers)
    return dated and numbered and all(isinstance(one, str | None) for one in words)


class Connection:
    """A library application from initialize to shutdown; used once.

    Attributes:
        conflicts: how often another poller of the same token was met.
    """

    def __init__(
        self,
        config: TelegramConfig,
        clock: Clock,
        limiter: ChatRateLimiter,
        dispatcher: Dispatcher,
        sender: Sender,
    ) -> None:
        self._clock = clock
        self._sender = sender
        self._seen = dispatcher.seen
        self._heard_at = clock.monotonic()
        self.conflicts = 0
        self.application = self._build(config, limiter)
        dispatcher.register(self.application)

    def _build(self, config: TelegramConfig, limiter: ChatRateLimiter) -> AnyApplication:
        # A proxy of the environment is for the internet, never for a server of our own.
        options: dict[str, Any] = {"httpx_kwargs": {"trust_env": config.base_url is None}}
        self._requests = (
            HTTPXRequest(connection_pool_size=16, read_timeout=15.0, **options),
            HearingRequest(self._hear, read_timeout=15.0, **options),
        )
        builder = (
            ApplicationBuilder()
            .token(config.token)
            .request(self._requests[0])
            .get_updates_request(self._requests[1])
            .rate_limiter(limiter)
            .concurrent_updates(True)  # a handler that waits must not hold up /panic
            .job_queue(None)
        )
        if config.base_url is not None:
            builder = builder.base_url(config.base_url)
        if config.base_file_url is not None:
            builder = builder.base_file_url(config.base_file_url)
        return builder.build()

    def _hear(self) -> None:
        self._heard_at = self._clock.monotonic()

    def silent_for_s(self) -> float:
        """Return seconds since the last successful getUpdates."""
        return self._clock.monotonic() - self._heard_at

    async def run(self, greet: Callable[[AnyBot], Awaitable[None]]) -> None:
        """Connect, poll and watch; ends only by raising.

        Args:
            greet: called once when the bot can send.

        Raises:
            Deaf: the connection must be built anew.
            TelegramError: it could not be opened.
        """
        application = self.application
        assert application.updater is not None
        try:
            await application.initialize()
            await application.start()
            self._sender.connect(application.bot)
            await greet(application.bot)
            await self._note_waiting(application.bot)
            await application.updater.start_polling(
                allowed_updates=_ALLOWED_UPDATES, error_callback=self._on_poll_error
            )
            self._hear()
            await self._watch()
        finally:
            self._sender.disconnect()
            await self._close()

    async def _note_waiting(self, bot: AnyBot) -> None:
        """Look at what arrived before we listened; nothing is confirmed by that."""
        while True:
            try:
                waiting = await bot.get_updates(timeout=0, allowed_updates=_ALLOWED_UPDATES)
            except InvalidToken:
                raise
            except TelegramError as error:
                self._on_poll_error(error)
                self._judge_silence()
                await asyncio.sleep(pause_after(error, LOOK_AGAIN_S))
            else:
                ids = [update.update_id for update in waiting]
                self._seen.note_waiting(ids, all_of_them=len(ids) < _MOST_AT_ONCE)
                return

    def _judge_silence(self) -> None:
        if self.silent_for_s() > DEAF_AFTER_S:
            raise Deaf(f"nothing heard for {self.silent_for_s():.0f} s")

    async def _watch(self) -> None:
        while True:
            self._judge_silence()
            await asyncio.sleep(LOOK_EVERY_S)

    def _on_poll_error(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            self.conflicts += 1
            log.error("telegram.conflict", reason="another process polls with this token")
        elif isinstance(error, InvalidToken):
            log.error("telegram.token_refused")
        else:
            log.warning("telegram.poll_failed", reason=str(error))

    async def _close(self) -> None:
        """Shut down in order; a wedged connection must not hold up the next one."""
        application = self.application
        updater = application.updater
        steps: list[tuple[str, bool, Callable[[], Awaitable[None]]]] = [
            ("updater", updater is not None and updater.running, _stop_of(updater)),
            ("application", application.running, application.stop),
            ("session", True, application.shutdown),
            # The library leaves them open when it could not be initialized.
            *(("request", True, request.shutdown) for request in self._requests),
        ]
        for name, needed, step in steps:
            if not needed:
                continue
            try:
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await step()
            except (TimeoutError, TelegramError, RuntimeError) as error:
                log.warning("telegram.close_failed", step=name, reason=str(error))


def _stop_of(updater: Any) -> Callable[[], Awaitable[None]]:  # noqa: ANN401 - generic in the library
    async def stop() -> None:
        await updater.stop()

    return stop


def pause_after(error: Exception, backoff_s: float) -> float:
    """Return how long to wait before the next connection."""
    if isinstance(error, RetryAfter):
        return seconds_of(error)
    return max(backoff_s, 60.0) if isinstance(error, InvalidToken) else backoff_s


def quiet_loggers() -> None:
    """Keep request lines out of the log: their URLs hold the token."""
    for name in ("httpx", "httpcore", "telegram", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # The library logs every failed poll and every reply of a broken gateway with a traceback; we
    # say it in one line ourselves.
    logging.getLogger("telegram.ext").setLevel(logging.ERROR)
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)
