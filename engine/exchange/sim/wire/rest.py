"""REST over HTTP: raw request to Call, Reply to response with the venue's headers."""

from __future__ import annotations

import orjson
from aiohttp import web

from engine.exchange.sim.errors import ApiError
from engine.exchange.sim.wire.endpoints import REST
from engine.exchange.sim.wire.gateway import BrokenConnectionError, Call, Gateway, Reply
from engine.exchange.sim.wire.limits import RateLimiter
from engine.exchange.sim.wire.params import parse_http
from engine.exchange.sim.wire.refusals import gateway_refusal
from engine.exchange.sim.wire.socket_life import raw_query


class RestApi:
    """Answers every `/fapi/...` and `/sapi/...` request."""

    def __init__(self, gateway: Gateway, limiter: RateLimiter) -> None:
        """Serve through `gateway`; `limiter` only supplies the header figures."""
        self._gateway = gateway
        self._limiter = limiter

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; a fault may cut the connection instead."""
        ip = request.remote or ""
        endpoint = REST.get((request.method, request.path))
        if endpoint is None:
            missing = gateway_refusal(-5000, request.path, request.method)
            return json_response(missing.status, orjson.dumps(missing.body()))
        body = (await request.read()).decode(errors="replace")
        try:
            params = parse_http(raw_query(request), body)
        except ApiError as refused:
            return json_response(refused.status, orjson.dumps(refused.body()))
        call = Call(endpoint, params, request.headers.get("X-MBX-APIKEY"), ip, "rest")
        try:
            reply = await self._gateway.serve(call)
        except BrokenConnectionError:
            return _cut(request)
        response = _response(reply)
        response.headers["x-mbx-used-weight-1m"] = str(self._limiter.used_weight(ip))
        if endpoint.new_order and reply.account is not None:
            short, long = self._limiter.order_counts(reply.account)
            response.headers["x-mbx-order-count-10s"] = str(short)
            response.headers["x-mbx-order-count-1m"] = str(long)
        return response


def json_response(status: int, body: bytes) -> web.Response:
    """Return a JSON response around ready bytes."""
    return web.Response(status=status, body=body, content_type="application/json")


def _response(reply: Reply) -> web.Response:
    error = reply.error
    if error is None:
        body = orjson.dumps(reply.payload)
        return json_response(reply.status, body[: len(body) // 2] if reply.truncated else body)
    if error.code is None:
        response = web.Response(
            status=error.status, body=error.body.encode(), content_type=error.content_type
        )
    else:
        body = orjson.dumps({"code": error.code, "msg": error.msg})
        response = json_response(error.status, body)
    response.headers.update(dict(error.headers))
    return response


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
