"""Order blocks and gaps as boxes, breaks and sweeps as labelled marks, swings as dots."""

from bisect import bisect_right

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from bot.charts import style
from bot.desk import ChartData
from bot.language import _
from engine.domain.setup import Direction, Evidence, EvidenceKind

_ZONES = {
    EvidenceKind.OB: ("OB", style.BLOCK),
    EvidenceKind.FVG: ("FVG", style.GAP),
}
_BREAKS = {EvidenceKind.BOS: "BOS", EvidenceKind.CHOCH: "CHoCH"}
_MOST_ZONES = 6
_MOST_BREAKS = 6
_MOST_SWEEPS = 4
_BREAK_WIDTH = 10
# Labels stand on candles: a dark rim keeps them readable.
_RIM = [withStroke(linewidth=3.5, foreground=style.BACKGROUND)]


def draw_findings(axes: Axes, data: ChartData, right: float) -> None:
    """Draw what was found, the newest first where there is too much of it."""
    seen = _Places(data)
    newest = sorted(data.evidence, key=lambda e: -e.open_time_ms)
    low, high = axes.get_ylim()
    visible = [e for e in newest if e.bottom < high and e.top > low]
    for finding in [e for e in visible if e.kind in _ZONES][:_MOST_ZONES]:
        _zone(axes, finding, seen.of(finding), right)
    for finding in [e for e in visible if e.kind in _BREAKS and seen.has(e)][:_MOST_BREAKS]:
        _break(axes, finding, seen.of(finding))
    for finding in [e for e in visible if e.kind is EvidenceKind.SWEEP and seen.has(e)][
        :_MOST_SWEEPS
    ]:
        _sweep(axes, finding, seen.of(finding))
    for finding in [e for e in visible if e.kind is EvidenceKind.SWING and seen.has(e)]:
        _swing(axes, finding, seen.of(finding))


class _Places:
    """From times to places on the axis; what is older than the picture starts at its edge."""

    def __init__(self, data: ChartData) -> None:
        self._times = [c.open_time_ms for c in data.candles]

    def of(self, finding: Evidence) -> int:
        return max(0, bisect_right(self._times, finding.open_time_ms) - 1)

    def has(self, finding: Evidence) -> bool:
        return finding.open_time_ms >= self._times[0]


def _zone(axes: Axes, finding: Evidence, place: int, right: float) -> None:
    name, colour = _ZONES[finding.kind]
    height = finding.top - finding.bottom
    axes.add_patch(
        Rectangle(
            (place - 0.5, finding.bottom),
            right - place,
            height,
            facecolor=colour,
            alpha=0.17,
            linewidth=0,
            zorder=1,
        )
    )
    axes.hlines(
        [finding.bottom, finding.top],
        place - 0.5,
        right,
        colors=colour,
        linewidth=0.9,
        alpha=0.6,
        zorder=2,
    )
    axes.annotate(
        name,
        (place - 0.5, finding.top),
        xytext=(4, 3),
        textcoords="offset points",
        color=colour,
        fontsize=style.SMALL,
        fontweight="bold",
        zorder=7,
        annotation_clip=True,
        path_effects=_RIM,
    )


def _break(axes: Axes, finding: Evidence, place: int) -> None:
    level = finding.top if finding.direction is Direction.LONG else finding.bottom
    start = max(0, place - _BREAK_WIDTH)
    axes.hlines(level, start, place, colors=style.BREAK, linewidth=1.4, linestyles="--", zorder=3)
    above = finding.direction is Direction.LONG
    axes.annotate(
        _BREAKS[finding.kind],
        ((start + place) / 2, level),
        xytext=(0, 4 if above else -4),
        textcoords="offset points",
        color=style.BREAK,
        fontsize=style.SMALL,
        ha="center",
        va="bottom" if above else "top",
        path_effects=_RIM,
        zorder=7,
    )


def _sweep(axes: Axes, finding: Evidence, place: int) -> None:
    """A sweep in favour of longs went below a low and came back."""
    below = finding.direction is Direction.LONG
    tip = finding.bottom if below else finding.top
    axes.annotate(
        _("sweep"),
        (place, tip),
        xytext=(0, -24 if below else 24),
        textcoords="offset points",
        color=style.SWEEP,
        fontsize=style.SMALL,
        fontweight="bold",
        ha="center",
        va="top" if below else "bottom",
        path_effects=_RIM,
        arrowprops={"arrowstyle": "-|>", "color": style.SWEEP, "linewidth": 1.3},
        zorder=8,
    )


def _swing(axes: Axes, finding: Evidence, place: int) -> None:
    high = finding.direction is Direction.LONG
    axes.plot(
        place,
        finding.top if high else finding.bottom,
        marker=7 if high else 6,  # carets whose tip touches the pivot
        color=style.MUTED,
        markersize=7,
        zorder=6,
    )
