from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.tools.audit.graph import Graph
from bot.tools.findings import Finding, fault, good


@pytest.mark.parametrize(
    ("finding", "code"),
    [(good("layers", "all downwards"), 0), (fault("layers", "a imports b", "move it"), 1)],
)
def test_audit_when_done_prints_findings_and_ends_with_a_code(
    finding: Finding, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def examine(_graph: Graph) -> Iterator[Finding]:
        yield finding

    monkeypatch.setattr("bot.tools.audit.examination.examine", examine)

    result = CliRunner().invoke(app, ["audit"], env={"COLUMNS": "160"})

    assert result.exit_code == code
    assert f"{finding.level.value} layers" in result.stdout
    assert finding.text in result.stdout


def test_audit_when_the_source_cannot_be_read_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> Graph:
        raise OSError("no source")

    monkeypatch.setattr("bot.tools.audit.graph.read_graph", unreadable)

    result = CliRunner().invoke(app, ["audit"])

    assert result.exit_code == 2
    assert result.stderr.strip() == "audit: no source"


def test_audit_when_asked_for_help_shows_an_example() -> None:
    assert "python -m bot audit" in CliRunner().invoke(app, ["audit", "--help"]).output
