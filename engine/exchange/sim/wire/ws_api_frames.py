"""Frames of the WS API: requests read, replies written. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from engine.exchange.sim.errors import ApiError, SimError
from engine.exchange.sim.wire.gateway import Reply

RequestId = str | int | None


class FrameError(SimError):
    """A frame that is no request; holds the id to answer under, where one could be read."""

    def __init__(self, refusal: ApiError, request_id: RequestId) -> None:
        """Keep the refusal to answer with."""
        super().__init__(refusal.msg)
        self.refusal = refusal
        self.request_id = request_id


@dataclass(frozen=True, slots=True)
class WsRequest:
    """One request frame; decimal numbers keep the text they were sent with."""

    request_id: RequestId
    method: str
    params: Mapping[str, object]


def parse_request(text: str) -> WsRequest:
    """Read one frame.

    Raises:
        FrameError: not a JSON object, an id that is neither text nor integer, no method, parameters
            not an object.
    """
    try:
        # orjson cannot keep the text of a decimal, over which the signature was made.
        body = json.loads(text, parse_float=str)
    except ValueError:
        raise FrameError(ApiError(-1135, "Invalid JSON request"), None) from None
    if not isinstance(body, dict):
        raise FrameError(ApiError(-1135, "Invalid JSON request"), None)
    request_id = body.get("id")
    if isinstance(request_id, bool) or not isinstance(request_id, str | int | None):
        raise FrameError(ApiError(-1135, "Invalid 'id' in JSON request"), None)
    method, params = body.get("method"), body.get("params", {})
    if not isinstance(method, str):
        raise FrameError(ApiError(-1135, "Invalid 'method' in JSON request"), request_id)
    if not isinstance(params, dict):
        raise FrameError(ApiError(-1135, "Invalid 'params' in JSON request"), request_id)
    return WsRequest(request_id, method, params)


def render_reply(
    request_id: RequestId, reply: Reply, rate_limits: Sequence[Mapping[str, Any]] | None
) -> bytes:
    """Write the frame that answers a request; `rate_limits` None leaves them out."""
    frame: dict[str, Any] = {"id": request_id, "status": reply.status}
    if reply.error is not None:
        error = reply.error
        frame["error"] = {"code": error.code or -1000, "msg": error.msg or "Unknown error"}
    elif reply.status == 200:
        frame["result"] = reply.payload
    else:
        frame["error"] = reply.payload
    if rate_limits is not None:
        frame["rateLimits"] = list(rate_limits)
    return orjson.dumps(frame)
