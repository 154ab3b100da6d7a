"""A venue's dump bucket and REST candles on loopback, with faults on order."""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import polars as pl
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.tools.download.client import Manners
from tests.models.sources import MINUTE_MS, market

QUICK = Manners(at_once=2, attempts=3, first_wait_s=0.0, most_wait_s=0.0, timeout_s=5)
HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)
Fault = Callable[[bytes], web.Response]


def rows(start_ms: int, size: int, *, seed: int = 1, per_ms: int = 1) -> list[str]:
    """Return CSV lines of minutes; `per_ms` 1000 writes times in microseconds."""
    frame = market(seed, size, start_ms)
    return [
        f"{at * per_ms},{o},{h},{low},{c},2.5,{(at + MINUTE_MS) * per_ms - 1},{q},7,1.5,150.0,0\n"
        for at, o, h, low, c, q in frame.with_columns(
            pl.col("open_time").dt.epoch("ms")
        ).iter_rows()
    ]


def zipped(text: str, name: str = "x.csv") -> bytes:
    """Return a zip with one file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return target.getvalue()


@dataclass
class Bucket:
    """What the server has, what it does wrong, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    rest: dict[str, list[list[object]]] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    url: str = ""
    refuse_rest: int = 0

    def put(self, path: str, lines: list[str], *, header: bool = False) -> None:
        """Offer a dump and its checksum."""
        content = zipped((HEADER if header else "") + "".join(lines))
        self.files[path] = content
        digest = hashlib.sha256(content).hexdigest()
        self.files[path + ".CHECKSUM"] = f"{digest}  {path.rsplit('/', 1)[-1]}\n".encode()

    def put_rest(self, symbol: str, lines: list[str]) -> None:
        """Let REST know these candles."""
        self.rest[symbol] = [
            [int(cells[0]), *cells[1:6], int(cells[6]), cells[7], int(cells[8]), *cells[9:]]
            for cells in (line.strip().split(",") for line in lines)
        ]

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path
        self.asked[path] += 1
        if path.endswith("/klines"):
            return self._klines(request)
        content = self.files.get(path)
        if content is None:
            return web.Response(status=404)
        if self.faults.get(path):
            return self.faults[path].pop(0)(content)
        return web.Response(body=content)

    def _klines(self, request: web.Request) -> web.Response:
        if self.refuse_rest:
            return web.Response(status=self.refuse_rest)
        known = self.rest.get(request.query["symbol"])
        if known is None:
            return web.json_response({"code": -1121, "msg": "Invalid symbol."}, status=400)
        first, last = int(request.query["startTime"]), int(request.query["endTime"])
        found = [row for row in known if first <= int(str(row[0])) <= last]
        return web.json_response(found[: int(request.query["limit"])])


@asynccontextmanager
async def serving(bucket: Bucket) -> AsyncIterator[Bucket]:
    """Serve the bucket on loopback."""
    app = web.Application()
    app.router.add_get("/{path:.*}", bucket.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    bucket.url = str(server.make_url("")).rstrip("/")
    try:
        yield bucket
    finally:
        await server.close()
