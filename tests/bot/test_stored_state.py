import pytest

from bot.stored_state import paper_state, with_mode
from engine.domain.events import StateRestored
from engine.domain.signal import Mode


def restored(**settings: str) -> StateRestored:
    return StateRestored(settings=settings, trades=(), intents=(), fills=(), recent=())


@pytest.mark.parametrize(
    ("stored", "highest", "expected"),
    [
        ("live", Mode.PAPER, "paper"),
        ("live", None, "live"),
        ("signals", Mode.LIVE, "signals"),
        ("nonsense", Mode.PAPER, "nonsense"),
    ],
)
def test_stored_mode_when_a_flag_is_given_is_only_ever_lowered(stored, highest, expected):
    assert with_mode(restored(mode=stored), highest, Mode.SIGNALS).settings["mode"] == expected


@pytest.mark.parametrize("highest", [None, Mode.PAPER])
def test_first_mode_when_none_is_stored_is_the_asked_one_and_kept(highest):
    """A first start with --mode paper came back in signals mode, with its positions open."""
    assert with_mode(restored(), highest, Mode.PAPER).settings["mode"] == "paper"


def test_paper_state_when_unreadable_is_none():
    assert paper_state("{broken") is None
    assert paper_state(None) is None
    assert paper_state('{"format": 1}') == {"format": 1}
