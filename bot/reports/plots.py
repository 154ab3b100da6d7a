"""The pictures of a model card, as PNG bytes."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from models.evaluation import Report, Scored, expectancy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GOOD, BAD, GREY = "#2a7f62", "#c0392b", "#7f8c8d"
GROUPS = 10
_HEIGHT = 3.6
"""Inches of an ordinary picture."""


def calibration_picture(reports: Sequence[tuple[str, Report]]) -> bytes:
    """Return said against observed, one line a report."""
    figure, (axes,) = _canvas()
    bins = [b for _, report in reports for b in report["probability"]["calibration"]]
    values = [b[key] for b in bins for key in ("predicted", "observed")] or [0.0, 1.0]
    low, high = min(values), max(values)
    axes.plot([low, high], [low, high], color=GREY, linestyle="--", label="perfect")
    for (name, report), colour in zip(reports, (GREY, GOOD), strict=False):
        points = report["probability"]["calibration"]
        x, y = [b["predicted"] for b in points], [b["observed"] for b in points]
        axes.plot(x, y, "o-", color=colour, label=name)
    axes.set_xlabel("calibrated probability")
    axes.set_ylabel("share of net wins")
    axes.legend()
    return _png(figure)


def score_groups_picture(scored: Scored, seed: int) -> bytes:
    """Return net R with its interval by tenth of the score, tradable rows, null beside it."""
    figure, (axes,) = _canvas()
    rows = np.flatnonzero(scored.tradable)
    groups = np.array_split(rows[np.argsort(scored.outputs[rows], kind="stable")], GROUPS)
    for number, group in enumerate(groups, 1):
        if not len(group):
            continue
        kept = np.zeros(len(scored.outputs), dtype=np.bool_)
        kept[group] = True
        told = expectancy(scored, kept, seed)
        _whisker(axes, number, told["net_r"], GOOD)
        _whisker(axes, number + 0.25, told["null_net_r"], GREY)
        place = (number, 1.01)
        where = ("data", "axes fraction")
        axes.annotate(f"{told['count']:,}", place, xycoords=where, fontsize=7, ha="center")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlabel("tenth of the score (10 = best); green: setups, grey: random entries")
    axes.set_ylabel("net R, 95 % by day")
    return _png(figure)


def equity_picture(parts: Sequence[tuple[str, Scored]], threshold: float) -> bytes:
    """Return the running sum of net R of tradable rows at the threshold, a panel a part."""
    figure, panels = _canvas(len(parts))
    for axes, (name, scored) in zip(panels, parts, strict=True):
        kept = scored.tradable & (scored.outputs >= threshold)
        order = np.argsort(scored.rows["proved_at_ms"].to_numpy()[kept], kind="stable")
        for column, colour, what in (("net_r", GOOD, "setups"), ("null_net_r", GREY, "random")):
            total = np.cumsum(scored.column(column)[kept][order])
            axes.plot(total, color=colour, label=what)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("trades at the threshold, by time")
        axes.set_ylabel("sum of net R")
        axes.legend(fontsize=7)
    return _png(figure)


def bars_picture(values: dict[str, float], label: str, *, limit: float | None = None) -> bytes:
    """Return horizontal bars, largest on top; beyond `limit` they are red."""
    figure, (axes,) = _canvas(height=max(_HEIGHT, 0.25 * len(values)))
    ordered = sorted(values.items(), key=lambda item: item[1])
    colours = [BAD if limit is not None and v > limit else GOOD for _, v in ordered]
    axes.barh([name for name, _ in ordered], [v for _, v in ordered], color=colours)
    axes.set_xlabel(label)
    return _png(figure)


def _whisker(axes: "Axes", x: float, interval: Report, colour: str) -> None:
    if interval["count"]:
        axes.plot([x, x], [interval["low"], interval["high"]], color=colour)
        axes.plot(x, interval["mean"], "o", color=colour)


def _canvas(panels: int = 1, height: float = _HEIGHT) -> tuple[Any, list[Any]]:
    # The object interface: pyplot keeps a global list of figures and wants a display.
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

    figure = Figure(figsize=(8, height), dpi=110, layout="constrained")
    return figure, [figure.add_subplot(1, panels, i + 1) for i in range(panels)]


def _png(figure: Any) -> bytes:  # noqa: ANN401 - matplotlib has no types here
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()
