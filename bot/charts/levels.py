"""Entry, stop, target and the last price as lines with labels that do not overlap."""

from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bot.charts import style
from bot.desk import ChartData
from bot.language import N_, _

ENTRY, STOP, TARGET = N_("entry"), N_("stop"), N_("target")
_LABEL_HEIGHT = 0.043
"""Height of a label as a share of the price range."""


@dataclass(frozen=True, slots=True)
class Level:
    """A price worth a line."""

    name: str
    price: float
    colour: str
    dotted: bool = False


def levels_of(data: ChartData) -> list[Level]:
    """Return the plan's levels, or the open position's, and the last price."""
    last = Level("", data.candles[-1].close, style.MUTED, dotted=True)
    position = data.position
    if data.entry is None and position is not None:
        held = [
            Level(STOP, float(position.stop_price), style.DOWN),
            Level(TARGET, float(position.target_price), style.UP),
        ]
        entry = Level(ENTRY, float(position.entry_price), style.ENTRY)
        return [last, entry, *(level for level in held if level.price > 0)]
    planned = (
        (ENTRY, data.entry, style.ENTRY),
        (STOP, data.stop, style.DOWN),
        (TARGET, data.target, style.UP),
    )
    found = [Level(name, price, colour) for name, price, colour in planned if price is not None]
    return [last, *found]


def draw_levels(axes: Axes, data: ChartData, right: float) -> None:
    """Draw lines, the boxes of risk and reward, and labels at the right edge."""
    levels = levels_of(data)
    named = {level.name: level.price for level in levels}
    start = len(data.candles) - 1
    if ENTRY in named:
        for name, colour in ((TARGET, style.UP), (STOP, style.DOWN)):
            if name in named:
                _box(axes, start, right, named[ENTRY], named[name], colour)
    for level in levels:
        axes.hlines(
            level.price,
            start if not level.dotted else -1,
            right,
            colors=level.colour,
            linewidth=1.1 if level.dotted else 2.0,
            linestyles=":" if level.dotted else "-",
            zorder=3 if level.dotted else 6,
        )
    _labels(axes, levels, data.decimals)
    _hide_ticks_behind(axes, [level.price for level in levels])


def _hide_ticks_behind(axes: Axes, prices: list[float]) -> None:
    low, high = axes.get_ylim()
    near = (high - low) * _LABEL_HEIGHT
    places = [place for place in axes.get_yticks() if low < place < high]
    axes.set_yticks([p for p in places if all(abs(p - price) > near for price in prices)])


def _box(axes: Axes, start: float, right: float, entry: float, level: float, colour: str) -> None:
    axes.add_patch(
        Rectangle(
            (start, min(entry, level)),
            right - start,
            abs(level - entry),
            facecolor=colour,
            alpha=0.16,
            linewidth=0,
            zorder=2,
        )
    )


def spread_out(prices: list[float], gap: float) -> list[float]:
    """Return places near the prices, in the same order, at least `gap` apart."""
    order = sorted(range(len(prices)), key=lambda i: prices[i])
    places = list(prices)
    for below, above in pairwise(order):
        places[above] = max(places[above], places[below] + gap)
    # Pushing only upwards would move a crowd away from its prices: half of it goes back.
    shift = max((places[i] - prices[i] for i in order), default=0.0) / 2
    return [place - shift for place in places]


def _labels(axes: Axes, levels: list[Level], decimals: int) -> None:
    low, high = axes.get_ylim()
    # A level that is also the last price needs no second label.
    shown = [
        v for v in levels if v.name or all(abs(v.price - o.price) > 0 for o in levels if o.name)
    ]
    places = spread_out([level.price for level in shown], (high - low) * _LABEL_HEIGHT)
    for level, place in zip(shown, places, strict=True):
        axes.annotate(
            f"{level.price:,.{decimals}f}",
            (1.0, place),
            xytext=(6, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            color=style.BACKGROUND if level.name else style.TEXT,
            fontsize=style.SMALL,
            fontweight="bold" if level.name else "normal",
            va="center",
            bbox={
                "boxstyle": "round,pad=0.25",
                "facecolor": level.colour if level.name else style.GRID,
                "edgecolor": "none",
            },
            zorder=9,
            annotation_clip=False,
        )
        if level.name:
            axes.annotate(
                _(level.name),
                (1.0, level.price),
                xytext=(-6, 4),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                color=level.colour,
                fontsize=style.SMALL,
                fontweight="bold",
                ha="right",
                va="bottom",
                zorder=9,
            )
