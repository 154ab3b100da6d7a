"""`python -m bot.charts.worker`: reads requests from stdin, writes pictures to stdout.

Ends when its stdin does, which is also what happens when the bot dies.
"""

import os
import sys
import warnings
from typing import BinaryIO

from bot.charts.wire import MAX_FRAME_BYTES, PREFIX_BYTES, frame

NICENESS = 10


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer one request after the other until the source ends."""
    from bot.charts.drawing import draw  # noqa: PLC0415 - the slow import, after the setup

    while (body := read_frame(source)) is not None:
        try:
            answer = b"+" + draw(body)
        except Exception as error:  # noqa: BLE001 - whatever it was, the bot is told and logs it
            answer = b"-" + f"{type(error).__name__}: {error}".encode()
        sink.write(frame(answer))
        sink.flush()


def read_frame(source: BinaryIO) -> bytes | None:
    """Return the next frame, None at the end or when a frame is cut or absurd."""
    prefix = source.read(PREFIX_BYTES)
    length = int.from_bytes(prefix, "big")
    if len(prefix) < PREFIX_BYTES or length > MAX_FRAME_BYTES:
        return None
    body = source.read(length)
    return body if len(body) == length else None


def main() -> None:
    """Give way to the bot, keep stdout clean, serve."""
    os.nice(NICENESS)
    warnings.simplefilter("ignore")
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # a stray print must not end up between two frames
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
