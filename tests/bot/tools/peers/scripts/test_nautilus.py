import sys
from types import SimpleNamespace

import numpy as np
import pytest

from bot.tools.peers.scripts import nautilus


class Strategy:
    """The library's base class, as far as the script uses it."""

    def __init__(self, config: object) -> None:
        self.flat = True
        self.sent: list[dict[str, object]] = []
        self.subscribed: list[object] = []
        self.portfolio = SimpleNamespace(is_flat=lambda _instrument: self.flat)
        self.order_factory = SimpleNamespace(bracket=lambda **order: order)

    def subscribe_bars(self, bar_type: object) -> None:
        self.subscribed.append(bar_type)

    def submit_order_list(self, order: dict[str, object]) -> None:
        self.sent.append(order)


@pytest.fixture
def strategy(monkeypatch):
    modules = {
        "nautilus_trader": SimpleNamespace(),
        "nautilus_trader.config": SimpleNamespace(StrategyConfig=lambda **fields: fields),
        "nautilus_trader.model": SimpleNamespace(),
        "nautilus_trader.model.enums": SimpleNamespace(
            OrderSide=SimpleNamespace(BUY="BUY", SELL="SELL")
        ),
        "nautilus_trader.trading": SimpleNamespace(),
        "nautilus_trader.trading.strategy": SimpleNamespace(Strategy=Strategy),
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    instrument = SimpleNamespace(id="AUSDT", make_qty=float, make_price=float)
    entries = np.array([[0, 1, 9.0, 12.0], [1, -1, 12.0, 8.0], [2, 1, 9.0, 12.0]])
    return nautilus._strategy(instrument, "bars", {"symbol": "AUSDT", "entries": entries})


def test_nautilus_when_bars_come_sends_a_bracket_at_the_given_ones_while_flat(strategy):
    strategy.on_start()
    for flat in (True, True, False, True):
        strategy.flat = flat
        strategy.on_bar(SimpleNamespace(close=10.0))

    assert strategy.subscribed == ["bars"]
    assert [order["order_side"] for order in strategy.sent] == ["BUY", "SELL"]
    first = strategy.sent[0]
    assert first["sl_trigger_price"] == 9.0
    assert first["tp_price"] == 12.0
    assert first["quantity"] == nautilus.NOTIONAL / 10.0
