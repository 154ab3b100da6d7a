"""The candle chart: what the price did, what was found in it, and what is planned on it."""

from zoneinfo import ZoneInfo

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from bot.charts import style
from bot.charts.canvas import drawable, empty_figure, png, quiet, time_ticks
from bot.charts.findings import draw_findings
from bot.charts.levels import draw_levels
from bot.desk import ChartData
from bot.language import _
from engine.domain.setup import Direction

_ROOM = 0.16
"""Share of the width right of the last candle, where levels are labelled."""
_BODY = 0.36
_MARGIN = 0.06


def draw_candles(data: ChartData, zone: ZoneInfo) -> bytes:
    """Return the picture as a PNG.

    Raises:
        ValueError: there is no candle.
    """
    if not data.candles:
        raise ValueError(f"{data.symbol} has no candles")
    figure = empty_figure(style.HEIGHT_PX)
    axes = figure.add_axes((0.025, 0.165, 0.795, 0.705))
    below = figure.add_axes((0.025, 0.055, 0.795, 0.095), sharex=axes)
    for each in (axes, below):
        quiet(each)
    right = len(data.candles) * (1 + _ROOM)
    axes.set_xlim(-1, right)
    axes.set_ylim(*_price_range(data))
    _candles(axes, data)
    _volume(below, data)
    draw_findings(axes, data, right)
    draw_levels(axes, data, right)
    _axes_labels(axes, below, data, zone)
    _title(axes, data)
    return png(figure)


def _price_range(data: ChartData) -> tuple[float, float]:
    """Candles and every level of the plan must be visible; findings need not be."""
    prices = [c.low for c in data.candles] + [c.high for c in data.candles]
    prices += [p for p in (data.entry, data.stop, data.target) if p is not None]
    if data.position is not None:
        levels = (data.position.stop_price, data.position.target_price, data.position.entry_price)
        prices += [float(p) for p in levels if p]
    low, high = min(prices), max(prices)
    margin = (high - low or abs(high) or 1.0) * _MARGIN
    return low - margin, high + margin


def _candles(axes: Axes, data: ChartData) -> None:
    ohlc = np.array([(c.open, c.high, c.low, c.close) for c in data.candles])
    x = np.arange(len(ohlc), dtype=float)
    opened, high, low, close = ohlc.T
    colours = np.where(close >= opened, style.UP, style.DOWN)
    wicks = np.stack([np.stack([x, low], axis=1), np.stack([x, high], axis=1)], axis=1)
    axes.add_collection(LineCollection(list(wicks), colors=list(colours), linewidths=1.4, zorder=4))
    # A candle that closed where it opened still deserves a line.
    least = (axes.get_ylim()[1] - axes.get_ylim()[0]) * 0.0012
    bottom = np.minimum(opened, close)
    top = np.maximum(np.maximum(opened, close), bottom + least)
    left, end = x - _BODY, x + _BODY
    corners = [(left, bottom), (left, top), (end, top), (end, bottom)]
    bodies = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)
    axes.add_collection(PolyCollection(list(bodies), facecolors=list(colours), zorder=5))


def _volume(axes: Axes, data: ChartData) -> None:
    volumes = [c.quote_volume for c in data.candles]
    colours = [style.UP if c.close >= c.open else style.DOWN for c in data.candles]
    axes.bar(range(len(volumes)), volumes, width=2 * _BODY, color=colours, alpha=0.55)
    axes.set_ylim(0, max(volumes) * 1.1 or 1.0)
    axes.set_yticks([])
    axes.text(
        0.004,
        0.94,
        _("volume"),
        transform=axes.transAxes,
        color=style.MUTED,
        fontsize=style.SMALL - 1,
        va="top",
    )


def _axes_labels(axes: Axes, below: Axes, data: ChartData, zone: ZoneInfo) -> None:
    axes.yaxis.tick_right()
    axes.yaxis.set_major_formatter(lambda price, _place: f"{price:,.{data.decimals}f}")
    axes.tick_params(labelbottom=False)
    places, labels = time_ticks([c.open_time_ms for c in data.candles], zone, 7)
    below.set_xticks(places, labels)


def _title(axes: Axes, data: ChartData) -> None:
    title = axes.annotate(
        drawable(data.symbol),
        (0, 1),
        xytext=(2, 54),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.TEXT,
        fontsize=style.TITLE,
        fontweight="bold",
        va="center",
        annotation_clip=False,
    )
    if data.direction is not None:
        colour = style.UP if data.direction is Direction.LONG else style.DOWN
        axes.annotate(
            data.direction.name,
            (1, 0.5),
            xytext=(18, 0),
            xycoords=title,
            textcoords="offset points",
            color=style.BACKGROUND,
            fontsize=style.NORMAL + 1,
            fontweight="bold",
            va="center",
            bbox={"boxstyle": "round,pad=0.35", "facecolor": colour, "edgecolor": "none"},
            annotation_clip=False,
        )
    axes.annotate(
        _subtitle(data),
        (0, 1),
        xytext=(3, 18),
        xycoords="axes fraction",
        textcoords="offset points",
        color=style.MUTED,
        fontsize=style.NORMAL,
        va="center",
        annotation_clip=False,
    )


def _subtitle(data: ChartData) -> str:
    parts = [drawable(data.caption.removeprefix(data.symbol).strip())]
    if data.entry is not None and data.stop is not None and data.target is not None:
        risk = abs(data.entry - data.stop)
        if risk:
            parts.append(_("risk {share}", share=f"{risk / data.entry:.2%}"))
            times = abs(data.target - data.entry) / risk
            parts.append(_("reward {times} R", times=f"{times:.1f}"))
    if data.position is not None:
        parts.append(_("open {result} R", result=f"{data.position.r_now:+.2f}"))
    return "   ·   ".join(part for part in parts if part)
