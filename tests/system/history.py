"""The judge: what the EXCHANGE's own history says of the bot, never what the bot believes."""

from collections import defaultdict
from decimal import Decimal

from engine.domain.ids import parse_client_order_id
from engine.domain.order import Purpose
from engine.exchange.sim.ledger import Fact, Ledger


class History:
    """Questions to the ledger of the embedded exchange about one account."""

    def __init__(self, ledger: Ledger, account: str) -> None:
        self._ledger = ledger
        self._account = account

    def facts(self, kind: str, purpose: Purpose | None = None) -> list[Fact]:
        """Facts of a kind; with a purpose only those of the bot's orders of that purpose."""
        found = [f for f in self._ledger.facts if f.kind == kind and f.account == self._account]
        if purpose is None:
            return found
        return [fact for fact in found if _purpose(fact.label) is purpose]

    def entries(self, symbol: str | None = None) -> list[Fact]:
        """Entry orders of ours that the exchange accepted."""
        orders = self.facts("order_placed", Purpose.ENTRY)
        return [fact for fact in orders if symbol in {None, fact.symbol}]

    def stops(self, symbol: str) -> list[Fact]:
        """Stops that came to rest at the exchange."""
        return [fact for fact in self.facts("stop_confirmed") if fact.symbol == symbol]

    def exits(self, symbol: str) -> list[Fact]:
        """Market exits of ours that the exchange accepted."""
        orders = self.facts("order_placed", Purpose.EXIT)
        return [fact for fact in orders if fact.symbol == symbol]

    def most_entries_of_a_signal(self) -> int:
        """How often the busiest signal was entered."""
        counts: dict[str, int] = defaultdict(int)
        for fact in self.entries():
            parts = parse_client_order_id(fact.label)
            assert parts is not None
            counts[parts.digest] += 1
        return max(counts.values(), default=0)

    def held(self, symbol: str) -> Decimal:
        """Signed quantity held: the sum of all executions."""
        fills = [fact.qty for fact in self.facts("fill") if fact.symbol == symbol]
        return sum(fills, Decimal(0))

    def longest_naked_s(self, until_ms: int, speed: float, *, spare: frozenset[str]) -> float:
        """Longest unprotected stretch in wall seconds, `spare` being others' positions."""
        naked = self._ledger.naked_seconds(until_ms, self._account)
        longest = [time.longest_s for symbol, time in naked.items() if symbol not in spare]
        return max(longest, default=0.0) / speed


def _purpose(label: str) -> Purpose | None:
    parts = parse_client_order_id(label.rpartition(" ")[2])
    return parts.purpose if parts else None
