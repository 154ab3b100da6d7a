import gc

from bot.memory import settle_memory


def test_memory_when_settled_is_not_looked_at_again():
    try:
        settle_memory()

        assert gc.get_freeze_count() > 0
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()
