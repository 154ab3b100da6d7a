"""The pictures of a backtest report, as PNG bytes."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from engine.backtest.statistics import Group, Statistics

GOOD, BAD, GREY = "#2a7f62", "#c0392b", "#7f8c8d"
MOST_BARS = 40


def equity_picture(runs: Sequence[tuple[str, Statistics]], main: int) -> bytes:
    """Return equity of every run over time, and the drawdown of the main one below it."""
    figure = _figure(4.6)
    curve, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    for at, (name, figures) in enumerate(runs):
        times = [datetime.fromtimestamp(ms / 1000, UTC) for ms, _ in figures.equity]
        values = [value for _, value in figures.equity]
        bold = at == main
        curve.step(
            times, values, where="post", label=name, linewidth=1.6 if bold else 0.8,
            color=GOOD if bold else None, alpha=1.0 if bold else 0.7,
        )  # fmt: skip
        if bold:
            below.fill_between(times, _falls(values), step="post", color=BAD, alpha=0.5)
    curve.axhline(runs[main][1].start_equity, color="black", linewidth=0.6)
    curve.set_ylabel("equity, USDT")
    curve.legend(fontsize=7)
    below.set_ylabel("below high, %")
    return _png(figure)


def groups_picture(groups: Sequence[Group], title: str) -> bytes:
    """Return net R of each group with its interval and count."""
    shown = list(groups[:MOST_BARS])
    figure = _figure(max(2.0, 0.28 * len(shown) + 1.0))
    axes = figure.add_subplot()
    for row, one in enumerate(reversed(shown)):
        colour = GOOD if one.net_r > 0 else BAD
        if one.net_r_low is not None and one.net_r_high is not None:
            axes.plot([one.net_r_low, one.net_r_high], [row, row], color=colour, linewidth=1.2)
        axes.plot(one.net_r, row, "o", color=colour)
        axes.annotate(f" n={one.trades}", (one.net_r, row + 0.12), fontsize=6, color=GREY)
    axes.set_yticks(range(len(shown)), [one.name for one in reversed(shown)], fontsize=7)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel(f"net R a trade by {title}, 95 % by day")
    return _png(figure)


def _falls(values: Sequence[float]) -> list[float]:
    high, falls = 0.0, []
    for value in values:
        high = max(high, value)
        falls.append(-100.0 * (high - value) / high if high > 0 else 0.0)
    return falls


def _figure(height: float) -> Any:  # noqa: ANN401 - matplotlib has no types here
    # The object interface: pyplot keeps a global list of figures and wants a display.
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

    return Figure(figsize=(8, height), dpi=110, layout="constrained")


def _png(figure: Any) -> bytes:  # noqa: ANN401
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()
