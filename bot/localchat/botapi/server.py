"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web

from bot.localchat.botapi import account, editing, sending
from bot.localchat.botapi.params import Params, read_params
from bot.localchat.errors import BotApiError, bad_request
from bot.localchat.faults import Fault, FaultKind, Faults
from bot.localchat.state.conversation import Conversation
from bot.localchat.state.updates import MAX_BATCH

Method = Callable[[Conversation, Params], object]

MAX_POLL_S: Final = 50
METHODS: Final[Mapping[str, Method]] = {
    "getme": account.get_me,
    "getchat": account.get_chat,
    "sendchataction": account.send_chat_action,
    "answercallbackquery": account.answer_callback_query,
    "setmycommands": account.set_my_commands,
    "getmycommands": account.get_my_commands,
    "deletemycommands": account.delete_my_commands,
    "getfile": account.get_file,
    "deletewebhook": account.delete_webhook,
    "getwebhookinfo": account.get_webhook_info,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendmediagroup": sending.send_media_group,
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagemedia": editing.edit_message_media,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    "pinchatmessage": editing.pin_chat_message,
    "unpinchatmessage": editing.unpin_chat_message,
    "unpinallchatmessages": editing.unpin_all_chat_messages,
}
_GATEWAY_PAGE: Final = "<html><body><h1>Bad Gateway</h1></body></html>"


class BotApiServer:
    """Answers a bot's calls on the conversation, faults included."""

    def __init__(self, chat: Conversation, faults: Faults) -> None:
        self._chat = chat
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Routes of the bot's side."""
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self.call),
            web.get("/file/bot{token:[^/]+}/{kind}/{file_id}/{name}", self.download),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """One method call."""
        method = request.match_info["method"].lower()
        if not self._known(request.match_info["token"]):
            return _refusal(BotApiError(401, "Unauthorized"))
        fault = self._faults.take(method)
        if fault is not None and fault.kind is FaultKind.GATEWAY:
            return web.Response(status=fault.status, text=_GATEWAY_PAGE, content_type="text/html")
        try:
            answer = web.json_response(
                {"ok": True, "result": await self._run(method, request, fault)}
            )
        except BotApiError as error:
            return _refusal(error)
        if fault is not None and fault.kind is FaultKind.LOSE_ANSWER:
            _hang_up(request)
        return answer

    async def download(self, request: web.Request) -> web.Response:
        """A file the bot asked the address of with getFile."""
        if not self._known(request.match_info["token"]):
            return _refusal(BotApiError(401, "Unauthorized"))
        data = self._chat.files.read(request.match_info["file_id"])
        if data is None:
            return _refusal(BotApiError(404, "Not Found"))
        return web.Response(body=data, content_type="application/octet-stream")

    def _known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._chat.identity.bot_token.encode())

    async def _run(self, method: str, request: web.Request, fault: Fault | None) -> object:
        if fault is not None and fault.error is not None:
            raise fault.error
        if fault is not None and fault.kind is FaultKind.DELAY:
            await self._faults.hold(fault.seconds)
        params = await read_params(request)
        if method == "getupdates":
            return await self._get_updates(params, request)
        if method not in METHODS:
            raise BotApiError(404, "Not Found: method not found")
        return METHODS[method](self._chat, params)

    async def _get_updates(self, params: Params, request: web.Request) -> object:
        if self._faults.deaf:
            await self._faults.until_hearing()
            _hang_up(request)
        allowed = params.json("allowed_updates")
        if isinstance(allowed, list):
            self._chat.updates.allow([str(kind) for kind in allowed])
        elif allowed is not None:
            raise bad_request("can't parse allowed_updates JSON object")
        limit = params.integer("limit")
        return await self._chat.updates.poll(
            offset=params.integer("offset") or 0,
            limit=MAX_BATCH if limit is None else max(1, min(limit, MAX_BATCH)),
            seconds=max(0, min(params.integer("timeout") or 0, MAX_POLL_S)),
        )


def _refusal(error: BotApiError) -> web.Response:
    row: dict[str, object] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    headers = {}
    if error.retry_after is not None:
        row["parameters"] = {"retry_after": error.retry_after}
        headers["Retry-After"] = str(error.retry_after)
    return web.json_response(row, status=error.code, headers=headers)


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
