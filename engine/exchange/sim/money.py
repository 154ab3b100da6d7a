"""Decimal helpers: the two zeros, the ledger's grain and the way numbers are printed in replies."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
CENT: Final = Decimal("0.00000001")
"""The ledger's grain: every booked amount is a multiple of 1e-8, so sums are exact."""


def money(amount: Decimal) -> Decimal:
    """Round an amount to the ledger's grain, half to even."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def fixed(value: Decimal, digits: int) -> str:
    """Print with exactly `digits` digits after the point, never in exponent form."""
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def plain(value: Decimal) -> str:
    """Print without exponent and without trailing zeros, as the venue writes echoed numbers."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def digits_of(value: Decimal) -> int:
    """Count the digits after the point that carry information (trailing zeros do not)."""
    text = plain(value)
    return len(text.partition(".")[2])


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Tell whether `value` lies on the grid of `step`."""
    return value % step == 0
