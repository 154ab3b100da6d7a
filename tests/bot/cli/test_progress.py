import sys

import pytest

from bot.cli.progress import progress_line


def test_line_when_shown_leaves_standard_output_to_the_result(capsys: pytest.CaptureFixture[str]):
    with progress_line() as progress:
        progress.add_task("reading", total=1.0)
        sys.stdout.write("result\n")

    assert capsys.readouterr().out.strip() == "result"
    assert {column.__class__.__name__ for column in progress.columns} == {
        "TextColumn",
        "BarColumn",
        "TimeElapsedColumn",
    }
