"""Work for tests of workers: importable, so that other processes find it."""

import os
import signal
from pathlib import Path

from models.errors import ResearchError


def square(number: int) -> int:
    return number * number


def process(_: object) -> int:
    return os.getpid()


def size(content: bytes) -> int:
    return len(content)


def refuse(number: int) -> int:
    if number == 3:
        raise ResearchError("three is refused")
    return number


class DemandingError(Exception):
    """Cannot be unpickled: it wants two arguments and keeps one."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)
        self.two = two


def demand(_: object) -> int:
    raise DemandingError("one", "two")


def mark_and_die(folder: Path) -> None:
    """Leave a trace of having been called and kill the own process."""
    (folder / str(os.getpid())).touch()
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(folder: Path) -> str:
    """Kill the own process the first time, answer the second."""
    trace = folder / "died"
    if not trace.exists():
        trace.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def die(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
