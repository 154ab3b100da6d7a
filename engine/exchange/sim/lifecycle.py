"""A contract's status as time passes: announced, trading, ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.exchange.sim.rules import SymbolRules

ENDED = "SETTLING"


def status_at(rules: SymbolRules, now_ms: int) -> str:
    """Status of the contract at ``now_ms``: pending ones open, trading ones end."""
    if rules.status == "TRADING" and now_ms >= rules.delivery_ms:
        return ENDED
    if rules.status == "PENDING_TRADING" and now_ms >= rules.onboard_ms:
        return "TRADING"
    return rules.status


def trading_span(rules: SymbolRules) -> tuple[int, int]:
    """When the contract trades, exchange time: from its listing to its end, or never."""
    if rules.status not in {"TRADING", "PENDING_TRADING"}:
        return rules.onboard_ms, rules.onboard_ms
    return rules.onboard_ms, rules.delivery_ms


class ContractBoard:
    """Current rules of all contracts."""

    def __init__(self, rules: Sequence[SymbolRules], now_ms: int) -> None:
        self.rules = tuple(rules)
        self.move(now_ms)

    def move(self, now_ms: int) -> tuple[SymbolRules, ...]:
        """Bring every status up to ``now_ms`` and return the rules that changed."""
        current = tuple(
            item if (status := status_at(item, now_ms)) == item.status else _with(item, status)
            for item in self.rules
        )
        changed = tuple(new for new, old in zip(current, self.rules, strict=True) if new is not old)
        self.rules = current
        return changed


def _with(rules: SymbolRules, status: str) -> SymbolRules:
    return replace(rules, status=status)
