"""Signals: the caption under the picture, the digest of a burst, the list of past ones."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.desk import Outcome, SignalsView
from bot.durations import words
from bot.engine_texts import said
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
    price,
    qty,
    side,
    table,
)
from bot.keyboards import short
from bot.language import N_, _, ngettext
from bot.words import rule_name, word
from engine.domain.notices import SignalNotice
from engine.domain.setup import Direction, Recipe, Setup
from engine.domain.signal import RiskApproved, RiskRefused, Rule, Signal

RECIPES = {
    Recipe.SWEEP_BOS_RETEST: N_("liquidity sweep, break of structure, order block retest"),
    Recipe.FVG_CONTINUATION: N_("fair value gap in the direction of the trend"),
    Recipe.OB_RETEST: N_("order block retest"),
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
        return _("Heuristic score {score}, not a probability", score=f"{score.value:.2f}")
    proof = ngettext("{count} outcome", "{count} outcomes", score.outcomes)
    if not score.edge:
        proof = _("{proof}, no proven edge", proof=proof)
    return _("Probability {p} ({proof})", p=pct(score.probability, 0), proof=proof)


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
        (_("entry"), price(setup.entry, places), ""),
        (_("stop"), price(setup.stop, places), pct(-setup.risk / setup.entry, 2)),
        (_("target"), price(setup.target, places), in_r(reward(setup))),
    ]
    lines = [
        f"{head} · {at(setup.proved_at_ms, zone)}",
        _(RECIPES[setup.recipe]),
        table(rows, "<>>"),
        score_line(signal),
        _(
            "Break-even {rate} · costs {cost} R",
            rate=pct(break_even(signal), 0),
            cost=f"{signal.cost.cost_r:.2f}",
        ),
        verdict_line(notice),
    ]
    if not outcome:
        return clip("\n".join(lines), MAX_CAPTION)
    return clip("\n".join(lines), MAX_CAPTION - len(outcome) - 1) + "\n" + outcome


def outcome_line(outcome: Outcome, setup: Setup, zone: ZoneInfo) -> str:
    """Return what became of a signal whose time is over."""
    trade = outcome.trade
    if trade is None:
        if outcome.approved:
            return _("⬜ Entry not filled")
        return _("⬜ Expired at {time}, not traded", time=at(setup.expires_at_ms, zone))
    mark = "🟩" if trade.net > 0 else "🟥"
    held = words((trade.closed_ms - trade.opened_ms) / 1000)
    reason = word(trade.reason)
    return _(
        "{mark} {reason} after {time}: <b>{result}</b>, {net} USDT net",
        mark=mark,
        reason=reason[:1].upper() + reason[1:],
        time=held,
        result=in_r(trade.net_r, 2),
        net=gain(trade.net),
    )


def verdict_line(notice: SignalNotice) -> str:
    """Return whether it is traded, and why not."""
    match notice.verdict:
        case RiskApproved(proposal=proposal):
            return _(
                "<b>Traded</b> on {book}: {qty} · risk {risk} USDT ({share})",
                book=proposal.book,
                qty=qty(proposal.qty),
                risk=money(proposal.risk),
                share=pct(proposal.risk_ratio, 2),
            )
        case RiskRefused(rule=Rule.APPROVAL):
            return bold(_("Traded only with your Take"))
        case RiskRefused(rule=rule) if rule in _QUIET_RULES:
            return _("Not traded: signals mode")
        case RiskRefused(rule=rule, detail=detail):
            name = rule_name(rule)
            reason = said(detail)
            if rule is Rule.EDGE:
                return _("Not traded, no proven edge: {reason}. See /edge", reason=esc(reason))
            if reason.lower().startswith(name.lower()):
                return _("Not traded: {reason}", reason=esc(reason))
            return _("Not traded ({rule}): {reason}", rule=esc(name), reason=esc(reason))


def digest(notices: Sequence[SignalNotice], zone: ZoneInfo, *, pictured: int) -> str:
    """Return many signals as one message, the most important first."""
    head = ngettext("<b>{count} signal</b>", "<b>{count} signals</b>", len(notices))
    if pictured:
        head = _("{signals}, the best {count} pictured", signals=head, count=pictured)
    lines = [_digest_line(notice, zone) for notice in notices]
    return fit(head, lines, hint=_("/signals shows them"))


def _digest_line(notice: SignalNotice, zone: ZoneInfo) -> str:
    setup = notice.signal.setup
    arrow = "🔼" if setup.direction is Direction.LONG else "🔽"
    traded = " · " + _("traded") if isinstance(notice.verdict, RiskApproved) else ""
    return (
        f"{arrow} {bold(short(setup.symbol))} {price(setup.entry, guess_decimals(setup.entry))} · "
        f"{_short_score(notice.signal)} · {in_r(reward(setup))} · {at(notice.at_ms, zone)}{traded}"
    )


def _short_score(signal: Signal) -> str:
    p = signal.score.probability
    if p is None:
        return _("score {score}", score=f"{signal.score.value:.2f}")
    return f"p {pct(p, 0)}"


def signals(view: SignalsView, zone: ZoneInfo) -> str:
    """Return past signals with what became of them."""
    if not view.rows:
        return _("No signals yet.")
    head = ngettext(
        "<b>{count} signal</b>, newest first",
        "<b>{count} signals</b>, newest first",
        len(view.rows),
    )
    rows = [
        (at(r.at_ms, zone), short(r.symbol), r.direction.letter, f"{r.score:.2f}", r.outcome)
        for r in view.rows
    ]
    hint = _("Why? Press one of the newest.")
    return f"{head}\n{table(rows[:50], '<<<><')}\n{hint}"
