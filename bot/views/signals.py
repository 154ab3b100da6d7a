"""Signals: the caption under the picture, the digest of a burst, the list of past ones."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.desk import Outcome, SignalsView
from bot.durations import words
from bot.formats import (
    MAX_CAPTION,
    at,
    bold,
    clip,
    esc,
    fit,
    gain,
    guess_decimals,
    in_r,
    money,
    pct,
    plural,
    price,
    qty,
    side,
    table,
)
from bot.keyboards import short
from engine.domain.notices import SignalNotice
from engine.domain.setup import Direction, Recipe, Setup
from engine.domain.signal import RiskApproved, RiskRefused, Rule, Signal

RECIPES = {
    Recipe.SWEEP_BOS_RETEST: "liquidity sweep, break of structure, order block retest",
    Recipe.FVG_CONTINUATION: "fair value gap in the direction of the trend",
    Recipe.OB_RETEST: "order block retest",
}
_QUIET_RULES = frozenset({Rule.SIGNALS_ONLY})


def reward(setup: Setup) -> float:
    """Return the target's distance in units of the risk."""
    return abs(setup.target - setup.entry) / setup.risk


def break_even(signal: Signal) -> float:
    """Return the hit rate at which the signal earns nothing after its costs.

    A win nets `reward - cost` R and a loss costs `1 + cost` R, so p = (1 + cost) / (1 + reward).
    """
    return (1.0 + signal.cost.cost_r) / (1.0 + reward(signal.setup))


def score_line(signal: Signal) -> str:
    """Return what the score says, and never more than it can say."""
    score = signal.score
    if score.probability is None:
        return f"Heuristic score {score.value:.2f}, not a probability"
    proof = plural(score.outcomes, "outcome")
    edge = "" if score.edge else ", no proven edge"
    return f"Probability {pct(score.probability, 0)} ({proof}{edge})"


def signal_caption(
    notice: SignalNotice, zone: ZoneInfo, decimals: int | None = None, *, outcome: str = ""
) -> str:
    """Return the caption of a signal, at most 1024 characters, with its outcome if there is one."""
    signal = notice.signal
    setup = signal.setup
    places = guess_decimals(setup.entry) if decimals is None else decimals
    arrow = "🔼" if setup.direction is Direction.LONG else "🔽"
    head = f"{arrow} {bold(setup.symbol)} {side(setup.direction)} · {setup.timeframe.value}"
    rows = [
        ("entry", price(setup.entry, places), ""),
        ("stop", price(setup.stop, places), pct(-setup.risk / setup.entry, 2)),
        ("target", price(setup.target, places), in_r(reward(setup))),
    ]
    lines = [
        f"{head} · {at(setup.proved_at_ms, zone)}",
        RECIPES[setup.recipe],
        table(rows, "<>>"),
        score_line(signal),
        f"Break-even {pct(break_even(signal), 0)} · costs {signal.cost.cost_r:.2f} R",
        verdict_line(notice),
    ]
    if not outcome:
        return clip("\n".join(lines), MAX_CAPTION)
    return clip("\n".join(lines), MAX_CAPTION - len(outcome) - 1) + "\n" + outcome


def outcome_line(outcome: Outcome, setup: Setup, zone: ZoneInfo) -> str:
    """Return what became of a signal whose time is over."""
    trade = outcome.trade
    if trade is None:
        ended = at(setup.expires_at_ms, zone)
        return "⬜ Entry not filled" if outcome.approved else f"⬜ Expired at {ended}, not traded"
    mark = "🟩" if trade.net > 0 else "🟥"
    held = words((trade.closed_ms - trade.opened_ms) / 1000)
    result = f"{bold(in_r(trade.net_r, 2))}, {gain(trade.net)} USDT net"
    return f"{mark} {trade.reason.value.capitalize()} after {held}: {result}"


def verdict_line(notice: SignalNotice) -> str:
    """Return whether it is traded, and why not."""
    match notice.verdict:
        case RiskApproved(proposal=proposal):
            return (
                f"{bold('Traded')} on {proposal.book}: {qty(proposal.qty)} · "
                f"risk {money(proposal.risk)} USDT ({pct(proposal.risk_ratio, 2)})"
            )
        case RiskRefused(rule=Rule.APPROVAL):
            return bold("Waits for your Take")
        case RiskRefused(rule=rule) if rule in _QUIET_RULES:
            return "Not traded: signals mode"
        case RiskRefused(rule=rule, detail=detail):
            name = rule.value.replace("_", " ")
            said = detail.lower().startswith(name)
            return f"Not traded{'' if said else f' ({name})'}: {esc(detail)}"


def digest(notices: Sequence[SignalNotice], zone: ZoneInfo, *, pictured: int) -> str:
    """Return many signals as one message, the most important first."""
    head = bold(plural(len(notices), "signal"))
    if pictured:
        head += f", the best {pictured} pictured"
    lines = [_digest_line(notice, zone) for notice in notices]
    return fit(head, lines, hint="/signals shows them")


def _digest_line(notice: SignalNotice, zone: ZoneInfo) -> str:
    setup = notice.signal.setup
    arrow = "🔼" if setup.direction is Direction.LONG else "🔽"
    traded = " · traded" if isinstance(notice.verdict, RiskApproved) else ""
    return (
        f"{arrow} {bold(short(setup.symbol))} {price(setup.entry, guess_decimals(setup.entry))} · "
        f"{_short_score(notice.signal)} · {in_r(reward(setup))} · {at(notice.at_ms, zone)}{traded}"
    )


def _short_score(signal: Signal) -> str:
    p = signal.score.probability
    return f"score {signal.score.value:.2f}" if p is None else f"p {pct(p, 0)}"


def signals(view: SignalsView, zone: ZoneInfo) -> str:
    """Return past signals with what became of them."""
    if not view.rows:
        return "No signals yet."
    head = f"{bold(plural(len(view.rows), 'signal'))}, newest first"
    rows = [
        (at(r.at_ms, zone), short(r.symbol), r.direction.letter, f"{r.score:.2f}", r.outcome)
        for r in view.rows
    ]
    return f"{head}\n{table(rows[:50], '<<<><')}"
