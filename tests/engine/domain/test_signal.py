"""Modes."""

from engine.domain.order import Book
from engine.domain.signal import Mode


def test_mode_when_ranked_climbs_from_signals_to_live():
    assert [mode.rank for mode in (Mode.SIGNALS, Mode.PAPER, Mode.LIVE)] == [0, 1, 2]


def test_mode_when_it_trades_names_its_book():
    assert [mode.entry_book for mode in Mode] == [None, Book.PAPER, Book.LIVE]
