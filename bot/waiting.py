"""Waiting for work that a request to stop, or the death of something vital, may end early."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class Stopped(Exception):  # noqa: N818 - it is no failure
    """The operator wants the process to end before the work was done."""


async def unless_stopped(
    stop: asyncio.Event, work: Coroutine[Any, Any, _T], *dangers: Coroutine[Any, Any, Any]
) -> _T:
    """Return what `work` returns; whatever has not ended by then is cancelled and waited for.

    Args:
        stop: set when the process is asked to end.
        work: what is to be done.
        dangers: coroutines that only ever end by raising.

    Raises:
        Stopped: `stop` was set first.
    """
    loop = asyncio.get_running_loop()
    main = loop.create_task(work)
    others = [loop.create_task(one) for one in (_until(stop), *dangers)]
    try:
        await asyncio.wait([main, *others], return_when=asyncio.FIRST_COMPLETED)
        for one in others:
            if one.done():
                one.result()
        return main.result()
    finally:
        for task in (main, *others):
            task.cancel()
        await asyncio.gather(main, *others, return_exceptions=True)


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()
    raise Stopped
