import sys
from types import SimpleNamespace

import numpy as np

from bot.tools.peers.scripts.backtesting_py import FEE, prepare


class Strategy:
    """The library's base class: shows one bar more each step, remembers orders."""

    def __init__(self, bars: int) -> None:
        self.data: range = range(0)
        self.position = False
        self.orders: list[tuple[str, int, float, float]] = []

    def buy(self, size, sl, tp):
        self.orders.append(("buy", len(self.data) - 1, sl, tp))
        self.position = True

    def sell(self, size, sl, tp):
        self.orders.append(("sell", len(self.data) - 1, sl, tp))
        self.position = True


class Backtest:
    """Steps through the bars; a position lasts two of them."""

    def __init__(self, frame, strategy, cash, commission, finalize_trades):
        assert commission == FEE
        self._frame, self._strategy = frame, strategy

    def run(self):
        strategy = self._strategy(len(self._frame["Close"]))
        strategy.init()
        for bar in range(len(self._frame["Close"])):
            strategy.data = range(bar + 1)
            if strategy.orders and bar - strategy.orders[-1][1] >= 2:
                strategy.position = False
            strategy.next()
        Backtest.orders = strategy.orders
        return {"# Trades": len(strategy.orders)}


def test_backtesting_when_run_enters_at_the_given_bars_only_while_flat(monkeypatch):
    pandas = SimpleNamespace(
        DataFrame=lambda columns, index: columns, to_datetime=lambda times, unit: times
    )
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    library = SimpleNamespace(Backtest=Backtest, Strategy=Strategy)
    monkeypatch.setitem(sys.modules, "backtesting", library)
    columns = ("open", "high", "low", "close", "volume", "open_ms")
    entries = np.array([[1, 1, 9.0, 12.0], [2, 1, 9.5, 12.0], [4, -1, 12.0, 8.0]])
    market = [{"entries": entries, **{name: np.zeros(6) for name in columns}}]

    assert prepare(market)() == {"trades": 2}
    assert Backtest.orders == [("buy", 1, 9.0, 12.0), ("sell", 4, 12.0, 8.0)]
