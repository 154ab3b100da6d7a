"""The cross-section of a recording."""

import pytest

from engine.backtest.series import MINUTE_MS
from engine.backtest.surroundings import Surroundings
from tests.builders import setup
from tests.engine.backtest.recording import BEGIN_MS, series_of
from tests.stories.story import proved_by


def test_surroundings_when_a_symbol_rose_say_so_as_of_the_minute_before() -> None:
    rows = [(100.0 + at,) * 4 for at in range(80)]
    around = Surroundings([series_of(rows), series_of(rows, "BBBUSDT")])
    (one,) = around.given_to([proved_by(setup("AAAUSDT"), BEGIN_MS + 70 * MINUTE_MS)])
    assert one.market is not None
    assert one.market.symbol_return_15m == pytest.approx(169 / 154 - 1, abs=1e-8)
    assert one.market.market_return_15m is None  # two symbols are no market


def test_surroundings_when_no_setup_is_given_give_none() -> None:
    assert Surroundings([series_of([(1.0,) * 4] * 3)]).given_to([]) == []
