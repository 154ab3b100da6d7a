"""Mode, risk and threshold in words, and the questions before live."""

from decimal import Decimal

from bot.formats import bold, esc, money, pct, table
from bot.language import N_, _, ngettext
from bot.views.preflight import Check, Mark
from bot.words import rule_name, word
from engine.domain.signal import Mode
from engine.domain.snapshot import BookView, Snapshot

_EXAMPLE_STOP = Decimal("0.005")
_MEANING = {
    Mode.SIGNALS: N_("alerts only, no orders"),
    Mode.PAPER: N_("orders on paper with live prices and costs"),
    Mode.LIVE: N_("real orders"),
}


def ladder(snapshot: Snapshot) -> str:
    """Return the modes with the present one marked."""
    lines = [_("Mode")]
    for mode, meaning in _MEANING.items():
        text = _(meaning)
        lines.append(f"{'▸' if mode is snapshot.mode else '   '} {bold(mode.value)}: {text}")
    return "\n".join(lines)


def live_question(
    snapshot: Snapshot, checks: tuple[Check, ...], *, venue: str, real_money: bool
) -> str:
    """Return the checklist before live."""
    lines = [bold(_("Live mode: checklist")), _stakes(venue, real_money=real_money), ""]
    lines += [f"{check.mark} {esc(check.text)}" for check in checks]
    lines.append(_scorer_note(snapshot))
    lines.append(
        _(
            "Risk per trade up to {risk} %. The first live entry has the symbol's minimum size, "
            "and no second one is sent before its stop is confirmed.",
            risk=snapshot.risk_pct,
        )
    )
    blocking = [check for check in checks if check.blocks]
    if any(check.mark is Mark.BAD for check in blocking):
        lines.append("\n" + _("❌ Not possible before every ✗ is mended."))
    elif blocking:
        lines.append("\n" + _("❌ Not possible while ? could not be read. Ask again in a minute."))
    return "\n".join(lines)


def live_last_question(*, venue: str, real_money: bool) -> str:
    """Return the last question before live."""
    question = _(
        "From now on signals become orders on <b>{venue}</b> without asking. Go live?",
        venue=esc(word(venue)),
    )
    return _stakes(venue, real_money=real_money) + "\n" + question


def _stakes(venue: str, *, real_money: bool) -> str:
    if real_money:
        return _("Orders go to <b>{venue}</b>: real money.", venue=esc(word(venue)))
    return _("Orders go to <b>{venue}</b>: no real money.", venue=esc(word(venue)))


def _scorer_note(snapshot: Snapshot) -> str:
    scorer = "\n" + _("Scorer {name}.", name=esc(snapshot.scorer)) + " "
    if snapshot.allow_negative_edge:
        return scorer + _("Entries are allowed without a proven edge (/edge required undoes that).")
    return scorer + _("Entries without a proven edge are refused (/edge override allows them).")


def edge(snapshot: Snapshot) -> str:
    """Return whether live entries need a proven edge."""
    if snapshot.allow_negative_edge:
        return _("Live entries are allowed without a proven edge. /edge required asks for one.")
    return _("Live entries need a model with a proven edge. /edge override does without.")


def edge_question(venue: str) -> str:
    """Return the question before trading without an edge."""
    return _(
        "The model has not shown that it earns more than its costs. On average such trades "
        "lose money. Allow them in live mode on <b>{venue}</b> all the same?",
        venue=esc(word(venue)),
    )


def tripped(snapshot: Snapshot) -> str:
    """Return the tripped breakers of each book, empty if there is none."""
    return "\n".join(
        f"{view.book}: {esc(', '.join(rule_name(name) for name in view.breakers))}"
        for view in snapshot.books
        if view.breakers
    )


# --- risk ----------------------------------------------------------------------------------------


def risk(snapshot: Snapshot) -> str:
    """Return the maximum risk per trade and what it means in money."""
    lines = [_("Maximum risk per trade <b>{risk} %</b> of equity", risk=snapshot.risk_pct)]
    lines += _in_money(snapshot, (snapshot.risk_pct,))
    lines.append(_("The size follows the score between 0.5 % and this. /risk 1.0 sets it."))
    return "\n".join(lines)


def risk_change(snapshot: Snapshot, wanted: Decimal) -> str:
    """Return before and after of a raised risk."""
    question = _(
        "Raise the maximum risk per trade from {now} % to <b>{wanted} %</b>?",
        now=snapshot.risk_pct,
        wanted=wanted,
    )
    return "\n".join([question, *_in_money(snapshot, (snapshot.risk_pct, wanted))])


def _in_money(snapshot: Snapshot, risks: tuple[Decimal, ...]) -> list[str]:
    """Return the money at risk a trade, a row a book and a column a risk, and an example."""
    ready = [view for view in snapshot.books if view.ready]
    if not ready:
        return [_("No account is ready to compute it in money.")]
    head = ("USDT", *(f"{risk} %" for risk in risks))
    rows = [(v.book.value, *(money(v.equity * risk / 100) for risk in risks)) for v in ready]
    example = _example(ready[0], risks[-1], snapshot.position_cap)
    return [table([head, *rows], "<" + ">" * len(risks)), example]


def _example(account: BookView, risk: Decimal, cap: Decimal | None) -> str:
    """Return the size of a position at a usual stop, and whether the margin limit makes it so."""
    by_risk = account.equity * risk / 100 / _EXAMPLE_STOP
    most = by_risk if cap is None else account.equity * cap
    distance = pct(float(_EXAMPLE_STOP))
    if by_risk <= most:
        return _(
            "With a stop {distance} away that is a {book} position of {size} USDT.",
            distance=distance,
            book=account.book,
            size=money(by_risk),
        )
    return _(
        "With a stop {distance} away the margin limit makes that a {book} position of {size} USDT, "
        "which risks {risked} %; by risk alone it would be {wanted}.",
        distance=distance,
        book=account.book,
        size=money(most),
        risked=f"{most * _EXAMPLE_STOP / account.equity * 100:.2f}" if account.equity else "0",
        wanted=money(by_risk),
    )


def threshold(snapshot: Snapshot) -> str:
    """Return how good a signal must be."""
    return ngettext(
        "Threshold <b>{threshold}</b>, aim {aim} signals a day, {count} signal today.\n"
        "/threshold 0.6 fixes it, /threshold auto 150 aims.",
        "Threshold <b>{threshold}</b>, aim {aim} signals a day, {count} signals today.\n"
        "/threshold 0.6 fixes it, /threshold auto 150 aims.",
        snapshot.signals_today,
        threshold=f"{snapshot.threshold:.4f}",
        aim=snapshot.signals_per_day,
    )
