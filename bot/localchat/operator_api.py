"""The operator's side over HTTP: read, write, press, follow. For the page and for scripts.

GET  /api/messages?after=ID&wait=S   -> [{id, from, text, photo, buttons, edited_at, ...}]
POST /api/messages   {"text"}                 -> the message written
POST /api/press      {"message_id", "data"}   -> {"press_id"}
GET  /api/changes?since=REVISION&run=RUN&wait=S -> what is new, edited, deleted, pinned
GET  /api/commands                            -> [{command, description}]
GET  /api/files/ID                            -> bytes
POST /api/session    {"code"} or {"token"}    -> {"key"}, without a bearer
POST /api/link                                -> {"page_url"}, a new one-time link
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from aiohttp import web

from bot.localchat.access import Keyring
from bot.localchat.content.messages import FileKind
from bot.localchat.content.page_view import item_json
from bot.localchat.errors import OperatorRequestError
from bot.localchat.state.conversation import Conversation
from bot.localchat.state.store import Changes

MAX_WAIT_S: Final = 50.0


class OperatorApi:
    """Handlers of `/api/`; the gate has checked the bearer before.

    Attributes:
        run: names this run of the server; a reader of another run gets everything anew.
    """

    def __init__(
        self, chat: Conversation, keyring: Keyring, run: str, new_page_url: Callable[[], str]
    ) -> None:
        self._chat = chat
        self._keyring = keyring
        self._new_page_url = new_page_url
        self.run = run

    def routes(self) -> list[web.RouteDef]:
        """Routes of the operator's side."""
        return [
            web.post("/api/session", self.open_session),
            web.post("/api/link", self.new_link),
            web.get("/api/messages", self.read_messages),
            web.post("/api/messages", self.write_message),
            web.post("/api/press", self.press_button),
            web.get("/api/changes", self.follow),
            web.get("/api/commands", self.read_commands),
            web.get("/api/files/{file_id}", self.download),
        ]

    async def open_session(self, request: web.Request) -> web.Response:
        """Exchange a one-time code or the token for the page's key."""
        body = await _read_object(request)
        code, token = body.get("code"), body.get("token")
        if isinstance(code, str) and self._keyring.redeem(code):
            return web.json_response({"key": self._keyring.page_key})
        if isinstance(token, str) and self._keyring.is_token(token):
            return web.json_response({"key": self._keyring.page_key})
        raise OperatorRequestError(401, "the link was used already, or the token is wrong")

    async def new_link(self, _: web.Request) -> web.Response:
        """A fresh one-time link for another browser."""
        return web.json_response({"page_url": self._new_page_url()})

    async def read_messages(self, request: web.Request) -> web.Response:
        """Messages with an id above `after`; waits up to `wait` seconds for the first."""
        after, wait = _number(request, "after"), _wait(request)
        store = self._chat.store
        if wait and not store.after(after):
            await self._until_message_after(after, wait)
        return web.json_response([item_json(message) for message in store.after(after)])

    async def write_message(self, request: web.Request) -> web.Response:
        """Write to the bot."""
        text = (await _read_object(request)).get("text")
        if not isinstance(text, str):
            raise OperatorRequestError(400, 'body must be {"text": "..."}')
        return web.json_response(item_json(self._chat.say(text)))

    async def press_button(self, request: web.Request) -> web.Response:
        """Press an inline button; the answer comes as a change named by `press_id`."""
        body = await _read_object(request)
        message_id, data = body.get("message_id"), body.get("data")
        if not isinstance(message_id, int) or not isinstance(data, str):
            raise OperatorRequestError(400, 'body must be {"message_id": 1, "data": "..."}')
        return web.json_response({"press_id": self._chat.press(message_id, data)})

    async def follow(self, request: web.Request) -> web.Response:
        """What changed after a revision; waits up to `wait` seconds for something."""
        since = _number(request, "since")
        if request.query.get("run") != self.run:
            since = 0
        wait = _wait(request)
        if wait and since:
            await self._chat.store.wait_beyond(since, wait)
        return web.json_response(self._changes_json(self._chat.store.changes_since(since)))

    async def read_commands(self, _: web.Request) -> web.Response:
        """The command menu."""
        return web.json_response(self._chat.menu())

    async def download(self, request: web.Request) -> web.Response:
        """Bytes of a photo, or of a document as an attachment."""
        file_id = request.match_info["file_id"]
        stored, data = self._chat.files.find(file_id), self._chat.files.read(file_id)
        if stored is None or data is None:
            raise OperatorRequestError(410, "this file is no longer kept")
        shown = "inline" if stored.kind is FileKind.PHOTO else "attachment"
        headers = {"Content-Disposition": shown}
        return web.Response(body=data, content_type=stored.mime, headers=headers)

    async def _until_message_after(self, message_id: int, seconds: float) -> None:
        store = self._chat.store
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not store.after(message_id) and not self._chat.closed:
                    await store.wait_beyond(store.revision, seconds)

    def _changes_json(self, changes: Changes) -> dict[str, object]:
        return {
            "run": self.run,
            "revision": changes.revision,
            "reset": changes.reset,
            "bot": self._chat.identity.bot.first_name,
            "pinned": self._chat.store.pinned_id,
            "commands": self._chat.menu(),
            "messages": [item_json(message) for message in changes.messages],
            "notes": [{"kind": note.kind, "value": note.value} for note in changes.notes],
        }


async def _read_object(request: web.Request) -> dict[str, object]:
    if request.content_type != "application/json":
        raise OperatorRequestError(415, "send Content-Type: application/json")
    try:
        body = await request.json()
    except ValueError:
        raise OperatorRequestError(400, "body is not JSON") from None
    if not isinstance(body, dict):
        raise OperatorRequestError(400, "body must be a JSON object")
    return body


def _number(request: web.Request, name: str) -> int:
    raw = request.query.get(name, "0")
    if not (raw.isascii() and raw.isdigit()):
        raise OperatorRequestError(400, f"{name}={raw!r}; expected a number, 0 or more")
    return int(raw)


def _wait(request: web.Request) -> float:
    return min(float(_number(request, "wait")), MAX_WAIT_S)
