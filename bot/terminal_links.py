"""The link to the chat page in the terminal: shown at the start, and anew at every Enter.

A browser that has lost its session needs a fresh one-time link, and whoever sits at the terminal
is the operator. Where nobody does (a service, a container, a job in the background) there is the
token of SMCBOT_CHAT_TOKEN instead.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import IO

from bot.terminal import Terminal

_MOST_BYTES = 4096


def show_links(
    terminal: Terminal,
    new_url: Callable[[], str | None],
    stack: AsyncExitStack,
    keys: IO[str] | None = None,
) -> None:
    """Show where the chat is, and again at every Enter until the stack is closed.

    Args:
        terminal: where to.
        new_url: gives a fresh one-time link, None when the chat is on Telegram.
        stack: ends the listening.
        keys: the keyboard, standard input unless given.
    """
    url = new_url()
    reader = _KeyReader(keys or sys.stdin, lambda: terminal.chat(new_url(), renewable=True))
    listens = url is not None and reader.open()
    if listens:
        stack.callback(reader.close)
    terminal.chat(url, renewable=listens)


class _KeyReader:
    """Calls back at every line typed, as long as this process is the one in the foreground."""

    def __init__(self, keys: IO[str] | None, on_enter: Callable[[], None]) -> None:
        self._keys = keys
        self._on_enter = on_enter
        self._fd = -1

    def open(self) -> bool:
        """Begin; False where there is no keyboard."""
        try:
            if self._keys is None or not self._keys.isatty():
                return False
            self._fd = self._keys.fileno()
            if not self._is_foreground():
                return False
            asyncio.get_running_loop().add_reader(self._fd, self._read)
        except (OSError, ValueError, NotImplementedError):
            return False
        return True

    def close(self) -> None:
        """End; may be called twice."""
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._fd = -1

    def _read(self) -> None:
        # A job in the background is stopped by the system when it reads from its terminal.
        if not self._is_foreground() or not self._line():
            self.close()
            return
        self._on_enter()

    def _line(self) -> bytes:
        try:
            return os.read(self._fd, _MOST_BYTES)
        except OSError:
            return b""

    def _is_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:  # the terminal is gone, or was never this process's
            return False
