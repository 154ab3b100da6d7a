"""A socket writes once per flush and cuts off a reader that is too slow."""

import asyncio
from unittest.mock import Mock

from engine.exchange.sim.wire.connection import Connection
from engine.exchange.sim.wire.stream_names import Route
from engine.exchange.sim.wire.websocket_frames import close_frame, text_frame


class Transport:
    """Records writes; says how much is unread."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.unread = 0
        self.aborted = False

    def is_closing(self) -> bool:
        return self.aborted

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def get_write_buffer_size(self) -> int:
        return self.unread

    def abort(self) -> None:
        self.aborted = True


def connection(transport: Transport, *, combined: bool = False, limit: int = 1000) -> Connection:
    loop = Mock(spec=asyncio.AbstractEventLoop)
    made = Connection(
        transport,  # type: ignore[arg-type]
        loop,
        Route.MARKET,
        combined=combined,
        buffer_limit=limit,
    )
    made.remember("a@kline_1m", "a@kline_1m")
    return made


def test_flush_when_several_frames_wait_writes_once() -> None:
    transport = Transport()
    socket = connection(transport)

    socket.queue("a@kline_1m", b"1")
    socket.queue("a@kline_1m", b"2")
    socket.flush()
    socket.flush()

    assert transport.writes == [text_frame(b"1") + text_frame(b"2")]


def test_queue_when_combined_wraps_under_the_label() -> None:
    transport = Transport()
    socket = connection(transport, combined=True)

    socket.queue("a@kline_1m", b'{"e":1}')
    socket.flush()

    assert transport.writes == [text_frame(b'{"stream":"a@kline_1m","data":{"e":1}}')]


def test_flush_when_the_reader_is_too_slow_cuts_the_socket() -> None:
    transport = Transport()
    socket = connection(transport)
    transport.unread = 1001

    socket.queue("a@kline_1m", b"1")
    socket.flush()

    assert transport.aborted
    assert socket.closed
    assert socket.dropped_as_slow


def test_close_when_asked_sends_waiting_frames_and_one_close() -> None:
    transport = Transport()
    socket = connection(transport)

    socket.queue("a@kline_1m", b"1")
    socket.close(1001, "bye")
    socket.close(1001, "bye")
    socket.reply(b"late")

    assert transport.writes == [text_frame(b"1"), close_frame(1001, "bye")]


def test_reply_when_data_waits_comes_after_it() -> None:
    transport = Transport()
    socket = connection(transport)

    socket.queue("a@kline_1m", b"1")
    socket.reply(b"ack")

    assert transport.writes == [text_frame(b"1") + text_frame(b"ack")]
