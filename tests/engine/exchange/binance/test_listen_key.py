import asyncio
from collections import deque
from typing import Any

import pytest

from engine.domain.errors import VenueError, VenueRejected, VenueUnreachable
from engine.exchange.binance.endpoints import EXTEND_LISTEN_KEY, START_LISTEN_KEY, Endpoint
from engine.exchange.binance.limits import Need
from engine.exchange.binance.listen_key import ListenKeyGone, ListenKeys
from engine.exchange.binance.ws_methods import Method
from tests.engine.exchange.binance.virtual import run_virtual

GONE = VenueRejected(-1125, "This listenKey does not exist.")
DOWN = VenueUnreachable("down")


class FakeRest:
    """Answers by script and remembers what was called."""

    def __init__(self, *answers: Any) -> None:
        self._answers = deque(answers)
        self.called: list[Endpoint] = []

    async def call(self, endpoint: Endpoint) -> Any:
        self.called.append(endpoint)
        return _next(self._answers)


class FakeSocket:
    """Answers pings by script."""

    def __init__(self, *answers: Any) -> None:
        self._answers = deque(answers)
        self.asked: list[str] = []

    async def request(self, method: Method, _params: dict[str, Any], _need: Need) -> Any:
        self.asked.append(method.name)
        return _next(self._answers)


def _next(answers: deque[Any]) -> Any:
    answer = answers.popleft() if len(answers) > 1 else answers[0]
    if isinstance(answer, VenueError):
        raise answer
    return answer


def _keys(rest: FakeRest, socket: FakeSocket) -> ListenKeys:
    return ListenKeys(rest, socket, 1800.0)  # type: ignore[arg-type]


async def _keep(keys: ListenKeys, seconds: float) -> bool:
    """Keep the key alive for a while; True when it was kept to the end."""
    try:
        async with asyncio.timeout(seconds):
            await keys.keep_alive("key")
    except TimeoutError:
        return True
    return False


def test_obtain_when_given_returns_the_key() -> None:
    rest = FakeRest({"listenKey": "key"})
    assert run_virtual(_keys(rest, FakeSocket(DOWN)).obtain) == "key"
    assert rest.called == [START_LISTEN_KEY]


@pytest.mark.parametrize("answer", [{}, {"listenKey": 5}, DOWN])
def test_obtain_when_not_given_raises_a_venue_error(answer: Any) -> None:
    with pytest.raises(VenueUnreachable):
        run_virtual(_keys(FakeRest(answer), FakeSocket(DOWN)).obtain)


def test_keep_alive_when_the_socket_is_up_never_uses_rest() -> None:
    rest, socket = FakeRest(DOWN), FakeSocket({"listenKey": "key"})
    keys = _keys(rest, socket)
    assert run_virtual(lambda: _keep(keys, 86_400))
    assert socket.asked == ["userDataStream.ping"] * 47
    assert rest.called == []
    assert keys.extensions == 47


@pytest.mark.parametrize("problem", [DOWN, VenueRejected(-5000, "unknown method")])
def test_keep_alive_when_the_socket_cannot_falls_back_to_rest(problem: VenueError) -> None:
    rest = FakeRest({})
    assert run_virtual(lambda: _keep(_keys(rest, FakeSocket(problem)), 2000))
    assert rest.called == [EXTEND_LISTEN_KEY]


def test_keep_alive_when_both_fail_tries_again_each_minute_within_the_hour() -> None:
    rest = FakeRest(DOWN, DOWN, {"listenKey": "key"})
    assert run_virtual(lambda: _keep(_keys(rest, FakeSocket(DOWN)), 3600))
    assert len(rest.called) == 3


@pytest.mark.parametrize(
    ("rest", "socket"),
    [
        (FakeRest(DOWN), FakeSocket(GONE)),
        (FakeRest(GONE), FakeSocket(DOWN)),
        (FakeRest(DOWN), FakeSocket({"listenKey": "another"})),
        (FakeRest(VenueRejected(-2015, "key revoked")), FakeSocket(DOWN)),
    ],
)
def test_keep_alive_when_the_key_is_gone_says_so(rest: FakeRest, socket: FakeSocket) -> None:
    with pytest.raises(ListenKeyGone):
        run_virtual(lambda: _keep(_keys(rest, socket), 2000))
