"""The exchange's own history, and what can be said about a run from that history alone.

Nothing here looks at accounts, orders or positions: exposure is the sum of the recorded fills,
protection is the set of recorded stops that have not gone yet. That makes the figures an
independent judge of whoever traded here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from engine.exchange.sim.money import ZERO, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal[
    "order_placed", "fill", "order_done", "stop_confirmed", "stop_gone", "algo", "income"
]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened.

    Attributes:
        at_ms: exchange time.
        account: whose it is.
        symbol: contract, empty for bookings without one.
        side: position side it concerns (BOTH, LONG or SHORT).
        kind: what happened, see `Kind`.
        ref: number of the order or conditional order, 0 when none.
        label: client id, status or income type, for reading.
        qty: signed base quantity of a fill; for a stop the signed quantity it would trade, infinite
            for "whatever is held" (closePosition); the amount of an income.
        price: price of a fill or trigger price of a stop, zero otherwise.
    """

    at_ms: int
    account: str
    symbol: str
    side: str
    kind: Kind
    ref: int
    label: str = ""
    qty: Decimal = ZERO
    price: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Exposure:
    """One position right after one fact: signed quantity held, quantity stops would close."""

    at_ms: int
    account: str
    symbol: str
    side: str
    position_qty: Decimal
    protected_qty: Decimal

    @property
    def naked_qty(self) -> Decimal:
        """Held quantity no stop stands for."""
        return max(ZERO, abs(self.position_qty) - self.protected_qty)


@dataclass(frozen=True, slots=True)
class NakedTime:
    """How long a symbol's position was not fully protected, in seconds of exchange time."""

    total_s: float
    longest_s: float


@dataclass(slots=True)
class _Book:
    """Running state of one (account, symbol, side) while the history is replayed."""

    qty: Decimal = ZERO
    stops: dict[int, Decimal] = field(default_factory=dict)
    naked_since_ms: int | None = None
    total_ms: int = 0
    longest_ms: int = 0

    def take(self, fact: Fact) -> None:
        if fact.kind == "fill":
            self.qty += fact.qty
        elif fact.kind == "stop_confirmed":
            self.stops[fact.ref] = fact.qty
        elif fact.kind == "stop_gone":
            self.stops.pop(fact.ref, None)

    def protected_qty(self) -> Decimal:
        held = abs(self.qty)
        closing = (qty for qty in self.stops.values() if (qty > 0) == (self.qty < 0))
        return min(held, sum((abs(qty) for qty in closing), ZERO)) if held else ZERO

    def close_stretch(self, at_ms: int) -> None:
        if self.naked_since_ms is not None:
            stretch = at_ms - self.naked_since_ms
            self.total_ms += stretch
            self.longest_ms = max(self.longest_ms, stretch)
            self.naked_since_ms = None


class Ledger:
    """Append-only list of facts in the order they happened."""

    def __init__(self) -> None:
        """Start an empty history."""
        self._facts: list[Fact] = []

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The whole history, oldest first."""
        return tuple(self._facts)

    def append(self, fact: Fact) -> None:
        """Add what just happened; times never go back."""
        self._facts.append(fact)

    def exposures(self) -> Iterator[Exposure]:
        """Replay the history: position and protected quantity after each fact that moves them."""
        books: dict[tuple[str, str, str], _Book] = {}
        for fact in self._facts:
            if fact.kind not in {"fill", "stop_confirmed", "stop_gone"}:
                continue
            book = books.setdefault((fact.account, fact.symbol, fact.side), _Book())
            book.take(fact)
            yield Exposure(
                fact.at_ms, fact.account, fact.symbol, fact.side, book.qty, book.protected_qty()
            )

    def last_ms(self) -> int:
        """Return the time of the newest fact, zero when there is none."""
        return self._facts[-1].at_ms if self._facts else 0

    def naked_seconds(self, until_ms: int, account: str | None = None) -> dict[str, NakedTime]:
        """Return the unprotected time per symbol up to `until_ms`, of one account or of all.

        A stretch begins with the fact that leaves quantity unprotected and ends with the fact that
        covers it or closes the position; one still open is counted up to `until_ms`.
        """
        books: dict[tuple[str, str, str], _Book] = {}
        for after in self.exposures():
            if account not in {None, after.account}:
                continue
            book = books.setdefault((after.account, after.symbol, after.side), _Book())
            if not after.naked_qty:
                book.close_stretch(after.at_ms)
            elif book.naked_since_ms is None:
                book.naked_since_ms = after.at_ms
        by_symbol: dict[str, NakedTime] = {}
        for (_, symbol, _), book in books.items():
            book.close_stretch(max(until_ms, book.naked_since_ms or 0))
            known = by_symbol.get(symbol, NakedTime(0.0, 0.0))
            by_symbol[symbol] = NakedTime(
                known.total_s + book.total_ms / 1000, max(known.longest_s, book.longest_ms / 1000)
            )
        return by_symbol

    def summary(self, until_ms: int | None = None, account: str | None = None) -> dict[str, Any]:
        """Return the run's figures, JSON-ready: counts, sums of each income type, unprotected time.

        Without `until_ms` the run ends with its newest fact; give the present time while positions
        are open.
        """
        until_ms = self.last_ms() if until_ms is None else until_ms
        facts = [f for f in self._facts if account in {None, f.account}]
        incomes: dict[str, Decimal] = {}
        for fact in facts:
            if fact.kind == "income":
                incomes[fact.label] = incomes.get(fact.label, ZERO) + fact.qty
        naked = self.naked_seconds(until_ms, account)
        return {
            "until_ms": until_ms,
            "orders": sum(f.kind == "order_placed" for f in facts),
            "fills": sum(f.kind == "fill" for f in facts),
            "stops_confirmed": sum(f.kind == "stop_confirmed" for f in facts),
            "liquidations": sum(
                f.kind == "order_placed" and f.label.startswith("autoclose-") for f in facts
            ),
            "realised_pnl": plain(incomes.get("REALIZED_PNL", ZERO)),
            "commission": plain(incomes.get("COMMISSION", ZERO)),
            "funding": plain(incomes.get("FUNDING_FEE", ZERO)),
            "insurance": plain(incomes.get("INSURANCE_CLEAR", ZERO)),
            "net": plain(sum(incomes.values(), ZERO)),
            "naked_s": {s: {"total": n.total_s, "longest": n.longest_s} for s, n in naked.items()},
            "longest_naked_s": max((n.longest_s for n in naked.values()), default=0.0),
        }
