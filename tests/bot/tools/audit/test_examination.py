from bot.tools.audit.examination import examine
from bot.tools.audit.graph import read_graph
from tests.bot.tools.audit.trees import faults


def test_audit_when_it_examines_this_program_finds_no_fault() -> None:
    findings = list(examine(read_graph()))

    assert faults(findings) == []
    assert {one.about for one in findings} >= {
        *("timetable", "polling", "events", "commands", "effects", "journal", "shards"),
        *("tasks", "threads", "data", "cycles", "layers", "rings", "pure core", "homes", "weight"),
    }
