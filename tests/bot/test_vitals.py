from types import SimpleNamespace
from typing import Any

import pytest

from bot.vitals import BACKLOG, chat_trouble, engine_trouble, market_trouble


def machine(*, deciding: bool = True, waiting: int = 0, blind: int = 0, symbols: int = 530) -> Any:
    feeds = SimpleNamespace(symbols=range(symbols), blind=range(blind))
    return SimpleNamespace(
        is_deciding=deciding,
        mailbox=range(waiting),
        scanner=SimpleNamespace(feeds=feeds),
    )


def front(silent_s: float | None) -> Any:
    return SimpleNamespace(silent_for_s=lambda: silent_s)


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ({}, ""),
        ({"deciding": False}, "the engine is not running"),
        ({"waiting": BACKLOG}, ""),
        ({"waiting": BACKLOG + 1}, "the engine is 10,001 events behind"),
    ],
)
def test_engine_when_it_stands_or_lags_is_in_trouble(state: dict[str, Any], trouble: str):
    assert engine_trouble(machine(**state)) == trouble


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ({}, ""),
        ({"symbols": 0}, "no symbol is scanned"),
        ({"blind": 53}, ""),
        ({"blind": 54}, "54 of 530 symbols are blind"),
    ],
)
def test_market_when_more_than_a_tenth_is_blind_is_in_trouble(state: dict[str, Any], trouble: str):
    assert market_trouble(machine(**state)) == trouble


@pytest.mark.parametrize(
    ("silent_s", "trouble"),
    [
        (None, "the chat is not connected"),
        (89.0, ""),
        (120.0, "the chat is deaf for 120 s"),
    ],
)
def test_chat_when_nothing_is_heard_is_in_trouble(silent_s: float | None, trouble: str):
    assert chat_trouble(front(silent_s)) == trouble
