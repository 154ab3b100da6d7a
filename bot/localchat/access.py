"""Who may talk to the server: loopback hosts, same-origin pages, holders of a secret.

A web page elsewhere can make a browser send requests here, also under a foreign name that
resolves to 127.0.0.1. It is stopped three times: by the Host header, by Origin and
Sec-Fetch-Site, and because no request carries authority by itself: there is no cookie, the
bearer must be added by whoever knows it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from bot.localchat.errors import OperatorRequestError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "::1")
MAX_OPEN_CODES: Final = 8
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Keyring:
    """The operator's secrets: the bearer token, the page's key, one-time codes for links.

    The page's key is derived from the token: with a fixed token an open page goes on working
    after a restart of the bot.
    """

    def __init__(self, token: str, new_secret: Callable[[], str]) -> None:
        if not token:
            raise ValueError("chat token is empty; give at least one character")
        self._token = token
        self._new_secret = new_secret
        self._codes: deque[str] = deque(maxlen=MAX_OPEN_CODES)
        self.page_key = hmac.new(token.encode(), b"local chat page", hashlib.sha256).hexdigest()

    def new_code(self) -> str:
        """A code that opens the page once; the newest eight are valid until used."""
        code = self._new_secret()
        self._codes.append(code)
        return code

    def redeem(self, code: str) -> bool:
        """Use up a code; whether it was valid."""
        matching = [open_code for open_code in self._codes if _same(open_code, code)]
        for used in matching:
            self._codes.remove(used)
        return bool(matching)

    def is_token(self, token: str) -> bool:
        """Whether this is the operator's token."""
        return _same(token, self._token)

    def admits(self, authorization: str) -> bool:
        """Whether an Authorization header holds the token or the page's key."""
        scheme, _, secret = authorization.partition(" ")
        known = self.is_token(secret), _same(secret, self.page_key)
        return scheme.lower() == "bearer" and any(known)


class Gate:
    """The middleware every request passes."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._hosts: frozenset[str] = frozenset()

    def open(self, port: int) -> None:
        """Answer requests for the loopback names at this port, and no other."""
        names = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = frozenset(f"{name}:{port}" for name in names)

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Judge the request, run the handler, put the headers on whatever comes out."""
        try:
            self._judge(request)
            response = await handler(request)
        except OperatorRequestError as error:
            response = web.json_response({"error": error.message}, status=error.status)
        except web.HTTPException as error:
            reason = error.reason.lower()
            response = web.json_response({"error": reason}, status=error.status)
        response.headers.update(HEADERS)
        return response

    def _judge(self, request: web.Request) -> None:
        if request.headers.get("Host", "").lower() not in self._hosts:
            raise OperatorRequestError(403, "this server answers only on its loopback address")
        if request.path.startswith("/api/"):
            self._judge_operator(request)
        elif request.path.startswith(("/bot", "/file/bot")) and _from_a_browser(request):
            raise OperatorRequestError(403, "the Bot API is not for web pages")

    def _judge_operator(self, request: web.Request) -> None:
        origin = request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://").lower() not in self._hosts:
            raise OperatorRequestError(403, "requests from other origins are refused")
        if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
            raise OperatorRequestError(403, "requests from other sites are refused")
        if request.path == "/api/session":
            return
        if not self._keyring.admits(request.headers.get("Authorization", "")):
            raise OperatorRequestError(401, "send Authorization: Bearer <token>")


def _from_a_browser(request: web.Request) -> bool:
    return "Origin" in request.headers or "Sec-Fetch-Site" in request.headers


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
