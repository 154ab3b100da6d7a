"""The model card in short; never more confident than its figures."""

from datetime import UTC, datetime

from bot.desk_model import Judged, ModelCard, ModelProposal, ModelView
from bot.engine_texts import said
from bot.formats import bold, clip, esc, in_r, pct
from bot.language import N_, _, ngettext

_HEURISTIC = N_(
    "It is a documented weighted sum of eleven measured quantities. No data was fitted, its "
    "scores rank setups and are no probabilities. Paper trades on it at the floor, to gather "
    "evidence; live trading refuses its entries without your override (/edge)."
)
_HOW_TO = N_(
    "To get a model: <code>python -m bot train DATA --out {folder}</code> where the bot runs, "
    "then /model reload."
)
_WHERE = {"test": N_("Test"), "out of fold": N_("Out of fold")}


def model(view: ModelView) -> str:
    """Return the card, or that there is none, why, and how to get one."""
    return with_evidence(view, "")


def with_evidence(view: ModelView, fares: str) -> str:
    """Return the card, how the model fares, and what may replace it."""
    card = _none(view) if view.card is None else _card(view.card)
    parts = (card, fares, "\n".join(_standing(view)))
    return clip("\n\n".join(part for part in parts if part))


def _none(view: ModelView) -> str:
    head = bold(_("Scorer: {name}", name=view.scorer))
    if view.problem:
        reason = _("No model is loaded: {problem}.", problem=esc(said(view.problem)))
    else:
        reason = _("No model.")
    parts = [f"{head}\n{reason}", _(_HEURISTIC)]
    if view.place:
        folder = view.place.rpartition("/")[0] or "."
        parts.append(_(_HOW_TO, folder=esc(folder)))
    return "\n\n".join(parts)


def _card(card: ModelCard) -> str:
    head = bold(_("Model {hash}", hash=card.bundle[:12]))
    edge = _("claims an edge") if card.edge else _("claims no edge: live refuses its entries")
    lines = [
        f"{head} {edge}",
        *([esc(said(card.verdict))] if card.verdict else []),
        _(
            "Scores {recipes} on {timeframes} only",
            recipes=esc(", ".join(card.recipes)),
            timeframes=esc(", ".join(card.timeframes)),
        ),
        _(
            "Probabilities {low} to {high}",
            low=pct(card.lowest_probability),
            high=pct(card.highest_probability),
        ),
        _(
            "Payoff {low} to {high} by cost",
            low=f"{card.lowest_payoff:.2f}",
            high=f"{card.highest_payoff:.2f}",
        ),
        _("Threshold {value} by default", value=f"{card.threshold:.4f}"),
        _("Costs assumed {bps} bps a round trip", bps=f"{card.cost_ratio * 1e4:.1f}"),
        _learnt(card),
        *(_judged(one) for one in card.judged),
    ]
    if not card.judged:
        lines.append(_("The bundle holds no validation figures."))
    return "\n".join(line for line in lines if line)


def _standing(view: ModelView) -> list[str]:
    """What may replace it."""
    lines = []
    if view.rolled_back:
        lines.append(_("Rolled back: the newer file is passed over until /model reload."))
    if view.previous is not None:
        lines.append(_("/model rollback goes back to {name}", name=esc(view.previous)))
    if view.pinned:
        lines.append(_("Pinned: no bundle but {hash} is accepted", hash=view.pinned[:12]))
    if view.shadow:
        lines.append(_("Challenger {name} scores beside, decides nothing", name=esc(view.shadow)))
    if view.shadow_problem:
        lines.append(_("The challenger does not score: {why}", why=esc(said(view.shadow_problem))))
    return lines


def _learnt(card: ModelCard) -> str:
    parts = []
    if card.rows is not None:
        parts.append(ngettext("{count} labelled setup", "{count} labelled setups", card.rows))
    if card.first_ms is not None and card.last_ms is not None:
        parts.append(_("{first} to {last}", first=_day(card.first_ms), last=_day(card.last_ms)))
    if card.sources:
        parts.append(", ".join(card.sources))
    learnt = _("Learnt from {what}", what=esc(", ".join(parts))) if parts else ""
    made = _("Created {when}", when=esc(_minute(card.created))) if card.created else ""
    return "\n".join(part for part in (learnt, made) if part)


def _minute(created: str) -> str:
    """A card's ISO time as people read it; one without a zone, or none at all, stays as it is."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M %Z}" if moment.tzinfo else created


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()


def _judged(one: Judged) -> str:
    parts = []
    if one.net_r is not None and one.count is not None:
        parts.append(
            ngettext(
                "{net} net a trade ({interval}) over {count} setup",
                "{net} net a trade ({interval}) over {count} setups",
                one.count,
                net=in_r(one.net_r, 3),
                interval=_interval(one),
            )
        )
    if one.auc_net is not None and one.auc_gross is not None:
        parts.append(
            _(
                "AUC net {net}, gross {gross} (0.5 is chance)",
                net=f"{one.auc_net:.3f}",
                gross=f"{one.auc_gross:.3f}",
            )
        )
    if one.brier is not None and one.brier_base_rate is not None:
        parts.append(
            _(
                "Brier {brier}, the base rate alone {base}",
                brier=f"{one.brier:.4f}",
                base=f"{one.brier_base_rate:.4f}",
            )
        )
    where = _(_WHERE.get(one.where, one.where))
    return f"\n{bold(where)}\n" + "\n".join(parts) if parts else ""


def _interval(one: Judged) -> str:
    if one.low is None or one.high is None:
        return _("no interval")
    return _("95 % between {low} and {high}", low=in_r(one.low, 3), high=in_r(one.high, 3))


# --- changes -------------------------------------------------------------------------------------


def refused(proposal: ModelProposal) -> str:
    """Return why nothing was changed."""
    return _("Nothing was changed. {why}", why=esc(said(proposal.problem)))


def question(now: ModelView, proposal: ModelProposal) -> str:
    """Return what a change means where real entries hang on it."""
    card = proposal.card
    lines = [
        bold(_("Change the model while live?")),
        f"{esc(now.scorer)} → {esc(proposal.scorer)}",
    ]
    if card is None:
        lines.append(_("That is no model: live will refuse its entries without /edge override."))
    else:
        claim = _("It claims an edge.") if card.edge else _("It claims no edge.")
        lines += [claim, *([esc(said(card.verdict))] if card.verdict else [])]
        lines.append(_("Hash <code>{hash}</code>", hash=card.bundle))
        if not now.pinned:
            lines.append(_("No bundle is pinned: SMCBOT_MODEL_SHA256 would hold live to one."))
    lines.append(_("The threshold starts anew; open positions stay as they are."))
    return "\n".join(lines)
