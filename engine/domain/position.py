"""Net exposure from fills, and the finished round trip it becomes."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from engine.domain.order import Book, Fill
from engine.domain.setup import Direction

ZERO = Decimal(0)


class ExitReason(StrEnum):
    """Why a position was closed: a closed set, results are reported per reason."""

    STOP = "stop"
    TARGET = "target"
    TIME = "time"
    STAGNATION = "stagnation"
    OPERATOR = "operator"
    BREAKER = "breaker"
    UNPROTECTED = "unprotected"
    DELISTING = "delisting"
    LIQUIDATION = "liquidation"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Net exposure in one symbol of one book; changes only by `apply`.

    `qty` is signed (negative = short), `entry_price` the average of the open quantity.
    `realised`, `fees` and `funding` are in USDT over the position's life; fees are positive costs,
    funding is positive when received.
    """

    book: Book
    symbol: str
    qty: Decimal = ZERO
    entry_price: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    last_trade_id: int = -1

    @property
    def is_flat(self) -> bool:
        """True when nothing is open."""
        return self.qty == 0

    @property
    def direction(self) -> Direction:
        """Direction of the open quantity.

        Raises:
            ValueError: the position is flat.
        """
        if self.is_flat:
            raise ValueError(f"{self.symbol}: a flat position has no direction")
        return Direction.LONG if self.qty > 0 else Direction.SHORT

    @property
    def notional(self) -> Decimal:
        """Absolute exposure at the entry price, in USDT."""
        return abs(self.qty) * self.entry_price

    def unrealised(self, mark: Decimal) -> Decimal:
        """Profit of the open quantity at `mark`, in USDT, before exit costs."""
        return (mark - self.entry_price) * self.qty

    def apply(self, fill: Fill) -> "Position":
        """Return the position after one execution; quantity is conserved exactly."""
        signed = fill.qty * fill.side.sign
        closing = min(abs(signed), abs(self.qty)) if self.qty * signed < 0 else ZERO
        gain = (fill.price - self.entry_price) * closing * (1 if self.qty > 0 else -1)
        qty = self.qty + signed
        return replace(
            self,
            qty=qty,
            entry_price=self._entry_after(fill, signed, qty),
            realised=self.realised + gain,
            fees=self.fees + fill.fee,
            last_trade_id=max(self.last_trade_id, fill.trade_id),
        )

    def _entry_after(self, fill: Fill, signed: Decimal, qty: Decimal) -> Decimal:
        if qty == 0:
            return ZERO
        if self.qty * signed >= 0:
            return (self.entry_price * abs(self.qty) + fill.price * abs(signed)) / abs(qty)
        return self.entry_price if self.qty * qty > 0 else fill.price


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrade:
    """A finished round trip. Money in USDT; `net` is after fees and funding.

    `risk` is the money between entry and first stop, so `net / risk` is the result in R.
    """

    trade_key: str
    book: Book
    symbol: str
    direction: Direction
    setup_id: str
    score: float | None
    qty: Decimal
    entry_price: Decimal
    exit_price: Decimal
    risk: Decimal
    gross: Decimal
    fees: Decimal
    funding: Decimal
    reason: ExitReason
    opened_ms: int
    closed_ms: int

    @property
    def net(self) -> Decimal:
        """Result after all costs, in USDT."""
        return self.gross - self.fees + self.funding

    @property
    def net_r(self) -> float:
        """Result in units of the risk taken; 0 when the risk is unknown."""
        return float(self.net / self.risk) if self.risk else 0.0
