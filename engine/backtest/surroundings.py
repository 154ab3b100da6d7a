"""What the other symbols did around each setup, for scorers that look at it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from engine.backtest.series import Floats, Ints, SymbolSeries
from engine.domain.setup import Setup
from engine.smc.market_table import MarketTable, Pulse, pulse_of


class Surroundings:
    """The cross-section of a whole recording; gives what the live core would have seen."""

    def __init__(self, series: Iterable[SymbolSeries]) -> None:
        self._pulses: dict[str, Pulse] = {
            one.symbol: pulse_of(one.open_ms, one.candles.close) for one in series
        }
        self._table = MarketTable.of(self._pulses.items())

    def columns(self, symbol: str, proved_at_ms: Ints) -> dict[str, Floats]:
        """Return the fields of `MarketContext` of a symbol's setups, NaN where unknown."""
        return self._table.columns(self._pulses[symbol], proved_at_ms)

    def given_to(self, setups: Sequence[Setup]) -> list[Setup]:
        """Return the Setups of one symbol with their market context."""
        if not setups:
            return []
        proved = np.array([one.proved_at_ms for one in setups], dtype=np.int64)
        contexts = self._table.contexts(self._pulses[setups[0].symbol], proved)
        return [
            replace(setup, market=market) for setup, market in zip(setups, contexts, strict=True)
        ]
