"""What the model promised beside what came, in words that fit how much is known."""

from bot.desk_model import (
    Bucket,
    Calibrated,
    Drift,
    ModelEvidence,
    Rivalry,
    Stability,
    Traded,
)
from bot.engine_texts import said
from bot.formats import bold, esc, in_r, table
from bot.language import N_, _, ngettext

_STABILITY = {
    Stability.STABLE: N_("stable"),
    Stability.SHIFTING: N_("shifting"),
    Stability.DRIFTED: N_("drifted"),
    Stability.TOO_FEW: N_("too few setups to tell"),
}
_WORST_FIRST = (Stability.DRIFTED, Stability.SHIFTING, Stability.TOO_FEW, Stability.STABLE)
_MOST_FEATURES = 5
_SURPRISING = 3.0
"""Standard deviations; setups share their market, so fewer would be claimed too often."""


def evidence(found: ModelEvidence) -> str:
    """Return how the model fares here; nothing for the heuristic scorer but its count."""
    scored = ngettext(
        "{count} setup scored here in {days} days",
        "{count} setups scored here in {days} days",
        found.scored,
        days=found.days,
    )
    if found.calibrated is None:
        return "\n".join(part for part in (scored, _ended(found)) if part)
    parts = [
        bold(_("Here")),
        scored,
        _ended(found),
        _calibrated(found.calibrated, found.card_brier),
        *(_traded(one) for one in found.traded),
        drift(found),
        rivalry(found.rivalry) if found.rivalry else "",
    ]
    return "\n".join(part for part in parts if part)


def weekly(found: ModelEvidence) -> str:
    """Return the model's part of the weekly digest; "" where no model works."""
    if found.calibrated is None:
        return ""
    head = bold(_("Model {name}", name=found.scorer))
    parts = [head, _promise(found.calibrated), _brier(found.calibrated, found.card_brier)]
    parts += [drift(found), rivalry(found.rivalry) if found.rivalry else ""]
    return "\n".join(part for part in parts if part)


def _ended(found: ModelEvidence) -> str:
    if not found.ended:
        return ""
    return ngettext(
        "{count} followed to its end, traded or not: {paid} paid net of costs, {net} on average",
        "{count} followed to their end, traded or not: {paid} paid net of costs, {net} on average",
        found.ended,
        paid=f"{found.paid:,}",
        net=in_r(found.net_r, 2),
    )


# --- calibration ---------------------------------------------------------------------------------


def _calibrated(one: Calibrated, card_brier: float | None) -> str:
    parts = [_promise(one)]
    if one.count:
        parts += [_buckets(one.buckets), _brier(one, card_brier)]
    return "\n".join(part for part in parts if part)


def _promise(one: Calibrated) -> str:
    if not one.count:
        return _("No setup has been followed to its end yet: that takes two hours each.")
    counted = ngettext(
        "Of {count} outcome {expected} promised to pay, {wins} did",
        "Of {count} outcomes {expected} promised to pay, {wins} did",
        one.count,
        wins=f"{one.wins:,}",
        expected=f"{one.expected:,.0f}",
    )
    return f"{counted}. {_verdict(one)}"


def _verdict(one: Calibrated) -> str:
    if not one.enough:
        return _("Too few to judge by.")
    if abs(one.surprise) < _SURPRISING:
        return _("The probabilities hold so far.")
    if one.surprise < 0:
        return _("It promises too much: train it anew or look at the drift.")
    return _("It promises too little: train it anew or look at the drift.")


def _buckets(buckets: tuple[Bucket, ...]) -> str:
    rows = [(_("said"), _("came (95 %)"), "n", _("card"))]
    for bucket in buckets:
        if not bucket.count:
            continue
        rows.append(
            (
                f"{100 * bucket.predicted:.0f} %",
                f"{100 * bucket.observed:.0f} % ({100 * bucket.least:.0f}-{100 * bucket.most:.0f})",
                f"{bucket.count:,}",
                "" if bucket.card is None else f"{100 * bucket.card:.0f} %",
            )
        )
    return table(rows, "<<>>")


def _brier(one: Calibrated, card_brier: float | None) -> str:
    if one.brier is None or one.brier_base_rate is None:
        return ""
    here = f"{one.brier:.4f}"
    base = f"{one.brier_base_rate:.4f}"
    if card_brier is None:
        return _("Brier {here} here, the base rate alone {base}", here=here, base=base)
    return _(
        "Brier {here} here ({card} on the card), the base rate alone {base}",
        here=here,
        card=f"{card_brier:.4f}",
        base=base,
    )


def _traded(one: Traded) -> str:
    return ngettext(
        "{count} {book} trade: {wins} won, {expected} promised",
        "{count} {book} trades: {wins} won, {expected} promised",
        one.count,
        book=one.book.value,
        wins=f"{one.wins:,}",
        expected=f"{one.expected:.1f}",
    )


# --- drift ---------------------------------------------------------------------------------------


def drift(found: ModelEvidence) -> str:
    """Return the drift of the features in one word each; only what is not stable is named."""
    if not found.drift:
        return (
            _("Drift unknown: {why}", why=esc(said(found.drift_note))) if found.drift_note else ""
        )
    head = ngettext(
        "Features of {count} setup in {days} days against the training: {words}",
        "Features of {count} setups in {days} days against the training: {words}",
        found.drift[0].count,
        days=found.drift_days,
        words=_tally(found.drift),
    )
    loud = [one for one in found.drift if one.stability in _WORST_FIRST[:2]]
    if not loud:
        return head
    rows = [
        (one.feature, f"{one.index:.2f}", _(_STABILITY[one.stability]))
        for one in loud[:_MOST_FEATURES]
    ]
    return f"{head}\n{table(rows, '<><')}"


def _tally(drifts: tuple[Drift, ...]) -> str:
    counts = [
        (sum(one.stability is word for one in drifts), _(_STABILITY[word])) for word in _WORST_FIRST
    ]
    return ", ".join(f"{count} {name}" for count, name in counts if count)


# --- challenger ----------------------------------------------------------------------------------


def rivalry(one: Rivalry) -> str:
    """Return the model and its challenger on the same outcomes."""
    name = bold(_("Challenger {name}", name=one.challenger))
    head = ngettext(
        "{name}: {count} setup scored beside",
        "{name}: {count} setups scored beside",
        one.scored,
        name=name,
    )
    if one.brier is None or one.brier_challenger is None:
        return f"{head}. " + _("No outcome is known of any yet.")
    figures = ngettext(
        "On {count} same outcome: Brier {model} model, {challenger} challenger",
        "On {count} same outcomes: Brier {model} model, {challenger} challenger",
        one.count,
        model=f"{one.brier:.4f}",
        challenger=f"{one.brier_challenger:.4f}",
    )
    return f"{head}. {figures}. {_better(one)}"


def _better(one: Rivalry) -> str:
    if not one.enough or one.low is None or one.high is None:
        return _("Too few to judge by.")
    interval = f"{one.low:+.4f} … {one.high:+.4f}"
    if one.high < 0:
        return _("The challenger is better (difference {interval}).", interval=interval)
    if one.low > 0:
        return _("The model is better (difference {interval}).", interval=interval)
    return _("No difference that chance could not make ({interval}).", interval=interval)
