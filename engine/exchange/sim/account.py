"""One customer of the exchange: wallet, positions, settings and everything it ever ordered."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.exchange.sim.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.exchange.sim.algo import AlgoOrder
    from engine.exchange.sim.orders import Order

DEFAULT_LEVERAGE: Final = 20
"""Leverage of a symbol nobody configured, as on a fresh account of the venue."""


@dataclass(slots=True)
class Position:
    """A net exposure. `qty` is signed, `cost` the unsigned sum of price x quantity still held.

    `isolated_wallet` is the margin set aside for it, zero in cross mode. `realised` sums the profit
    it has booked since the account exists (before fees), `fees_open` the fees of what is still
    held.
    """

    symbol: str
    side: str
    qty: Decimal = ZERO
    cost: Decimal = ZERO
    isolated_wallet: Decimal = ZERO
    realised: Decimal = ZERO
    fees_open: Decimal = ZERO
    updated_ms: int = 0

    @property
    def sign(self) -> int:
        """+1 long, -1 short, 0 flat."""
        return (self.qty > 0) - (self.qty < 0)

    @property
    def entry_price(self) -> Decimal:
        """Quantity-weighted price of what is held, zero when flat."""
        return self.cost / abs(self.qty) if self.qty else ZERO

    @property
    def break_even_price(self) -> Decimal:
        """Price at which closing returns the fees paid on what is held, zero when flat."""
        return self.entry_price + self.fees_open / self.qty if self.qty else ZERO

    def unrealised(self, mark: Decimal) -> Decimal:
        """Return the profit closing at `mark` would book, before fees."""
        return self.sign * (abs(self.qty) * mark - self.cost)


@dataclass(slots=True)
class SymbolSettings:
    """What an account chose for one symbol."""

    leverage: int = DEFAULT_LEVERAGE
    margin_type: str = "CROSSED"

    @property
    def isolated(self) -> bool:
        """Whether positions of the symbol have margin of their own."""
        return self.margin_type == "ISOLATED"


@dataclass(frozen=True, slots=True)
class Income:
    """One booking of the wallet. The wallet is the seed balance plus all of these, exactly."""

    symbol: str
    income_type: str
    amount: Decimal
    at_ms: int
    tran_id: int
    trade_id: int = 0


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution of one order, as userTrades lists it."""

    trade_id: int
    order_id: int
    symbol: str
    side: str
    position_side: str
    price: Decimal
    qty: Decimal
    realised: Decimal
    commission: Decimal
    maker: bool
    at_ms: int


@dataclass(slots=True)
class Account:
    """Wallet and history of one customer.

    `wallet` is the whole balance, isolated margin included.
    """

    name: str
    wallet: Decimal
    dual_side: bool = False
    multi_assets: bool = False
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    settings: dict[str, SymbolSettings] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    open_orders: dict[int, Order] = field(default_factory=dict)
    algos: dict[int, AlgoOrder] = field(default_factory=dict)
    open_algos: dict[int, AlgoOrder] = field(default_factory=dict)
    incomes: list[Income] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    countdowns: dict[str, int] = field(default_factory=dict)
    margin_called: set[str] = field(default_factory=set)

    def settings_of(self, symbol: str) -> SymbolSettings:
        """Return the symbol's settings, created with the venue's defaults on first use."""
        return self.settings.setdefault(symbol, SymbolSettings())

    def position(self, symbol: str, side: str = "BOTH") -> Position:
        """Return the position record of a symbol and side, created flat on first use."""
        key = (symbol, side)
        if key not in self.positions:
            self.positions[key] = Position(symbol, side)
        return self.positions[key]

    def held_qty(self, symbol: str, side: str = "BOTH") -> Decimal:
        """Return the signed quantity held, without creating a record."""
        position = self.positions.get((symbol, side))
        return position.qty if position else ZERO

    def live_positions(self, symbol: str | None = None) -> Iterator[Position]:
        """Yield the positions that are not flat, of one symbol or of all."""
        for position in self.positions.values():
            if position.qty and symbol in {None, position.symbol}:
                yield position

    def open_orders_of(self, symbol: str | None = None) -> list[Order]:
        """Return the open regular orders, oldest first, of one symbol or of all."""
        return [o for o in self.open_orders.values() if symbol in {None, o.symbol}]

    def open_algos_of(self, symbol: str | None = None) -> list[AlgoOrder]:
        """Return the waiting conditional orders, oldest first, of one symbol or of all."""
        return [a for a in self.open_algos.values() if symbol in {None, a.symbol}]

    def reduces(self, symbol: str, side: str, position_side: str, *, reduce_only: bool) -> bool:
        """Tell whether such an order may only reduce: asked for, or against its hedge-mode side."""
        if position_side == "BOTH":
            return reduce_only
        return (side == "BUY") == (position_side == "SHORT")

    def closable_qty(self, symbol: str, side: str, position_side: str) -> Decimal:
        """Return how much of the position an order on `side` could close, zero when none."""
        held = self.held_qty(symbol, position_side)
        return max(ZERO, held if side == "SELL" else -held)

    @property
    def isolated_total(self) -> Decimal:
        """Margin set aside for isolated positions."""
        return sum((p.isolated_wallet for p in self.positions.values()), ZERO)

    @property
    def cross_wallet(self) -> Decimal:
        """Balance not set aside for isolated positions."""
        return self.wallet - self.isolated_total
