"""`audit`: is the program built as it claims?"""

import typer

from bot.cli.doctor import Report


def audit() -> None:
    """Measure the structure of the installed program from its own source; change nothing.

    Zero-polling: the timetable of REST calls, and every loop that could poll. Pipeline wiring:
    each event, command, effect and journal entry is made and taken. Shards, tasks and threads.
    Data stack. Circular imports. Layers, those of the pure core through everything it loads. Every
    line is marked ✓ or ✗ with what was counted; the exit code is 0 unless a line is marked ✗.

    Example:
      python -m bot audit
    """
    from bot.tools.audit.examination import examine  # noqa: PLC0415 - `--help` is quick
    from bot.tools.audit.graph import read_graph  # noqa: PLC0415

    report = Report()
    try:
        graph = read_graph()
    except (OSError, SyntaxError) as error:
        typer.echo(f"audit: {error}", err=True)
        raise typer.Exit(2) from None
    for finding in examine(graph):
        report.add(finding)
    raise typer.Exit(report.conclude())
