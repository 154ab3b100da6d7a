"""Leverage brackets: what notional a leverage may carry and what maintenance margin it needs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.exchange.sim.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Bracket:
    """One step of the table: notionals in quote units, `maint_ratio` a ratio, `cum` the deduction.

    `maint_ratio` is below 1. Maintenance margin of a position of notional N in this bracket is N x
    maint_ratio - cum.
    """

    number: int
    initial_leverage: int
    notional_floor: Decimal
    notional_cap: Decimal
    maint_ratio: Decimal
    cum: Decimal

    def row(self) -> dict[str, Any]:
        """Return the row as the leverageBracket endpoint writes it (numbers, not strings)."""
        return {
            "bracket": self.number,
            "initialLeverage": self.initial_leverage,
            "notionalCap": int(self.notional_cap),
            "notionalFloor": int(self.notional_floor),
            "maintMarginRatio": float(self.maint_ratio),
            "cum": float(self.cum),
        }


Step = tuple[int, int, str]
"""One line of a table in short: highest leverage, notional cap, maintenance ratio."""

_LARGE: Final[tuple[Step, ...]] = (
    (150, 300_000, "0.004"),
    (100, 800_000, "0.005"),
    (75, 3_000_000, "0.0065"),
    (50, 12_000_000, "0.01"),
    (25, 70_000_000, "0.02"),
    (10, 230_000_000, "0.05"),
    (5, 480_000_000, "0.1"),
    (1, 1_800_000_000, "0.5"),
)
_MAJOR: Final[tuple[Step, ...]] = (
    (100, 50_000, "0.005"),
    (75, 400_000, "0.0065"),
    (50, 1_000_000, "0.01"),
    (25, 4_000_000, "0.02"),
    (10, 40_000_000, "0.05"),
    (5, 80_000_000, "0.1"),
    (1, 400_000_000, "0.5"),
)
_SMALL: Final[tuple[Step, ...]] = (
    (75, 5_000, "0.01"),
    (50, 25_000, "0.015"),
    (25, 150_000, "0.02"),
    (20, 300_000, "0.025"),
    (10, 1_500_000, "0.05"),
    (5, 3_000_000, "0.1"),
    (1, 12_000_000, "0.5"),
)
_LARGE_BASES: Final = frozenset({"BTC", "ETH"})
_MAJOR_BASES: Final = frozenset({"SOL", "XRP", "BNB", "DOGE", "ADA", "LINK", "AVAX", "LTC"})


def build_brackets(steps: Iterable[Step]) -> tuple[Bracket, ...]:
    """Build a table from its steps; floors and deductions follow from continuity of the margin."""
    brackets: list[Bracket] = []
    floor, ratio_before, cum = ZERO, ZERO, ZERO
    for number, (leverage, cap, ratio_text) in enumerate(steps, start=1):
        ratio = Decimal(ratio_text)
        cum += floor * (ratio - ratio_before)
        brackets.append(Bracket(number, leverage, floor, Decimal(cap), ratio, cum))
        floor, ratio_before = Decimal(cap), ratio
    return tuple(brackets)


def default_brackets(base: str) -> tuple[Bracket, ...]:
    """Return a base asset's synthetic table: two large coins, some majors, small for the rest."""
    if base in _LARGE_BASES:
        return build_brackets(_LARGE)
    return build_brackets(_MAJOR if base in _MAJOR_BASES else _SMALL)


def bracket_for(brackets: Sequence[Bracket], notional: Decimal) -> Bracket:
    """Return the bracket a notional falls in; beyond the last cap the last one applies."""
    for bracket in brackets:
        if notional <= bracket.notional_cap:
            return bracket
    return brackets[-1]


def maintenance_margin(brackets: Sequence[Bracket], notional: Decimal) -> Decimal:
    """Return the maintenance margin of a position of this (unsigned) notional."""
    bracket = bracket_for(brackets, notional)
    return notional * bracket.maint_ratio - bracket.cum


def max_notional(brackets: Sequence[Bracket], leverage: int) -> Decimal:
    """Return the largest notional a position may have at this leverage."""
    allowed = [b.notional_cap for b in brackets if b.initial_leverage >= leverage]
    return max(allowed, default=ZERO)


def max_leverage(brackets: Sequence[Bracket]) -> int:
    """Return the highest leverage of the table."""
    return max(bracket.initial_leverage for bracket in brackets)
