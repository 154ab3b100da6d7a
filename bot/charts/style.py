"""Colours and sizes of the pictures: dark, quiet, readable on a phone held at arm's length."""

from typing import Final

WIDTH_PX: Final = 1000
HEIGHT_PX: Final = 1080
EQUITY_HEIGHT_PX: Final = 620
DPI: Final = 100

BACKGROUND: Final = "#0d1117"
GRID: Final = "#1b222c"
TEXT: Final = "#e6edf3"
MUTED: Final = "#8b949e"
UP: Final = "#2ebd85"
DOWN: Final = "#f6465d"
ENTRY: Final = "#58a6ff"
BLOCK: Final = "#a371f7"
GAP: Final = "#e3a008"
SWEEP: Final = "#ff8ad8"
BREAK: Final = "#79c0ff"

SMALL: Final = 17.0
NORMAL: Final = 19.0
TITLE: Final = 32.0
"""Font sizes in points at 100 dpi. A phone shows the picture at a third of its width, so that the
smallest text is as tall there as the text of a message's own time stamp."""
