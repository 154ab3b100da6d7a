"""The equity curve of each book, each measured from its own beginning."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
from matplotlib.axes import Axes

from bot.charts import style
from bot.charts.canvas import drawable, empty_figure, png, quiet
from bot.charts.renderer import Curves
from bot.formats import day
from bot.language import _

_DAY_MS = 86_400_000


def draw_equity(curves: Curves, zone: ZoneInfo) -> bytes:
    """Return the picture as a PNG: one panel a book, because books are never summed.

    Raises:
        ValueError: no curve has two points.
    """
    shown = {name: points for name, points in curves.items() if len(points) > 1}
    if not shown:
        raise ValueError("no equity curve has two points")
    figure = empty_figure(style.EQUITY_HEIGHT_PX if len(shown) == 1 else style.HEIGHT_PX)
    height = 0.94 / len(shown)
    for row, (name, points) in enumerate(shown.items()):
        bottom = 0.02 + (len(shown) - 1 - row) * height
        axes = figure.add_axes((0.03, bottom + 0.1 * height, 0.83, 0.7 * height))
        _panel(axes, name, points, zone)
    return png(figure)


def _panel(axes: Axes, name: str, points: tuple[tuple[int, float], ...], zone: ZoneInfo) -> None:
    quiet(axes)
    times = np.array([time for time, _ in points], dtype=float)
    equity = np.array([value for _, value in points])
    begin, end = equity[0], equity[-1]
    colour = style.UP if end >= begin else style.DOWN
    axes.plot(times, equity, color=colour, linewidth=2.4, zorder=4)
    axes.fill_between(times, equity, begin, color=colour, alpha=0.14, zorder=2)
    axes.axhline(begin, color=style.MUTED, linewidth=1.0, linestyle=":", zorder=3)
    axes.margins(x=0.01, y=0.12)
    axes.yaxis.tick_right()
    axes.yaxis.set_major_formatter(
        lambda value, _place: f"{value:,.0f}" if begin > 1000 else f"{value:,.2f}"
    )
    _times(axes, times, zone)
    _headline(axes, name, begin, end, _drawdown(equity))


def _drawdown(equity: np.ndarray) -> float:
    """Return the deepest fall from a former high as a ratio."""
    highs = np.maximum.accumulate(equity)
    return float(np.max((highs - equity) / np.where(highs > 0, highs, 1.0)))


def _times(axes: Axes, times: np.ndarray, zone: ZoneInfo) -> None:
    places = np.linspace(times[0], times[-1], 5)
    is_short = times[-1] - times[0] <= 2 * _DAY_MS
    moments = [datetime.fromtimestamp(p / 1000, UTC).astimezone(zone) for p in places]
    axes.set_xticks(places, [f"{one:%H:%M}" if is_short else day(one) for one in moments])
    axes.get_xticklabels()[0].set_horizontalalignment("left")  # centred it would be cut


def _headline(axes: Axes, name: str, begin: float, end: float, drawdown: float) -> None:
    change = end - begin
    colour = style.UP if change >= 0 else style.DOWN
    title = axes.annotate(
        f"{drawable(name)}   {end:,.2f} USDT",
        (0, 1),
        xytext=(2, 44),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.TEXT,
        fontsize=style.TITLE - 3,
        fontweight="bold",
        va="center",
        annotation_clip=False,
    )
    axes.annotate(
        f"{change:+,.2f}",
        (1, 0.5),
        xytext=(14, 0),
        xycoords=title,
        textcoords="offset points",
        color=colour,
        fontsize=style.NORMAL + 4,
        fontweight="bold",
        va="center",
        annotation_clip=False,
    )
    ratio = f"{change / begin:+.2%}" if begin else ""
    fall = _("deepest fall {share}", share=f"{drawdown:.2%}")
    axes.annotate(
        "   ·   ".join(part for part in (_("equity"), ratio, fall) if part),
        (0, 1),
        xytext=(3, 15),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.MUTED,
        fontsize=style.NORMAL,
        va="center",
        annotation_clip=False,
    )
