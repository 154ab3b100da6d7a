"""Which symbols we cannot see, and when that is worth telling a person.

A single missing candle is mended within a second or two and is nobody's business. Blindness that
lasts is: what lasted 30 s is told once, in one notice for all symbols, and so is its end.
"""

from dataclasses import dataclass, field

from engine.domain.effects import Effect, Notify
from engine.domain.events import FeedBlind, FeedSeeing, Instant
from engine.domain.notices import AlarmKind, AlarmNotice, Priority

TELL_AFTER_S = 30.0
_GRAVE_SHARE = 0.1


@dataclass(slots=True)
class Sight:
    """The blind symbols with the reason and the wall time it began; those told to the human."""

    reasons: dict[str, str] = field(default_factory=dict)
    since_s: dict[str, float] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def reason(self, symbol: str) -> str:
        """Return why a symbol is blind, "" if it sees."""
        return self.reasons.get(symbol, "")

    def lose(self, event: FeedBlind, now: Instant) -> None:
        """No signals and no entries on these symbols until they see again."""
        for symbol in event.symbols:
            self.reasons[symbol] = event.reason
            self.since_s.setdefault(symbol, now.wall_s)

    def forget(self, symbol: str) -> None:
        """The symbol is not scanned any more."""
        self.reasons.pop(symbol, None)
        self.since_s.pop(symbol, None)
        self.told.discard(symbol)

    def regain(self, event: FeedSeeing, now: Instant) -> list[Effect]:
        """These symbols are contiguous and live again."""
        healed = event.symbols & self.told
        for symbol in event.symbols:
            self.forget(symbol)
        if not healed:
            return []
        text = f"{_count(healed)} data again: {_names(healed)}"
        return [_notice(AlarmKind.SEEING, healed, text, now, Priority.INFO)]

    def tell(self, now: Instant, scanned: int, held: frozenset[str]) -> list[Effect]:
        """Return one notice about everything that has been blind for long and is not told yet.

        Args:
            now: the moment.
            scanned: how many symbols are scanned.
            held: symbols with open positions, whose blindness is always grave.
        """
        due = [s for s, since in self.since_s.items() if now.wall_s - since >= TELL_AFTER_S]
        fresh = set(due) - self.told
        if not fresh:
            return []
        self.told |= fresh
        grave = bool(fresh & held) or len(self.told) >= _GRAVE_SHARE * max(scanned, 1)
        reason = self.reasons[min(fresh)]
        text = f"{_count(fresh)} no data ({reason}): {_names(fresh)}"
        priority = Priority.CRITICAL if grave else Priority.INFO
        return [_notice(AlarmKind.BLIND, fresh, text, now, priority)]


def _notice(
    kind: AlarmKind,
    symbols: set[str] | frozenset[str],
    text: str,
    now: Instant,
    priority: Priority,
) -> Notify:
    notice_id = f"{kind.value}:{now.exchange_ms}:{min(symbols)}"
    return Notify(
        AlarmNotice(
            notice_id=notice_id, at_ms=now.exchange_ms, kind=kind, text=text, priority=priority
        )
    )


def _count(symbols: set[str] | frozenset[str]) -> str:
    return "1 symbol has" if len(symbols) == 1 else f"{len(symbols)} symbols have"


def _names(symbols: set[str] | frozenset[str]) -> str:
    shown = sorted(symbols)[:5]
    return ", ".join(shown) + (" ..." if len(symbols) > len(shown) else "")
