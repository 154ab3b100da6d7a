"""One setup explained: its story, its score, its size and every rule it passed or failed."""

import math
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from bot.desk_why import Contributions, Explanation, GateState, Judgement, KellyFigures
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
    plural,
    price,
    side,
    table,
)
from bot.views.signals import RECIPES, reward
from engine.domain.setup import Direction, Evidence, EvidenceKind, Setup

_MAX_EVIDENCE = 12
_FATES = {
    "signal": "It became a signal.",
    "below": "No signal: its score is below the threshold.",
    "cap": "No signal: the day's number of signals was used up.",
    "cost": "No signal: it costs too much of its risk.",
    "stale": "No signal: it came too late to act on.",
    "muted": "No signal: the symbol is muted.",
    "blind": "No signal: the feed of the symbol was blind.",
    "gone": "No signal: the symbol is no longer scanned.",
}


def why(told: Explanation, zone: ZoneInfo) -> str:
    """Return the explanation, at most 4096 characters."""
    setup = told.setup
    arrow = "🔼" if setup.direction is Direction.LONG else "🔽"
    when = f"{setup.timeframe.value} · {on(setup.proved_at_ms, zone)}"
    parts = [
        f"{arrow} {bold(f'Why {setup.symbol}')} {side(setup.direction)} · {when}",
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
    lines = [bold(RECIPES[setup.recipe].capitalize())]
    lines += [_found(one, zone, places) for one in setup.evidence[-_MAX_EVIDENCE:]]
    zone_text = f"{price(setup.zone_bottom, places)} – {price(setup.zone_top, places)}"
    entry = price(setup.entry, places)
    stop = f"{price(setup.stop, places)} ({pct(-setup.risk / setup.entry, 2)})"
    target = f"{price(setup.target, places)} ({in_r(reward(setup))})"
    lines += [
        f"{at(setup.proved_at_ms, zone)} complete: entry {entry} (zone {zone_text})",
        f"Wrong at {stop}, fulfilled at {target}",
        _surroundings(setup),
    ]
    return "\n".join(lines)


def _surroundings(setup: Setup) -> str:
    context = setup.context
    words = [f"RSI {context.rsi:.0f}", f"stop {setup.risk / context.atr:.1f} ATR"]
    if context.mean_quote_volume_20 > 0:
        words.append(f"volume {context.quote_volume / context.mean_quote_volume_20:.1f}× its mean")
    place = context.range_position
    if place is not None:
        words.append(f"{'discount' if place < 0.5 else 'premium'} ({pct(place, 0)} of the range)")
    return " · ".join(words)


def _found(one: Evidence, zone: ZoneInfo, places: int) -> str:
    return f"{at(one.open_time_ms, zone)} {_finding(one, places)}"


def _finding(one: Evidence, places: int) -> str:
    top, bottom = price(one.top, places), price(one.bottom, places)
    is_up = one.direction is Direction.LONG
    way = "up" if is_up else "down"
    both = f"{bottom} – {top}"
    match one.kind:
        case EvidenceKind.SWING:
            return f"swing {'high' if is_up else 'low'} at {top}"
        case EvidenceKind.BOS:
            return f"break of structure {way} through {top}"
        case EvidenceKind.CHOCH:
            return f"change of character {way} through {top}"
        case EvidenceKind.SWEEP if is_up:
            return f"sweep of the lows at {top}, down to {bottom}"
        case EvidenceKind.SWEEP:
            return f"sweep of the highs at {bottom}, up to {top}"
        case EvidenceKind.FVG:
            return f"fair value gap {way}, {both}"
        case EvidenceKind.OB:
            return f"order block {way}, {both}"
        case _:
            return f"{one.kind.lower().replace('_', ' ')} {both}"


# --- score and size ------------------------------------------------------------------------------


def _score(told: Explanation) -> str:
    score, lines = told.score, [bold("Score")]
    if score is None:
        return f"{bold('Score')}\nNone was given."
    if score.probability is None:
        lines.append(f"{score.value:.4f} by {esc(score.scorer)}: it ranks, it is no probability")
    else:
        proof = plural(score.outcomes, "validated outcome")
        lines.append(
            f"{score.value:.4f} by {esc(score.scorer)} → probability {pct(score.probability)} "
            f"({proof} near it{'' if score.edge else '; no proven edge'})"
        )
    if told.threshold is not None:
        lines.append(f"Threshold {told.threshold:.4f}: passed")
    if told.cost is not None:
        cost, reward_r = told.cost, reward(told.setup)
        even = (1.0 + cost.cost_r) / (1.0 + reward_r)
        lines.append(
            f"Costs {cost.cost_r:.2f} R (fees {pct(cost.fee_ratio, 3)}, "
            f"spread {pct(cost.spread_ratio, 3)}, impact {pct(cost.impact_ratio, 3)})"
        )
        lines.append(
            f"Break-even hit rate (1 + {cost.cost_r:.2f}) / (1 + {reward_r:.2f}) = {pct(even)}"
        )
    return "\n".join(lines)


def _features(given: Contributions) -> str:
    if given.base is None:
        rows = [(part.name, f"{part.value:+.2f}") for part in given.parts]
        return f"{bold('Inputs')}\n{esc(given.note)}\n{table(rows, '<>')}"
    known = [(part.name, part.value, part.log_odds or 0.0) for part in given.parts]
    total = given.base + sum(added for _, _, added in known)
    rows3 = [("base", "", f"{given.base:+.2f}")]
    rows3 += [(name, f"{value:+.2f}", _added(added)) for name, value, added in _by_effect(known)]
    rows3.append(("sum", "", f"{total:+.2f}"))
    note = f"log-odds {total:+.2f} is {1 / (1 + math.exp(-total)):.3f} before calibration"
    return f"{bold('Inputs')}: value, and what it added in log-odds\n{table(rows3, '<>>')}\n{note}"


def _by_effect(known: Iterable[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    return sorted(known, key=lambda one: -abs(one[2]))


def _added(log_odds: float) -> str:
    return f"{log_odds:+.2f}" if abs(log_odds) >= 0.005 else "·"


def _kelly(figures: KellyFigures) -> str:
    lines = [bold("Size (Kelly)")]
    p, b, f = figures.probability, figures.payoff_ratio, figures.fraction
    floor, high = pct(figures.floor_ratio, 2), pct(figures.max_ratio, 2)
    if p is None or b is None or f is None:
        lines.append("No calibrated probability and payoff, so no Kelly fraction.")
    else:
        lines += [
            f"f* = p − (1 − p) / b = {p:.3f} − {1 - p:.3f} / {b:.2f} = {f:+.3f}",
            f"Pays from p = 1 / (1 + b) = {pct(1 / (1 + b))}",
        ]
    if figures.at_floor:
        lines.append(f"Paper trades it at the floor of {floor}, to gather evidence.")
    elif f is not None:
        lines.append(
            f"Risk = {figures.share:g} × f* = {pct(figures.share * f, 2)}, kept within "
            f"{floor} and your {high}: {pct(figures.paper_ratio, 2)} of equity"
        )
    if figures.live_refusal:
        lines.append(f"Live refuses it: {esc(figures.live_refusal)}")
    return "\n".join(lines)


# --- the gate ------------------------------------------------------------------------------------


def _judgement(judged: Judgement, zone: ZoneInfo) -> str:
    word = "approved" if judged.approved else "refused"
    lines = [f"{bold('Gate')} at {at(judged.at_ms, zone, seconds=True)}: {word}"]
    lines += [
        f"✗ {bold(_name(gate.rule))}: {esc(gate.detail)}"
        for gate in judged.gates
        if gate.state is GateState.REFUSED
    ]
    passed = [gate for gate in judged.gates if gate.state is GateState.PASSED]
    lines += [f"✓ {_name(gate.rule)}: {esc(gate.detail)}" for gate in passed if gate.detail]
    silent = [_name(gate.rule) for gate in passed if not gate.detail]
    if silent:
        lines.append(f"✓ No objection by: {', '.join(silent)}")
    skipped = [_name(gate.rule) for gate in judged.gates if gate.state is GateState.NOT_REACHED]
    if skipped:
        lines.append(f"Not reached: {', '.join(skipped)}")
    return "\n".join(lines)


def _name(rule: str) -> str:
    return rule.replace("_", " ")


def _end(told: Explanation, zone: ZoneInfo) -> str:
    if told.closed:
        trade = told.closed[-1]
        return (
            f"{bold('Outcome')}: {trade.reason} at {at(trade.closed_ms, zone)}, "
            f"{gain(trade.net)} USDT net ({in_r(trade.net_r, 2)})"
        )
    if told.running:
        return f"{bold('Outcome')}: the trade is open. /positions"
    if not told.judgements:
        return _FATES.get(told.fate, f"What became of it: {esc(told.fate)}.")
    return f"{bold('Outcome')}: no trade came of it."
