"""Mode, risk and threshold in words, and the checklist before live."""

from dataclasses import dataclass
from decimal import Decimal

from bot.formats import bold, esc, money, pct, plural, table
from engine.domain.order import Book
from engine.domain.signal import Mode
from engine.domain.snapshot import BookView, Snapshot

_EXAMPLE_STOP = Decimal("0.005")
_MEANING = {
    Mode.SIGNALS: "alerts only, no orders",
    Mode.PAPER: "orders on paper with live prices and costs",
    Mode.LIVE: "real orders",
}
_UNCHECKED = (
    "key permissions (trade yes, withdraw no)",
    "one-way position mode",
    "clock against the exchange",
    "region",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist; `passed` None means that it could not be checked here."""

    text: str
    passed: bool | None

    @property
    def mark(self) -> str:
        """✓, ✗ or ?."""
        return {True: "✓", False: "✗", None: "?"}[self.passed]


def ladder(snapshot: Snapshot) -> str:
    """Return the modes with the present one marked."""
    lines = [
        f"{'▸' if mode is snapshot.mode else '   '} {bold(mode.value)}: {text}"
        for mode, text in _MEANING.items()
    ]
    return "\n".join(["Mode", *lines])


def checklist(snapshot: Snapshot) -> tuple[Check, ...]:
    """Return what the engine knows about being ready for live orders."""
    account = _live(snapshot)
    bare = [p.symbol for p in snapshot.positions if not p.protected]
    blind = len(snapshot.blind)
    checks = [
        Check(_balance(account), account is not None and account.ready and account.equity > 0),
        Check("no order with an unknown outcome", account is not None and not account.unknown),
        Check("every open position has its stop" + _names(bare), not bare),
        Check("scanner has loaded every symbol", snapshot.ready),
        Check(
            f"no more than a tenth of the symbols blind ({blind})", 10 * blind <= snapshot.symbols
        ),
        Check("no breaker is tripped", account is not None and not account.breakers),
    ]
    return (*checks, *(Check(text, None) for text in _UNCHECKED))


def _balance(account: BookView | None) -> str:
    if account is None or not account.ready:
        return "account is read"
    return f"account is read: equity {money(account.equity)} USDT"


def _names(symbols: list[str]) -> str:
    return f" (not: {', '.join(symbols[:5])})" if symbols else ""


def _live(snapshot: Snapshot) -> BookView | None:
    return next((view for view in snapshot.books if view.book is Book.LIVE), None)


def live_question(
    snapshot: Snapshot, checks: tuple[Check, ...], *, venue: str, real_money: bool
) -> str:
    """Return the checklist before live."""
    lines = [bold("Live mode: checklist"), _stakes(venue, real_money=real_money), ""]
    lines += [f"{check.mark} {esc(check.text)}" for check in checks]
    if any(check.passed is None for check in checks):
        lines.append("\n? could not be checked here: run <code>python -m bot doctor</code> first.")
    lines.append(_edge_note(snapshot))
    lines.append(
        f"Risk per trade up to {snapshot.risk_pct} %. The first live entry has the symbol's "
        "minimum size, and no second one is sent before its stop is confirmed."
    )
    if any(check.passed is False for check in checks):
        lines.append("\n❌ Not possible before every ✗ is mended.")
    return "\n".join(lines)


def live_last_question(*, venue: str, real_money: bool) -> str:
    """Return the last question before live."""
    return (
        f"{_stakes(venue, real_money=real_money)}\n"
        f"From now on signals become orders on {bold(venue)} without asking. Go live?"
    )


def _stakes(venue: str, *, real_money: bool) -> str:
    return f"Orders go to {bold(venue)}: {'real money' if real_money else 'no real money'}."


def _edge_note(snapshot: Snapshot) -> str:
    scorer = f"\nScorer {esc(snapshot.scorer)}. "
    if snapshot.allow_negative_edge:
        return scorer + "Entries are allowed without a proven edge (/edge required undoes that)."
    return scorer + "Entries without a proven edge are refused (/edge override allows them)."


def edge(snapshot: Snapshot) -> str:
    """Return whether live entries need a proven edge."""
    if snapshot.allow_negative_edge:
        return "Live entries are allowed without a proven edge. /edge required asks for one."
    return "Live entries need a model with a proven edge. /edge override does without."


def edge_question(venue: str) -> str:
    """Return the question before trading without an edge."""
    return (
        "The model has not shown that it earns more than its costs. On average such trades "
        f"lose money. Allow them in live mode on {bold(venue)} all the same?"
    )


def tripped(snapshot: Snapshot) -> str:
    """Return the tripped breakers of each book, empty if there is none."""
    return "\n".join(
        f"{view.book}: {esc(', '.join(view.breakers))}" for view in snapshot.books if view.breakers
    )


# --- risk ----------------------------------------------------------------------------------------


def risk(snapshot: Snapshot) -> str:
    """Return the maximum risk per trade and what it means in money."""
    lines = [f"Maximum risk per trade {bold(f'{snapshot.risk_pct} %')} of equity"]
    lines += _in_money(snapshot, (snapshot.risk_pct,))
    lines.append("The size follows the score between 0.5 % and this. /risk 1.0 sets it.")
    return "\n".join(lines)


def risk_change(snapshot: Snapshot, wanted: Decimal) -> str:
    """Return before and after of a raised risk."""
    question = f"Raise the maximum risk per trade from {snapshot.risk_pct} % to "
    lines = [question + f"{bold(f'{wanted} %')}?"]
    return "\n".join([*lines, *_in_money(snapshot, (snapshot.risk_pct, wanted))])


def _in_money(snapshot: Snapshot, risks: tuple[Decimal, ...]) -> list[str]:
    """Return the money at risk a trade, a row a book and a column a risk, and an example."""
    ready = [view for view in snapshot.books if view.ready]
    if not ready:
        return ["No account is ready to compute it in money."]
    head = ("USDT", *(f"{risk} %" for risk in risks))
    rows = [(v.book.value, *(money(v.equity * risk / 100) for risk in risks)) for v in ready]
    size = ready[0].equity * risks[-1] / 100 / _EXAMPLE_STOP
    example = (
        f"With a stop {pct(float(_EXAMPLE_STOP))} away that is a {ready[0].book} position of "
        f"{money(size)} USDT, before margin and other limits."
    )
    return [table([head, *rows], "<" + ">" * len(risks)), example]


def threshold(snapshot: Snapshot) -> str:
    """Return how good a signal must be."""
    today = plural(snapshot.signals_today, "signal")
    return (
        f"Threshold {bold(f'{snapshot.threshold:.4f}')}, aim {snapshot.signals_per_day} signals "
        f"a day, {today} today.\n/threshold 0.6 fixes it, /threshold auto 150 aims."
    )
