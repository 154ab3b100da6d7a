"""One setup explained: its story, its score, its size and every rule it passed or failed."""

import math
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from bot.desk_why import Contributions, Explanation, Judgement, KellyFigures
from bot.engine_texts import said
from bot.formats import (
    at,
    bold,
    clip,
    esc,
    gain,
    guess_decimals,
    in_r,
    on,
    pct,
    price,
    side,
    table,
)
from bot.language import N_, _, ngettext
from bot.views.gates import gate_lines
from bot.views.signals import RECIPES, reward
from bot.words import word
from engine.domain.setup import Direction, Evidence, EvidenceKind, Setup

_MAX_EVIDENCE = 12
_MOST_INPUTS = 12
_FATES = {
    "signal": N_("It became a signal."),
    "below": N_("No signal: its score is below the threshold."),
    "cap": N_("No signal: the day's number of signals was used up."),
    "cost": N_("No signal: it costs too much of its risk."),
    "stale": N_("No signal: it came too late to act on."),
    "muted": N_("No signal: the symbol is muted."),
    "blind": N_("No signal: the feed of the symbol was blind."),
    "gone": N_("No signal: the symbol is no longer scanned."),
}


_FINDINGS = {
    (EvidenceKind.SWING, Direction.LONG): N_("swing high at {top}"),
    (EvidenceKind.SWING, Direction.SHORT): N_("swing low at {top}"),
    (EvidenceKind.BOS, Direction.LONG): N_("break of structure up through {top}"),
    (EvidenceKind.BOS, Direction.SHORT): N_("break of structure down through {top}"),
    (EvidenceKind.CHOCH, Direction.LONG): N_("change of character up through {top}"),
    (EvidenceKind.CHOCH, Direction.SHORT): N_("change of character down through {top}"),
    (EvidenceKind.SWEEP, Direction.LONG): N_("sweep of the lows at {top}, down to {bottom}"),
    (EvidenceKind.SWEEP, Direction.SHORT): N_("sweep of the highs at {bottom}, up to {top}"),
    (EvidenceKind.FVG, Direction.LONG): N_("fair value gap up, {bottom} – {top}"),
    (EvidenceKind.FVG, Direction.SHORT): N_("fair value gap down, {bottom} – {top}"),
    (EvidenceKind.OB, Direction.LONG): N_("order block up, {bottom} – {top}"),
    (EvidenceKind.OB, Direction.SHORT): N_("order block down, {bottom} – {top}"),
}


def why(told: Explanation, zone: ZoneInfo) -> str:
    """Return the explanation, at most 4096 characters."""
    setup = told.setup
    arrow = "🔼" if setup.direction is Direction.LONG else "🔽"
    title = bold(_("Why {symbol}", symbol=setup.symbol))
    when = f"{setup.timeframe.value} · {on(setup.proved_at_ms, zone)}"
    parts = [
        f"{arrow} {title} {side(setup.direction)} · {when}",
        _story(setup, zone),
        _score(told),
        _features(told.contributions),
    ]
    if told.kelly is not None:
        parts.append(_kelly(told.kelly))
    parts += [_judgement(one, zone) for one in told.judgements[-2:]]
    parts.append(_end(told, zone))
    return clip("\n\n".join(part for part in parts if part))


# --- the story -----------------------------------------------------------------------------------


def _story(setup: Setup, zone: ZoneInfo) -> str:
    places = guess_decimals(setup.entry)
    recipe = _(RECIPES[setup.recipe])
    lines = [bold(recipe[:1].upper() + recipe[1:])]
    lines += [_found(one, zone, places) for one in setup.evidence[-_MAX_EVIDENCE:]]
    zone_text = f"{price(setup.zone_bottom, places)} – {price(setup.zone_top, places)}"
    entry = price(setup.entry, places)
    stop = f"{price(setup.stop, places)} ({pct(-setup.risk / setup.entry, 2)})"
    target = f"{price(setup.target, places)} ({in_r(reward(setup))})"
    lines += [
        _(
            "{time} complete: entry {entry} (zone {zone})",
            time=at(setup.proved_at_ms, zone),
            entry=entry,
            zone=zone_text,
        ),
        _("Wrong at {stop}, fulfilled at {target}", stop=stop, target=target),
        _surroundings(setup),
    ]
    return "\n".join(lines)


def _surroundings(setup: Setup) -> str:
    context = setup.context
    stop = f"{setup.risk / context.atr:.1f}"
    words = [f"RSI {context.rsi:.0f}", _("stop {distance} ATR", distance=stop)]
    if context.mean_quote_volume_20 > 0:
        times = f"{context.quote_volume / context.mean_quote_volume_20:.1f}"
        words.append(_("volume {times}× its mean", times=times))
    place = context.range_position
    if place is not None:
        half = _("discount") if place < 0.5 else _("premium")
        words.append(_("{half} ({share} of the range)", half=half, share=pct(place, 0)))
    return " · ".join(words)


def _found(one: Evidence, zone: ZoneInfo, places: int) -> str:
    return f"{at(one.open_time_ms, zone)} {_finding(one, places)}"


def _finding(one: Evidence, places: int) -> str:
    top, bottom = price(one.top, places), price(one.bottom, places)
    found = _FINDINGS.get((one.kind, one.direction))
    if found is None:
        name = one.kind.lower().replace("_", " ")
        return f"{name} {bottom} – {top}"
    return _(found, top=top, bottom=bottom)


# --- score and size ------------------------------------------------------------------------------


def _score(told: Explanation) -> str:
    score, lines = told.score, [bold(_("Score"))]
    if score is None:
        return "\n".join([*lines, _("None was given.")])
    value, scorer = f"{score.value:.4f}", esc(score.scorer)
    if score.probability is None:
        text = _("{score} by {scorer}: it ranks, it is no probability", score=value, scorer=scorer)
        lines.append(text)
    else:
        proof = ngettext(
            "{count} validated outcome near it",
            "{count} validated outcomes near it",
            score.outcomes,
        )
        if not score.edge:
            proof = _("{proof}; no proven edge", proof=proof)
        lines.append(
            _(
                "{score} by {scorer} → probability {p} ({proof})",
                score=value,
                scorer=scorer,
                p=pct(score.probability),
                proof=proof,
            )
        )
    if told.threshold is not None:
        lines.append(_("Threshold {value}: passed", value=f"{told.threshold:.4f}"))
    if told.cost is not None:
        cost, reward_r = told.cost, reward(told.setup)
        even = (1.0 + cost.cost_r) / (1.0 + reward_r)
        lines.append(
            _(
                "Costs {cost} R (fees {fees}, spread {spread}, impact {impact})",
                cost=f"{cost.cost_r:.2f}",
                fees=pct(cost.fee_ratio, 3),
                spread=pct(cost.spread_ratio, 3),
                impact=pct(cost.impact_ratio, 3),
            )
        )
        lines.append(
            _(
                "Break-even hit rate (1 + {cost}) / (1 + {reward}) = {rate}",
                cost=f"{cost.cost_r:.2f}",
                reward=f"{reward_r:.2f}",
                rate=pct(even),
            )
        )
    return "\n".join(lines)


def _features(given: Contributions) -> str:
    if given.base is None:
        rows = [(part.name, _value(part.value)) for part in given.parts]
        return bold(_("Inputs")) + f"\n{esc(given.note)}\n{table(rows, '<>')}"
    known = [(part.name, part.value, part.log_odds or 0.0) for part in given.parts]
    total = given.base + sum(added for _name, _value, added in known)
    rows3 = [(_("base"), "", f"{given.base:+.2f}")]
    ranked = _by_effect(known)
    rows3 += [(name, _value(value), _added(added)) for name, value, added in ranked[:_MOST_INPUTS]]
    if rest := ranked[_MOST_INPUTS:]:
        others = sum(added for _name, _value, added in rest)
        rows3.append((_("{count} more", count=len(rest)), "", _added(others)))
    rows3.append((_("sum"), "", f"{total:+.2f}"))
    note = _(
        "log-odds {odds} is {p} before calibration",
        odds=f"{total:+.2f}",
        p=f"{1 / (1 + math.exp(-total)):.3f}",
    )
    head = _("<b>Inputs</b>: value, and what it added in log-odds")
    return f"{head}\n{table(rows3, '<>>')}\n{note}"


def _by_effect(known: Iterable[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    return sorted(known, key=lambda one: -abs(one[2]))


def _value(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:+.2f}"


def _added(log_odds: float) -> str:
    return f"{log_odds:+.2f}" if abs(log_odds) >= 0.005 else "·"


def _kelly(figures: KellyFigures) -> str:
    lines = [bold(_("Size (Kelly)"))]
    p, b, f = figures.probability, figures.payoff_ratio, figures.fraction
    floor, high = pct(figures.floor_ratio, 2), pct(figures.max_ratio, 2)
    if p is None or b is None or f is None:
        lines.append(_("No calibrated probability and payoff, so no Kelly fraction."))
    else:
        lines += [
            f"f* = p − (1 − p) / b = {p:.3f} − {1 - p:.3f} / {b:.2f} = {f:+.3f}",
            _("Pays from p = 1 / (1 + b) = {p}", p=pct(1 / (1 + b))),
        ]
    if figures.at_floor:
        lines.append(_("Paper trades it at the floor of {floor}, to gather evidence.", floor=floor))
    elif f is not None:
        lines.append(
            _(
                "Risk = {kappa} × f* = {share}, kept within {floor} and your {high}: {result} of "
                "equity",
                kappa=f"{figures.share:g}",
                share=pct(figures.share * f, 2),
                floor=floor,
                high=high,
                result=pct(figures.paper_ratio, 2),
            )
        )
    if figures.live_refusal:
        lines.append(_("Live refuses it: {reason}", reason=esc(said(figures.live_refusal))))
    return "\n".join(lines)


# --- the gate ------------------------------------------------------------------------------------


def _judgement(judged: Judgement, zone: ZoneInfo) -> str:
    when = at(judged.at_ms, zone, seconds=True)
    if judged.approved:
        head = _("<b>Gate</b> at {time}: approved", time=when)
    else:
        head = _("<b>Gate</b> at {time}: refused", time=when)
    return "\n".join([head, *gate_lines(judged.gates)])


def _end(told: Explanation, zone: ZoneInfo) -> str:
    if told.closed:
        trade = told.closed[-1]
        return _(
            "<b>Outcome</b>: {reason} at {time}, {net} USDT net ({result})",
            reason=word(trade.reason),
            time=at(trade.closed_ms, zone),
            net=gain(trade.net),
            result=in_r(trade.net_r, 2),
        )
    if told.running:
        return _("<b>Outcome</b>: the trade is open. /positions")
    if told.judgements:
        return _("<b>Outcome</b>: no trade came of it.")
    if told.fate in _FATES:
        return _(_FATES[told.fate])
    return _("What became of it: {fate}.", fate=esc(told.fate))
