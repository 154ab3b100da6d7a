"""Stand-ins for the transport: replies by endpoint, and a socket that is up or down."""

from collections import Counter, deque
from typing import Any

from engine.domain.errors import VenueError, VenueUnreachable
from engine.exchange.binance.endpoints import Endpoint
from engine.exchange.binance.limits import Need
from engine.exchange.binance.ws_methods import Method
from tests.engine.exchange.binance.virtual import START_MS


class _Server:
    offset_ms = 0

    def now_ms(self) -> int:
        return START_MS


class FakeRest:
    """Answers each endpoint from its queue (the last answer stays); errors are raised."""

    def __init__(self, answers: dict[Endpoint, Any] | None = None) -> None:
        self._answers = {key: deque(_listed(value)) for key, value in (answers or {}).items()}
        self.calls: list[tuple[Endpoint, dict[str, Any]]] = []
        self.resyncs = 0
        self.server = _Server()

    async def call(self, endpoint: Endpoint, params: dict[str, Any] | None = None) -> Any:
        self.calls.append((endpoint, dict(params or {})))
        return _next(self._answers.get(endpoint), endpoint.path)

    async def resync(self) -> None:
        self.resyncs += 1

    @property
    def counted(self) -> Counter[Endpoint]:
        """How often each endpoint was called."""
        return Counter(endpoint for endpoint, _ in self.calls)


class FakeSocket:
    """The WebSocket API by script; down until answers are given."""

    def __init__(self, answers: dict[Method, Any] | None = None) -> None:
        self._answers = {key: deque(_listed(value)) for key, value in (answers or {}).items()}
        self.is_connected = answers is not None
        self.calls: list[tuple[Method, dict[str, Any]]] = []

    async def request(self, method: Method, params: dict[str, Any], _need: Need) -> Any:
        self.calls.append((method, dict(params)))
        return _next(self._answers.get(method), method.name)


class Sequence(list[Any]):
    """Answers given one after the other (a plain list is one answer)."""


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Sequence) else [value]


def _next(queue: deque[Any] | None, name: str) -> Any:
    if not queue:
        raise VenueUnreachable(f"not scripted: {name}")
    answer = queue.popleft() if len(queue) > 1 else queue[0]
    if isinstance(answer, VenueError):
        raise answer
    return answer
