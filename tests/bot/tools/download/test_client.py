"""Tests of bot/tools/download/client.py."""

import random

import pytest
from aiohttp import web

from bot.tools.download.client import Manners, PoliteClient
from bot.tools.download.errors import RequestRefused, SourceUnreachable
from tests.bot.tools.download.dump_server import QUICK, Bucket, serving


def status(code: int) -> object:
    return lambda _content: web.Response(status=code)


async def read(bucket: Bucket, path: str, manners: Manners = QUICK) -> bytes | None:
    async with serving(bucket), PoliteClient(random.Random(1), manners) as client:
        return await client.read(bucket.url + path)


@pytest.mark.parametrize("code", [429, 500, 503])
async def test_read_when_the_server_is_in_trouble_tries_again(code: int) -> None:
    bucket = Bucket(files={"/a": b"x"}, faults={"/a": [status(code), status(code)]})
    assert await read(bucket, "/a") == b"x"
    assert bucket.asked["/a"] == 3


async def test_read_when_trouble_stays_gives_up_and_says_what() -> None:
    bucket = Bucket(files={"/a": b"x"}, faults={"/a": [status(502)] * 9})
    with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1/a: HTTP 502"):
        await read(bucket, "/a")
    assert bucket.asked["/a"] == QUICK.attempts


async def test_read_when_there_is_no_such_thing_is_none_at_once() -> None:
    bucket = Bucket()
    assert await read(bucket, "/a") is None
    assert bucket.asked["/a"] == 1


async def test_read_when_banned_asks_no_more() -> None:
    bucket = Bucket(files={"/a": b"x"}, faults={"/a": [status(418)]})
    with pytest.raises(SourceUnreachable, match="HTTP 418"):
        await read(bucket, "/a")
    assert bucket.asked["/a"] == 1


async def test_read_when_the_region_is_refused_is_no_network_fault() -> None:
    bucket = Bucket(files={"/a": b"x"}, faults={"/a": [status(451)]})
    with pytest.raises(RequestRefused, match="HTTP 451") as caught:
        await read(bucket, "/a")
    assert caught.value.status == 451


async def test_read_when_nobody_listens_says_so() -> None:
    async with serving(Bucket()) as bucket:
        url = bucket.url
    async with PoliteClient(random.Random(1), QUICK) as client:
        with pytest.raises(SourceUnreachable, match=r"127\.0\.0\.1/a: "):
            await client.read(url + "/a")


async def test_read_when_outside_its_context_is_a_mistake_of_ours() -> None:
    with pytest.raises(RuntimeError, match="outside its context"):
        await PoliteClient(random.Random(1), QUICK).read("http://127.0.0.1:9/a")
