"""What the person who started the process sees: a few lines, one progress bar."""

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text


class Terminal:
    """Writes to standard error, so that standard output stays free for data."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._progress: Progress | None = None

    def step(self, text: str) -> None:
        """Say what happens now."""
        self._console.print(f"[dim]·[/dim] {text}", markup=True)

    def error(self, text: str) -> None:
        """Say what went wrong, one line a problem."""
        self._finish()
        for line in text.splitlines() or [""]:
            self._console.print(Text(f"✗ {line}", style="red"), soft_wrap=True)

    def chat(self, page_url: str | None, *, renewable: bool = False) -> None:
        """Show where the chat is; `renewable` when Enter shows a new link."""
        if page_url is None:
            self.step("the chat is on Telegram")
            return
        hint = " Enter shows a new one." if renewable else ""
        body = Text.assemble(
            ("Open your chat in a browser\n", "bold"),
            (page_url, "cyan underline"),
            (f"\nThe link works once, for one browser.{hint} Ctrl-C stops the bot.", "dim"),
        )
        self._console.print(Panel(body, title="smcbot", expand=False, border_style="cyan"))

    def progress(self, done: int, total: int) -> None:
        """Show how many symbols have their history."""
        if self._progress is None:
            self._progress = Progress(
                TextColumn("· loading history"),
                BarColumn(bar_width=40),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._progress.add_task("", total=total)
            self._progress.start()
        self._progress.update(self._progress.task_ids[0], completed=done, total=total)
        if done >= total:
            self._finish()

    def ready(self, symbols: int, seconds: float, clock: str) -> None:
        """Say that scanning has begun."""
        self._finish()
        text = f"[green]✓[/green] scanning {symbols} symbols, ready after {seconds:.1f} s{clock}"
        self._console.print(text, markup=True)

    def _finish(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
