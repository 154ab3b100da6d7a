import ctypes
import gc

import pytest

from bot.memory import give_back, settle_memory


def test_memory_when_settled_is_not_looked_at_again():
    try:
        settle_memory()

        assert gc.get_freeze_count() > 0
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()


def test_memory_when_given_back_asks_the_c_library_for_all_of_it(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []

    class Library:
        def malloc_trim(self, kept: int) -> int:
            asked.append(kept)
            return 1

    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Library())
    assert give_back()
    assert asked == [0]


@pytest.mark.parametrize("failure", [AttributeError, OSError, TypeError])
def test_memory_when_the_c_library_has_no_such_call_stays(
    monkeypatch: pytest.MonkeyPatch, failure: type[Exception]
):
    def absent(_name: None) -> None:
        raise failure

    monkeypatch.setattr(ctypes, "CDLL", absent)
    assert not give_back()
