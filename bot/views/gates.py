"""The gate's rules with their numbers, in words."""

from collections.abc import Callable, Iterable

from bot.desk_why import GateLine, GateState
from bot.engine_texts import said
from bot.formats import bold, esc, pct
from bot.language import _
from bot.words import rule_name
from engine.domain.signal import GateFigure, Measure

_Words = Callable[[GateFigure], str]


def gate_lines(gates: Iterable[GateLine]) -> list[str]:
    """Return one line a rule that refused or has numbers, the silent ones gathered in one.

    Figures that the first refusal left unasked are shown as well, without a verdict on them.
    """
    told = tuple(gates)
    refused = [gate for gate in told if gate.state is GateState.REFUSED]
    passed = [gate for gate in told if gate.state is GateState.PASSED]
    skipped = [gate for gate in told if gate.state is GateState.NOT_REACHED]
    lines = [f"✗ {bold(rule_name(gate.rule))}: {esc(_refusal(gate))}" for gate in refused]
    lines += [f"✓ {rule_name(gate.rule)}: {esc(_detail(gate))}" for gate in passed if _detail(gate)]
    silent = [rule_name(gate.rule) for gate in passed if not _detail(gate)]
    if silent:
        lines.append(_("✓ No objection by: {rules}", rules=", ".join(silent)))
    figured = [gate for gate in skipped if gate.figures]
    if figured:
        lines.append(_("Not asked after that; how it stood:"))
    lines += [f"– {rule_name(gate.rule)}: {esc(_detail(gate))}" for gate in figured]
    unasked = [rule_name(gate.rule) for gate in skipped if not gate.figures]
    if unasked:
        lines.append(_("Not reached: {rules}", rules=", ".join(unasked)))
    return lines


def figure_words(figure: GateFigure) -> str:
    """Return one number of the gate beside its limit."""
    return _WORDS[figure.measure](figure)


def _detail(gate: GateLine) -> str:
    """The figures, and what else was said; old records have only words."""
    words = [figure_words(figure) for figure in gate.figures]
    return " · ".join([*words, said(gate.detail)] if gate.detail else words)


def _refusal(gate: GateLine) -> str:
    """The refusal's own words have its number; a rule with several shows them all."""
    words = [figure_words(figure) for figure in gate.figures] if len(gate.figures) > 1 else []
    return " · ".join([said(gate.detail), *words])


def _at_most(share: str, limit: str) -> str:
    return _("{share}, at most {limit}", share=share, limit=limit)


def _of_r(figure: GateFigure) -> str:
    value, limit = pct(figure.value), pct(figure.limit)
    return _("{share} of R, at most {limit}", share=value, limit=limit)


def _of_equity(figure: GateFigure) -> str:
    value, limit = pct(figure.value, 2), pct(figure.limit, 2)
    return _("{share} of equity, at most {limit}", share=value, limit=limit)


def _age(figure: GateFigure) -> str:
    return _(
        "judged {age} s after the close that proves it, at most {limit} s",
        age=f"{figure.value:.1f}",
        limit=f"{figure.limit:.0f}",
    )


def _volume(figure: GateFigure) -> str:
    value, limit = f"{figure.value / 1e6:,.1f}", f"{figure.limit / 1e6:,.1f}"
    return _("{value} M USDT in 24 h, at least {limit} M", value=value, limit=limit)


def _moved(figure: GateFigure) -> str:
    return _at_most(f"{figure.value:.2f} R", f"{figure.limit:.2f} R")


def _cool_down(figure: GateFigure) -> str:
    if figure.value <= 0:
        return _("over")
    return _("{left} min left", left=f"{figure.value:.0f}")


def _probability(figure: GateFigure) -> str:
    value, limit = pct(figure.value), pct(figure.limit)
    return _("probability {value}, pays above {limit}", value=value, limit=limit)


def _outcomes(figure: GateFigure) -> str:
    value, limit = f"{figure.value:,.0f}", f"{figure.limit:,.0f}"
    return _("{value} validated outcomes, {limit} are needed", value=value, limit=limit)


def _notional(figure: GateFigure) -> str:
    value, limit = f"{figure.value:,.2f}", f"{figure.limit:,.2f}"
    return _("order of {value} USDT, at least {limit}", value=value, limit=limit)


def _liquidation(figure: GateFigure) -> str:
    value, limit = f"{figure.value:.1f}", f"{figure.limit:.1f}"
    return _("{value} stop distances away, at least {limit}", value=value, limit=limit)


def _counted(figure: GateFigure) -> str:
    value, limit = f"{figure.value:.0f}", f"{figure.limit:.0f}"
    return _("{value} of {limit}", value=value, limit=limit)


def _losing(figure: GateFigure) -> str:
    value, limit = f"{figure.value:.0f}", f"{figure.limit:.0f}"
    return _("losses in a row {value} of {limit}", value=value, limit=limit)


def _rejected(figure: GateFigure) -> str:
    value, limit = f"{figure.value:.0f}", f"{figure.limit:.0f}"
    return _("rejected entries {value} of {limit}", value=value, limit=limit)


def _day(figure: GateFigure) -> str:
    value, limit = pct(figure.value, 2), pct(figure.limit)
    return _("day's loss {value} of {limit}", value=value, limit=limit)


def _drawdown(figure: GateFigure) -> str:
    value, limit = pct(figure.value, 2), pct(figure.limit)
    return _("drawdown {value} of {limit}", value=value, limit=limit)


def _total_margin(figure: GateFigure) -> str:
    value, limit = pct(figure.value), pct(figure.limit, 0)
    return _("with all others {share}, at most {limit}", share=value, limit=limit)


_WORDS: dict[Measure, _Words] = {
    Measure.AGE: _age,
    Measure.VOLUME: _volume,
    Measure.SPREAD: _of_r,
    Measure.COST: _of_r,
    Measure.MOVED: _moved,
    Measure.COOL_DOWN: _cool_down,
    Measure.DAILY_LOSS: _day,
    Measure.DRAWDOWN: _drawdown,
    Measure.LOSS_STREAK: _losing,
    Measure.REJECTS: _rejected,
    Measure.PROBABILITY: _probability,
    Measure.OUTCOMES: _outcomes,
    Measure.RISK: _of_equity,
    Measure.NOTIONAL: _notional,
    Measure.POSITIONS: _counted,
    Measure.TOTAL_RISK: _of_equity,
    Measure.SIDE_RISK: _of_equity,
    Measure.LIQUIDATION: _liquidation,
    Measure.MARGIN: _of_equity,
    Measure.TOTAL_MARGIN: _total_margin,
}
