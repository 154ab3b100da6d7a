from types import SimpleNamespace
from typing import Any

import pytest

from bot.vitals import (
    BACKLOG,
    UNWRITTEN,
    account_trouble,
    chat_trouble,
    engine_trouble,
    journal_trouble,
    market_trouble,
)
from engine.domain.order import Book


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


class Writer:
    def __init__(self, waiting: int, *, failing: bool) -> None:
        self.waiting = waiting
        self.is_failing = failing

    def __len__(self) -> int:
        return self.waiting


@pytest.mark.parametrize(
    ("waiting", "failing", "trouble"),
    [
        (0, False, ""),
        (UNWRITTEN, False, ""),
        (UNWRITTEN + 1, False, "5,001 records are not written yet"),
        (1, True, "the journal cannot be written"),
    ],
)
def test_journal_when_it_refuses_or_too_much_waits_is_in_trouble(
    waiting: int, failing: bool, trouble: str
):
    one: Any = SimpleNamespace(writer=Writer(waiting, failing=failing))

    assert journal_trouble(one) == trouble


@pytest.mark.parametrize(
    ("hearing", "books", "trouble"),
    [
        (None, (Book.LIVE,), ""),
        (True, (Book.LIVE,), ""),
        (False, (), ""),
        (False, (Book.PAPER,), ""),
        (
            False,
            (Book.PAPER, Book.LIVE, Book.LIVE),
            "the account is not heard while 2 live positions are open",
        ),
    ],
)
def test_account_when_it_is_not_heard_with_live_positions_open_is_in_trouble(
    hearing: bool | None, books: tuple[Book, ...], trouble: str
):
    positions = tuple(SimpleNamespace(book=book) for book in books)
    engine = SimpleNamespace(snapshot=lambda _now: SimpleNamespace(positions=positions))
    one: Any = SimpleNamespace(engine=engine, clock=SimpleNamespace(instant=lambda: None))
    account = None if hearing is None else SimpleNamespace(is_hearing=hearing)
    link: Any = SimpleNamespace(account=account)

    assert account_trouble(one, link) == trouble


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
