"""The state every part of the exchange works on.

Contracts, quotes, accounts, numbers, outgoing events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.exchange.sim.account import Account, Income
from engine.exchange.sim.errors import refusal
from engine.exchange.sim.ledger import Fact, Ledger
from engine.exchange.sim.matching import BookDepth
from engine.exchange.sim.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.exchange.sim.brackets import Bracket
    from engine.exchange.sim.ledger import Kind
    from engine.exchange.sim.rules import SymbolRules
    from engine.exchange.sim.tick import Tick


@dataclass(frozen=True, slots=True)
class Fees:
    """Commission ratios of VIP 0: 0.02 % for makers, 0.05 % for takers."""

    maker: Decimal = Decimal("0.0002")
    taker: Decimal = Decimal("0.0005")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the venue does not document or a test wants to vary.

    Attributes:
        depth: shape of the book of symbols not named in `depth_by_symbol`.
        depth_by_symbol: shape of the book of particular symbols.
        trigger_delay_ms: time a conditional order spends in TRIGGERING before its child order
            exists.
        countdown_cancels_algos: whether countdownCancelAll also removes conditional orders.
    """

    depth: BookDepth = field(default_factory=BookDepth)
    depth_by_symbol: dict[str, BookDepth] = field(default_factory=dict)
    trigger_delay_ms: int = 0
    countdown_cancels_algos: bool = False


@dataclass(slots=True)
class Counters:
    """Last numbers given out. They only grow and survive a restart."""

    order: int = 8_389_000_000
    algo: int = 1_000_000_000
    trade: int = 600_000_000
    transaction: int = 9_600_000_000


@dataclass(slots=True)
class World:
    """Everything that changes. Owned by `Exchange`; the parts receive it by reference."""

    rules: dict[str, SymbolRules]
    brackets: dict[str, tuple[Bracket, ...]]
    fees: Fees
    behaviour: Behaviour
    seed_balance: Decimal
    accounts: dict[str, Account] = field(default_factory=dict)
    quotes: dict[str, Tick] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)

    def account(self, name: str) -> Account:
        """Return the account, opened with the seed balance on first use."""
        if name not in self.accounts:
            self.accounts[name] = Account(name, self.seed_balance)
        return self.accounts[name]

    def rules_of(self, symbol: str) -> SymbolRules:
        """Return the contract's rules, or refuse with -1121."""
        if symbol not in self.rules:
            raise refusal(-1121)
        return self.rules[symbol]

    def tick_of(self, symbol: str) -> Tick:
        """Return the latest quote, or refuse with -1112 while the book is empty."""
        if symbol not in self.quotes:
            raise refusal(-1112)
        return self.quotes[symbol]

    def mark_of(self, symbol: str) -> Decimal:
        """Return the latest mark price, zero while there is none."""
        tick = self.quotes.get(symbol)
        return tick.mark if tick else ZERO

    def depth_of(self, symbol: str) -> BookDepth:
        """Return the shape of the symbol's book."""
        return self.behaviour.depth_by_symbol.get(symbol, self.behaviour.depth)

    def next_order_id(self) -> int:
        """Give out the next order number."""
        self.counters.order += 1
        return self.counters.order

    def next_algo_id(self) -> int:
        """Give out the next conditional order number."""
        self.counters.algo += 1
        return self.counters.algo

    def next_trade_id(self) -> int:
        """Give out the next trade number."""
        self.counters.trade += 1
        return self.counters.trade

    def send(self, account: Account, event: dict[str, Any]) -> None:
        """Queue a user-data event."""
        self.events.append((account.name, event))

    def record(
        self,
        account: Account,
        symbol: str,
        side: str,
        kind: Kind,
        ref: int,
        now_ms: int,
        *,
        label: str = "",
        qty: Decimal = ZERO,
        price: Decimal = ZERO,
    ) -> None:
        """Append a fact to the history."""
        self.ledger.append(Fact(now_ms, account.name, symbol, side, kind, ref, label, qty, price))

    def book_income(
        self,
        account: Account,
        symbol: str,
        income_type: str,
        amount: Decimal,
        now_ms: int,
        trade_id: int = 0,
    ) -> None:
        """Change the wallet by `amount`, a multiple of 1e-8, and keep the booking.

        Zero is not booked.
        """
        if not amount:
            return
        self.counters.transaction += 1
        number = self.counters.transaction
        account.wallet += amount
        account.incomes.append(Income(symbol, income_type, amount, now_ms, number, trade_id))
        self.record(
            account, symbol, "BOTH", "income", number, now_ms, label=income_type, qty=amount
        )

    def interested_accounts(self, symbol: str) -> Iterator[Account]:
        """Yield the accounts that hold, rest or wait for something in the symbol."""
        for account in self.accounts.values():
            if (
                any(o.symbol == symbol for o in account.open_orders.values())
                or any(a.symbol == symbol for a in account.open_algos.values())
                or any(True for _ in account.live_positions(symbol))
            ):
                yield account
