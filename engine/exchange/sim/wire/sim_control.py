"""The `/sim/...` door: clock, summary and faults. Loopback only, and plainly not Binance's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

import orjson
from aiohttp import web

from engine.exchange.sim.clock import SimClock
from engine.exchange.sim.faults import FaultBox, FaultRule
from engine.exchange.sim.wire.fault_json import FaultJsonError, Immediate, parse_fault
from engine.exchange.sim.wire.rest import json_response


class SimControl:
    """Answers `/sim/clock`, `/sim/summary` and `/sim/faults`."""

    def __init__(
        self,
        clock: SimClock,
        faults: FaultBox,
        *,
        summary: Callable[[], Mapping[str, Any]],
        strike: Callable[[Immediate], None],
    ) -> None:
        """Read figures from `summary`, carry out immediate faults through `strike`."""
        self._clock = clock
        self._faults = faults
        self._summary = summary
        self._strike = strike

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request from this machine; others are told there is nothing here."""
        if not _from_here(request.remote):
            return web.Response(status=404)
        match request.method, request.path:
            case "GET", "/sim/clock":
                return _json(self._clock.describe())
            case "GET", "/sim/summary":
                return _json(self._summary())
            case "GET", "/sim/faults":
                return _json(self._faults_view())
            case "POST", "/sim/faults":
                return self._arm(await request.read())
            case "DELETE", "/sim/faults":
                self._faults.clear()
                return _json(self._faults_view())
            case _:
                return web.Response(status=404)

    def _faults_view(self) -> dict[str, Any]:
        return {
            "armed": {str(number): repr(rule) for number, rule in self._faults.rules.items()},
            "struck": dict(self._faults.struck),
        }

    def _arm(self, text: bytes) -> web.Response:
        try:
            body = orjson.loads(text)
            if not isinstance(body, dict):
                raise FaultJsonError("a fault is a JSON object")
            fault = parse_fault(body)
        except (orjson.JSONDecodeError, FaultJsonError) as error:
            return json_response(400, orjson.dumps({"error": str(error)}))
        if isinstance(fault, FaultRule):
            return _json({"armed": self._faults.arm(fault)})
        self._strike(fault)
        return _json({"done": type(fault).__name__})


def _json(body: Mapping[str, Any]) -> web.Response:
    return json_response(200, orjson.dumps(body))


def _from_here(remote: str | None) -> bool:
    try:
        return remote is not None and ip_address(remote).is_loopback
    except ValueError:
        return False
