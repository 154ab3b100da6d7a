"""The line that shows how far a long verb is; on standard error, gone when it is done."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


def progress_line() -> Progress:
    """Return a line of what is being done, a bar and the time it takes; to be used by `with`."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
