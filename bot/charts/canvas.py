"""What both kinds of pictures share: an empty figure, axes without clutter, a PNG."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.charts import style

# The font of the pictures ends where box drawing begins; a few contracts have Chinese names.
_LAST_DRAWABLE = 0x2500


def empty_figure(height_px: int) -> Figure:
    """Return a dark figure of the phone's width."""
    size = (style.WIDTH_PX / style.DPI, height_px / style.DPI)
    figure = Figure(figsize=size, dpi=style.DPI, facecolor=style.BACKGROUND)
    FigureCanvasAgg(figure)
    return figure


def quiet(axes: Axes) -> None:
    """Take everything from axes but a faint grid and their labels."""
    axes.set_facecolor(style.BACKGROUND)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.grid(visible=True, color=style.GRID, linewidth=1.0)
    axes.set_axisbelow(True)
    axes.tick_params(colors=style.MUTED, labelsize=style.SMALL, length=0, pad=6)


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", pil_kwargs={"compress_level": 3})
    return stream.getvalue()


def drawable(text: str) -> str:
    """Return text in which characters the font does not have are replaced."""
    return "".join(c if ord(c) < _LAST_DRAWABLE else "□" for c in text)


def time_ticks(times_ms: Sequence[int], zone: ZoneInfo, count: int) -> tuple[list[int], list[str]]:
    """Return positions of about `count` round times of day, and their labels."""
    if not times_ms:
        return [], []
    span_min = max(1.0, (times_ms[-1] - times_ms[0]) / 60_000)
    step = next((s for s in _STEPS_MIN if span_min / s <= count), _STEPS_MIN[-1])
    places, labels = [], []
    for place, time_ms in enumerate(times_ms):
        moment = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
        if (60 * moment.hour + moment.minute) % step == 0 and moment.second == 0:
            places.append(place)
            labels.append(f"{moment:%H:%M}")
    return places, labels


_STEPS_MIN = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)
