"""Funding rates and the premium of perpetuals over their index, functions of seed and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from engine.exchange.sim.rules import SymbolRules
from engine.exchange.sim.scales import FloatArray, IntArray

HOUR_MS: Final = 3_600_000
SHORT_HOURS: Final = 4
DEFAULT_HOURS: Final = 8
CAP: Final = 0.02
INTEREST_8H: Final = 0.0001
DAMPER_8H: Final = 0.0005
"""The venue's rule: rate = premium + clamp(interest - premium, -0.05 %, +0.05 %) per 8 hours."""
BASIS_SD: Final = 0.0003
SHORT_INTERVAL_SHARE: Final = 0.4
"""Share of symbols charged every 4 hours instead of every 8."""
_CACHE_SIZE: Final = 32


class FundingRates:
    """Rates, charge times and basis of all symbols.

    Nothing is stored: the rate of a charge time and the basis of an hour are drawn from
    generators made of (seed, time), so past and coming ones can be asked for in any order.
    """

    def __init__(self, rules: Sequence[SymbolRules], seed: int) -> None:
        rng = np.random.default_rng([seed, 0xF0])
        symbols = len(rules)
        short = rng.random(symbols) < SHORT_INTERVAL_SHARE
        short[: min(3, symbols)] = False
        self._seed = seed
        self._bias = 2e-4 * rng.standard_normal(symbols)
        self._rates: dict[int, FloatArray] = {}
        self._basis: dict[int, FloatArray] = {}
        self.interval_hours: IntArray = np.where(short, SHORT_HOURS, DEFAULT_HOURS)
        self.pays = np.array(["QUARTER" not in item.contract_type for item in rules])

    def next_ms(self, now_ms: int) -> IntArray:
        """Each symbol's first charge time after ``now_ms``."""
        span = self.interval_hours * HOUR_MS
        return (now_ms // span + 1) * span

    def coming_rates(self, now_ms: int) -> FloatArray:
        """Each symbol's rate at its next charge time."""
        times = self.next_ms(now_ms)
        result = np.zeros(len(times))
        for time_ms in np.unique(times).tolist():
            result = np.where(times == time_ms, self.rates_at(time_ms), result)
        return result

    def rates_at(self, time_ms: int) -> FloatArray:
        """Rates of all symbols at one charge time, eight decimals, zero for dated contracts."""
        if time_ms not in self._rates:
            _make_room(self._rates)
            self._rates[time_ms] = self._draw(time_ms)
        return self._rates[time_ms]

    def due(self, after_ms: int, until_ms: int) -> list[tuple[int, IntArray]]:
        """Charge times in ``(after_ms, until_ms]`` with the indices of the symbols charged."""
        span = SHORT_HOURS * HOUR_MS
        found = []
        for time_ms in range((after_ms // span + 1) * span, until_ms + 1, span):
            charged = self.pays & (time_ms % (self.interval_hours * HOUR_MS) == 0)
            found.append((time_ms, np.flatnonzero(charged)))
        return found

    def basis(self, now_ms: int) -> FloatArray:
        """Relative premium of each contract over its index, moving slowly within a few bps."""
        hour, rest = divmod(now_ms, HOUR_MS)
        weight = rest / HOUR_MS
        return self._hour_basis(hour) * (1.0 - weight) + self._hour_basis(hour + 1) * weight

    def _draw(self, time_ms: int) -> FloatArray:
        rng = np.random.default_rng([self._seed, 0xF1, time_ms // HOUR_MS])
        premium = self._bias + 3e-4 * rng.standard_normal(len(self._bias))
        rate = premium + np.clip(INTEREST_8H - premium, -DAMPER_8H, DAMPER_8H)
        rate = np.clip(rate * (self.interval_hours / DEFAULT_HOURS), -CAP, CAP)
        return np.where(self.pays, np.round(rate, 8), 0.0)

    def _hour_basis(self, hour: int) -> FloatArray:
        if hour not in self._basis:
            _make_room(self._basis)
            rng = np.random.default_rng([self._seed, 0xF2, hour])
            self._basis[hour] = BASIS_SD * rng.standard_normal(len(self._bias))
        return self._basis[hour]


def _make_room(cache: dict[int, FloatArray]) -> None:
    while len(cache) >= _CACHE_SIZE:
        del cache[next(iter(cache))]
