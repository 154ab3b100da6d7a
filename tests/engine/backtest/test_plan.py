"""What a plan makes of the mode."""

import pytest

from engine.backtest.plan import Plan
from engine.core.config import EngineConfig
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.smc.detector import Detector
from engine.smc.params import DetectorParams


@pytest.mark.parametrize(
    ("mode", "book"),
    [(Mode.SIGNALS, Book.PAPER), (Mode.PAPER, Book.PAPER), (Mode.LIVE, Book.LIVE)],
)
def test_plan_when_mode_is_given_trades_its_book(mode: Mode, book: Book) -> None:
    params = DetectorParams()
    config = EngineConfig(
        mode=mode, detector=lambda name, frame, tick: Detector(name, frame, params, tick_size=tick)
    )
    assert Plan(config=config, params=params).book is book
