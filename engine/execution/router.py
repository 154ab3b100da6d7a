"""Which book an effect goes to."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain.effects import CancelOrder, SubmitOrder, TakeSnapshot
from engine.domain.order import Book
from engine.execution.executor import Executor
from engine.execution.reconciler import Reconciler


@dataclass(frozen=True, slots=True)
class BookHands:
    """Everything that acts for one book."""

    executor: Executor
    reconciler: Reconciler


class Router:
    """Sends each effect to the executor of its book; a position stays in its book for life."""

    def __init__(self, books: Mapping[Book, BookHands]) -> None:
        self._books = dict(books)

    def submit(self, effect: SubmitOrder) -> None:
        """Send an order."""
        self._books[effect.intent.book].executor.submit(effect.intent)

    def cancel(self, effect: CancelOrder) -> None:
        """Cancel an order."""
        self._books[effect.book].executor.cancel(effect)

    def snapshot(self, effect: TakeSnapshot) -> None:
        """Ask for the venue's truth."""
        self._books[effect.book].reconciler.request(effect.reason)
