"""Which contracts we scan, and for every other one the reason it is out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.domain.instrument import Instrument

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseRules:
    """The operator's filters.

    `min_quote_volume` is USDT in 24 h, `min_age_days` days since listing, `max_symbols` keeps the
    most traded ones. An empty allow list allows all; the deny list wins.
    """

    min_quote_volume: float = 0.0
    min_age_days: float = 0.0
    max_symbols: int | None = None
    allow: frozenset[str] = field(default_factory=frozenset)
    deny: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Universe:
    """Scanned instruments, most traded first, and the reason for each excluded symbol."""

    instruments: tuple[Instrument, ...]
    quote_volume_24h: dict[str, float]
    excluded: dict[str, str]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols we scan, most traded first."""
        return tuple(instrument.symbol for instrument in self.instruments)


def choose_universe(
    instruments: Iterable[Instrument],
    quote_volume_24h: dict[str, float],
    rules: UniverseRules,
    now_ms: int,
) -> Universe:
    """Return what is scanned; every listed contract is either in it or excluded with a reason.

    A contract whose delisting is announced stays in: a position in it must be left in time. The
    gate refuses entries into it.
    """
    chosen: list[Instrument] = []
    excluded: dict[str, str] = {}
    for instrument in instruments:
        volume = quote_volume_24h.get(instrument.symbol, 0.0)
        reason = _why_excluded(instrument, volume, rules, now_ms)
        if reason is None:
            chosen.append(instrument)
        else:
            excluded[instrument.symbol] = reason
    chosen.sort(key=lambda i: (-quote_volume_24h.get(i.symbol, 0.0), i.symbol))
    limit = len(chosen) if rules.max_symbols is None else rules.max_symbols
    for instrument in chosen[limit:]:
        excluded[instrument.symbol] = f"below the {limit} most traded"
    return Universe(tuple(chosen[:limit]), quote_volume_24h, excluded)


def _why_excluded(
    instrument: Instrument, volume: float, rules: UniverseRules, now_ms: int
) -> str | None:
    if instrument.contract_type != "PERPETUAL":
        return f"contract type {instrument.contract_type}"
    if instrument.status != "TRADING":
        return f"status {instrument.status}"
    if instrument.quote_asset != "USDT" or instrument.margin_asset != "USDT":
        return f"quoted in {instrument.quote_asset}, margined in {instrument.margin_asset}"
    if instrument.symbol in rules.deny:
        return "on the deny list"
    if rules.allow and instrument.symbol not in rules.allow:
        return "not on the allow list"
    return _why_unwanted(instrument, volume, rules, now_ms)


def _why_unwanted(
    instrument: Instrument, volume: float, rules: UniverseRules, now_ms: int
) -> str | None:
    age_days = (now_ms - instrument.onboard_ms) / _DAY_MS
    if age_days < rules.min_age_days:
        return f"listed {age_days:.1f} days ago, minimum {rules.min_age_days:g}"
    if volume < rules.min_quote_volume:
        return f"24 h volume {volume:,.0f} USDT, minimum {rules.min_quote_volume:,.0f}"
    return None
