"""The model card in short; never more confident than its figures."""

from datetime import UTC, datetime

from bot.desk_model import Judged, ModelCard, ModelView
from bot.formats import bold, clip, esc, in_r, pct, plural

_HEURISTIC = (
    "It is a documented weighted sum of eleven measured quantities. No data was fitted, its "
    "scores rank setups and are no probabilities. Paper trades on it at the floor, to gather "
    "evidence; live trading refuses its entries without your override (/edge)."
)


def model(view: ModelView) -> str:
    """Return the card, or that there is none and why."""
    card = view.card
    if card is None:
        reason = f"No model is loaded: {esc(view.problem)}." if view.problem else "No model."
        return clip(f"{bold(f'Scorer: {view.scorer}')}\n{reason}\n\n{_HEURISTIC}")
    edge = "claims an edge" if card.edge else "claims no edge: live refuses its entries"
    lines = [
        f"{bold(f'Model {card.bundle[:12]}')} {edge}",
        *([esc(card.verdict)] if card.verdict else []),
        f"Scores {esc(', '.join(card.recipes))} on {esc(', '.join(card.timeframes))} only",
        f"Probabilities {pct(card.lowest_probability)} to {pct(card.highest_probability)}",
        f"Payoff {card.lowest_payoff:.2f} to {card.highest_payoff:.2f} by cost",
        f"Threshold {card.threshold:.4f} by default",
        f"Costs assumed {card.cost_ratio * 1e4:.1f} bps a round trip",
        _learnt(card),
        *(_judged(one) for one in card.judged),
    ]
    if not card.judged:
        lines.append("The bundle holds no validation figures.")
    return clip("\n".join(line for line in lines if line))


def _learnt(card: ModelCard) -> str:
    parts = []
    if card.rows is not None:
        parts.append(plural(card.rows, "labelled setup"))
    if card.first_ms is not None and card.last_ms is not None:
        parts.append(f"{_day(card.first_ms)} to {_day(card.last_ms)}")
    if card.sources:
        parts.append(", ".join(card.sources))
    learnt = f"Learnt from {esc(', '.join(parts))}" if parts else ""
    made = f"Created {esc(card.created)}" if card.created else ""
    return "\n".join(part for part in (learnt, made) if part)


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()


def _judged(one: Judged) -> str:
    parts = []
    if one.net_r is not None and one.count is not None:
        interval = "no interval"
        if one.low is not None and one.high is not None:
            interval = f"95 % between {in_r(one.low, 3)} and {in_r(one.high, 3)}"
        count = plural(one.count, "setup")
        parts.append(f"{in_r(one.net_r, 3)} net a trade ({interval}) over {count}")
    if one.auc_net is not None and one.auc_gross is not None:
        parts.append(f"AUC net {one.auc_net:.3f}, gross {one.auc_gross:.3f} (0.5 is chance)")
    if one.brier is not None and one.brier_base_rate is not None:
        parts.append(f"Brier {one.brier:.4f}, the base rate alone {one.brier_base_rate:.4f}")
    return f"\n{bold(one.where.capitalize())}\n" + "\n".join(parts) if parts else ""
