"""The error of the comparison is one of the engine's, so that the command line tells it."""

from bot.parity.errors import ParityError
from engine.domain.errors import EngineError


def test_error_when_raised_is_told_like_every_other():
    assert issubclass(ParityError, EngineError)
    assert str(ParityError("no journal")) == "no journal"
