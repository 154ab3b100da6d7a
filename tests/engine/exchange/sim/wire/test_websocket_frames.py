"""Frames are what a real WebSocket client parser reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from engine.exchange.sim.wire.websocket_frames import (
    close_frame,
    ping_frame,
    pong_frame,
    text_frame,
)


def read_back(data: bytes) -> list[Frame]:
    """Parse server frames with the sans-I/O client of the websockets library."""
    client = ClientProtocol(parse_uri("ws://localhost"), state=OPEN, max_size=None)
    client.receive_data(data)
    return [event for event in client.events_received() if isinstance(event, Frame)]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_text_frame_when_any_length_form_is_needed_reads_back(size: int) -> None:
    payload = b"x" * size

    assert read_back(text_frame(payload)) == [Frame(Opcode.TEXT, payload)]


@given(st.lists(st.text(max_size=300), max_size=20))
def test_text_frames_when_joined_into_one_write_read_back_in_order(texts: list[str]) -> None:
    blob = b"".join(text_frame(text.encode()) for text in texts)

    assert [frame.data.decode() for frame in read_back(blob)] == texts


def test_control_frames_when_sent_read_back() -> None:
    frames = read_back(ping_frame(b"17") + pong_frame(b"18") + close_frame(1008, "too many"))

    assert [(frame.opcode, frame.data) for frame in frames[:2]] == [
        (Opcode.PING, b"17"),
        (Opcode.PONG, b"18"),
    ]
    assert Close.parse(frames[2].data) == Close(1008, "too many")
