import sys
from types import ModuleType, SimpleNamespace

import numpy as np

from bot.tools.peers.scripts.smart_money import SWING, prepare


class Column(list):
    """A column of a DataFrame, as far as it is used."""

    def notna(self) -> np.ndarray:
        return np.array([value is not None for value in self])


class Library:
    """Has the five functions and remembers what they were given."""

    def __init__(self) -> None:
        self.swings: list[object] = []

    def swing_highs_lows(self, _frame, swing_length):
        assert swing_length == SWING
        return {"HighLow": Column([1, None, -1])}

    def bos_choch(self, _frame, swings):
        self.swings.append(swings)
        return {"BOS": Column([1, None]), "CHOCH": Column([None, 1])}

    def fvg(self, _frame):
        return {"FVG": Column([1, 1, None])}

    def ob(self, _frame, swings):
        self.swings.append(swings)
        return {"OB": Column([1])}

    def liquidity(self, _frame, swings):
        self.swings.append(swings)
        return {"Liquidity": Column([None])}


def test_smart_money_when_run_counts_all_five_kinds_of_every_symbol(monkeypatch):
    library = Library()
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=dict))
    module = ModuleType("smartmoneyconcepts")
    module.smc = library  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "smartmoneyconcepts", module)
    columns = ("open", "high", "low", "close", "volume")
    market = [{name: np.zeros(3) for name in columns}] * 2

    found = prepare(market)()

    assert found == {"gaps": 4, "swings": 4, "breaks": 4, "blocks": 2, "pools": 0}
    assert len(library.swings) == 6, "what needs swings is given the peer's own"
