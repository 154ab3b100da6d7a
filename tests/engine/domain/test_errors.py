"""Errors carry what handlers need."""

import pytest

from engine.domain.errors import (
    CredentialsRefused,
    EngineError,
    InstanceConflict,
    JournalError,
    OutcomeUnknown,
    VenueBusy,
    VenueError,
    VenueRejected,
    VenueUnreachable,
)


def test_rejection_when_raised_tells_code_and_text():
    error = VenueRejected(-2019, "Margin is insufficient.")

    assert (error.code, error.message) == (-2019, "Margin is insufficient.")
    assert str(error) == "-2019: Margin is insufficient."


def test_busy_when_raised_tells_how_long_to_wait():
    assert VenueBusy("slow down", 3.5).retry_after_s == 3.5
    assert VenueBusy("slow down").retry_after_s == 1.0


@pytest.mark.parametrize("kind", [VenueUnreachable, VenueBusy, OutcomeUnknown])
def test_network_trouble_is_never_a_rejection(kind):
    assert issubclass(kind, VenueError)
    assert not issubclass(kind, VenueRejected)


def test_kinds_when_sorted_have_one_root():
    assert issubclass(CredentialsRefused, VenueRejected)
    assert issubclass(InstanceConflict, JournalError)
    assert issubclass(JournalError, EngineError)
    assert not issubclass(JournalError, VenueError)
