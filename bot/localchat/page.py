"""The browser page: a handful of static files, read once and served from memory."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from aiohttp import web

from bot.localchat.errors import OperatorRequestError

MEDIA_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


class Page:
    """Serves `static/`; `/` is its index.html."""

    def __init__(self) -> None:
        folder = files("bot.localchat").joinpath("static")
        self._files = {entry.name: entry.read_bytes() for entry in folder.iterdir()}

    @property
    def weight(self) -> int:
        """Bytes of all files together."""
        return sum(map(len, self._files.values()))

    def routes(self) -> list[web.RouteDef]:
        """Routes of the page."""
        return [web.get("/", self.serve), web.get("/static/{name}", self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        """One file of the page."""
        name = request.match_info.get("name", "index.html")
        suffix = "." + name.rpartition(".")[2]
        if name not in self._files or suffix not in MEDIA_TYPES:
            raise OperatorRequestError(404, "not found")
        return web.Response(
            body=self._files[name], content_type=MEDIA_TYPES[suffix], charset="utf-8"
        )
