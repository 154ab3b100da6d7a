"""The heartbeat against a real little watch, on the loop's own (virtual) time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot import heartbeat as module
from bot.heartbeat import Heartbeat
from engine.runtime.clock import LoopClock

SECRET = "canary-key"


class Watch:
    """Counts requests; answers `status`, or not at all while `mute`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.mute = False

    async def serve(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if self.mute:
            await asyncio.sleep(30)
        return web.Response(status=self.status)


@asynccontextmanager
async def watch() -> AsyncIterator[tuple[Watch, str]]:
    one = Watch()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", one.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield one, f"http://127.0.0.1:{runner.addresses[0][1]}/{SECRET}"
    finally:
        await runner.cleanup()


def clock() -> LoopClock:
    loop = asyncio.get_running_loop()
    return LoopClock(loop.time, exchange_ms=0, wall_ms=0, speed=1.0)


async def beat(one: Heartbeat) -> None:
    """Let it beat until the first pause is over its work."""
    task = asyncio.get_running_loop().create_task(one.run())
    try:
        async with asyncio.timeout(5):
            while one.view().told_s_ago is None and not one.view().trouble:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_beat_when_all_is_well_asks_once_and_tells_when():
    async with watch() as (one, url):
        heart = Heartbeat(url, clock())
        assert heart.view().told_s_ago is None

        await beat(heart)

        assert one.asked == [f"GET /{SECRET}"]
        told = heart.view()
    assert told.told_s_ago is not None
    assert told.told_s_ago < 5
    assert told.trouble == ""


async def test_beat_when_a_part_is_in_trouble_is_silent_and_says_why():
    async with watch() as (one, url):
        heart = Heartbeat(url, clock())
        heart.watch(lambda: "")
        heart.watch(lambda: "the chat is deaf")
        heart.watch(lambda: "60 of 530 symbols are blind")

        await beat(heart)

        assert one.asked == []
    assert heart.view().trouble == "the chat is deaf, 60 of 530 symbols are blind"


async def test_beat_when_the_environment_names_a_proxy_goes_through_it(
    monkeypatch: pytest.MonkeyPatch,
):
    async with watch() as (one, url):
        for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", url.removesuffix(f"/{SECRET}"))
        heart = Heartbeat("http://watch.invalid/through", clock())

        await beat(heart)

    assert heart.view().trouble == ""
    assert one.asked == ["GET /through"]


@pytest.mark.parametrize("status", [400, 404, 503])
async def test_beat_when_the_watch_refuses_says_so(status: int):
    async with watch() as (one, url):
        one.status = status
        heart = Heartbeat(url, clock())

        await beat(heart)

    assert heart.view().trouble == f"the watch answered HTTP {status}"
    assert heart.view().told_s_ago is None


async def test_beat_when_the_watch_is_mute_or_gone_goes_on(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    async with watch() as (one, url):
        one.mute = True
        heart = Heartbeat(url, clock())
        await beat(heart)
        assert "did not answer within" in heart.view().trouble
    gone = Heartbeat(url, clock())

    await beat(gone)

    assert "out of reach" in gone.view().trouble


async def test_beat_when_it_fails_and_recovers_is_logged_once_each_without_the_address(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    async with watch() as (one, url):
        one.status = 500
        heart = Heartbeat(url, clock())
        with capture_logs() as logs:
            task = asyncio.get_running_loop().create_task(heart.run())
            async with asyncio.timeout(5):
                while len(one.asked) < 3:  # noqa: ASYNC110 - the watch is on a real socket
                    await asyncio.sleep(0.005)
                one.status = 200
                while heart.view().trouble:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    assert [line["event"] for line in logs] == ["heartbeat.silent", "heartbeat.beats_again"]
    assert SECRET not in str(logs)
