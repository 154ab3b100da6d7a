from types import SimpleNamespace

from engine.domain.effects import CancelOrder, SubmitOrder, TakeSnapshot
from engine.domain.order import Book
from engine.execution.router import BookHands, Router
from tests.engine.execution.conftest import intent


def hands(name, log):
    executor = SimpleNamespace(
        submit=lambda wish: log.append((name, "submit", wish)),
        cancel=lambda effect: log.append((name, "cancel", effect)),
    )
    reconciler = SimpleNamespace(request=lambda why: log.append((name, "snapshot", why)))
    return BookHands(executor, reconciler)


def test_router_when_effects_name_a_book_reaches_only_that_book():
    log = []
    router = Router({book: hands(book, log) for book in Book})
    cancel = CancelOrder(Book.PAPER, "AUSDT", "id", conditional=False)

    router.submit(SubmitOrder(intent()))
    router.cancel(cancel)
    router.snapshot(TakeSnapshot(Book.LIVE, "doubt"))

    assert log == [
        (Book.LIVE, "submit", intent()),
        (Book.PAPER, "cancel", cancel),
        (Book.LIVE, "snapshot", "doubt"),
    ]
