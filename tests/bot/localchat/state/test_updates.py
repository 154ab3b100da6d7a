import asyncio

import pytest

from bot.localchat.errors import BotApiError
from bot.localchat.state.updates import UpdateQueue


async def poll(
    queue: UpdateQueue, offset: int = 0, limit: int = 100, seconds: float = 0
) -> list[object]:
    return [u["message"] for u in await queue.poll(offset=offset, limit=limit, seconds=seconds)]


def filled(*payloads: str, first_id: int = 10) -> UpdateQueue:
    queue = UpdateQueue(first_id=first_id)
    for payload in payloads:
        queue.push("message", payload)
    return queue


async def test_poll_when_updates_wait_returns_them_again_until_confirmed() -> None:
    queue = filled("a", "b")
    assert await poll(queue) == ["a", "b"]
    assert await poll(queue) == ["a", "b"]
    assert await poll(queue, offset=11) == ["b"]
    assert await poll(queue, offset=12) == []
    assert len(queue) == 0


async def test_poll_when_limited_returns_the_first() -> None:
    assert await poll(filled("a", "b", "c"), limit=2) == ["a", "b"]


async def test_poll_when_offset_is_negative_keeps_the_last() -> None:
    queue = filled("a", "b", "c")
    assert await poll(queue, offset=-1) == ["c"]
    assert len(queue) == 1


async def test_poll_when_an_update_arrives_returns_it() -> None:
    queue = filled()
    waiting = asyncio.ensure_future(poll(queue, seconds=60))
    await asyncio.sleep(0)
    queue.push("message", "a")
    assert await asyncio.wait_for(waiting, 1) == ["a"]


async def test_poll_when_another_one_starts_ends_with_conflict() -> None:
    queue = filled()
    older = asyncio.ensure_future(poll(queue, seconds=60))
    await asyncio.sleep(0)
    newer = asyncio.ensure_future(poll(queue, seconds=60))
    with pytest.raises(BotApiError) as caught:
        await asyncio.wait_for(older, 1)
    assert caught.value.code == 409
    queue.push("message", "a")
    assert await asyncio.wait_for(newer, 1) == ["a"]


async def test_poll_when_the_queue_closes_returns_nothing() -> None:
    queue = filled()
    waiting = asyncio.ensure_future(poll(queue, seconds=60))
    await asyncio.sleep(0)
    queue.close()
    assert await asyncio.wait_for(waiting, 1) == []


async def test_redelivered_updates_when_polled_come_once_more_with_their_ids() -> None:
    queue = filled("a", "b")
    await poll(queue, offset=12)
    assert queue.redeliver(1) == 1
    queue.push("message", "c")
    batch = await queue.poll(offset=12, limit=100, seconds=0)
    assert [(u["update_id"], u["message"]) for u in batch] == [(11, "b"), (12, "c")]
    assert await poll(queue, offset=12) == ["c"]


def test_redeliver_when_nothing_was_confirmed_is_zero() -> None:
    assert filled("a").redeliver(5) == 0
    assert filled("a").redeliver(0) == 0


async def test_updates_when_their_kind_is_not_allowed_are_not_kept() -> None:
    queue = filled()
    queue.allow(["callback_query"])
    assert queue.push("message", "a") is None
    queue.allow([])
    assert queue.push("message", "b") == 10
    assert await poll(queue) == ["b"]


async def test_clear_when_called_drops_what_waits() -> None:
    queue = filled("a")
    queue.clear()
    assert await poll(queue) == []
