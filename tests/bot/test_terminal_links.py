import asyncio
import io
import os
import pty
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack

import pytest
from rich.console import Console

from bot import terminal_links
from bot.terminal import Terminal
from bot.terminal_links import show_links


class Links:
    """Counts the links it gives."""

    def __init__(self) -> None:
        self.given = 0

    def __call__(self) -> str:
        self.given += 1
        return f"http://127.0.0.1:8787/#code={self.given}"


class Screen:
    """A terminal whose words are kept."""

    def __init__(self) -> None:
        self.output = io.StringIO()
        self.terminal = Terminal(Console(file=self.output, width=100, highlight=False))

    @property
    def text(self) -> str:
        return self.output.getvalue()


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, io.TextIOWrapper]]:
    """A pseudo terminal: where keys are pressed, and where they are read."""
    monkeypatch.setattr(terminal_links._KeyReader, "_is_foreground", lambda _: True)
    master, slave = pty.openpty()
    with os.fdopen(slave, "r") as keys:
        yield master, keys
    os.close(master)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - a key comes over a real terminal
            await asyncio.sleep(0.005)


async def test_link_when_enter_is_pressed_is_shown_anew(keyboard):
    master, keys = keyboard
    screen, links = Screen(), Links()
    async with AsyncExitStack() as stack:
        show_links(screen.terminal, links, stack, keys)
        assert "#code=1" in screen.text
        assert "Enter shows a new one." in screen.text

        os.write(master, b"\n")
        await until(lambda: "#code=2" in screen.text)


async def test_link_when_the_run_is_over_is_shown_no_more(keyboard):
    master, keys = keyboard
    links = Links()
    async with AsyncExitStack() as stack:
        show_links(Screen().terminal, links, stack, keys)

    os.write(master, b"\n")
    await asyncio.sleep(0.05)

    assert links.given == 1


async def test_keys_when_the_job_goes_to_the_background_are_left_alone(keyboard, monkeypatch):
    master, keys = keyboard
    screen, links = Screen(), Links()
    async with AsyncExitStack() as stack:
        show_links(screen.terminal, links, stack, keys)
        monkeypatch.setattr(terminal_links._KeyReader, "_is_foreground", lambda _: False)

        os.write(master, b"ls\n")
        await asyncio.sleep(0.05)

    assert links.given == 1
    assert os.read(keys.fileno(), 10) == b"ls\n"  # still there for whoever is in front


async def test_keys_when_the_terminal_is_gone_are_read_no_more(monkeypatch):
    """The loop would call for ever: a terminal that was hung up always has something to read."""
    looks: list[int] = [os.getpgrp()]

    def foreground(_fd: int) -> int:
        if not looks:
            raise OSError(5, "Input/output error")
        return looks.pop()

    monkeypatch.setattr(terminal_links.os, "tcgetpgrp", foreground)
    master, slave = pty.openpty()
    links = Links()
    removed = asyncio.Event()
    loop = asyncio.get_running_loop()
    remove = loop.remove_reader
    monkeypatch.setattr(loop, "remove_reader", lambda fd: (removed.set(), remove(fd))[1])
    with os.fdopen(slave, "r") as keys:
        async with AsyncExitStack() as stack:
            show_links(Screen().terminal, links, stack, keys)
            os.close(master)
            await asyncio.wait_for(removed.wait(), 5)

    assert links.given == 1


async def test_link_when_there_is_no_keyboard_is_shown_once_without_the_hint():
    screen = Screen()
    async with AsyncExitStack() as stack:
        show_links(screen.terminal, Links(), stack, io.StringIO())

    assert "#code=1" in screen.text
    assert "Enter" not in screen.text


async def test_terminal_when_the_chat_is_on_telegram_reads_no_keys(keyboard):
    screen = Screen()
    async with AsyncExitStack() as stack:
        show_links(screen.terminal, lambda: None, stack, keyboard[1])

    assert "Telegram" in screen.text


async def test_keys_when_the_terminal_is_nobodys_own_are_not_read():
    master, slave = pty.openpty()  # no process has it as its terminal: there is no foreground
    screen = Screen()
    with os.fdopen(slave, "r") as keys:
        async with AsyncExitStack() as stack:
            show_links(screen.terminal, Links(), stack, keys)
    os.close(master)

    assert "Enter" not in screen.text
