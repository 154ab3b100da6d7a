from pathlib import Path

from bot.tools.audit.check_wiring import (
    _joined,
    check_wiring,
    constructed,
    members_of,
    mentioned,
)
from bot.tools.audit.graph import read_graph
from engine.domain.commands import Command, Pause
from tests.bot.tools.audit.trees import faults, program


class Opened:
    """A kind."""


class Closed:
    """Another."""


FILES = {
    "bot.makes": "import kinds\nkinds.Opened(1)",
    "engine.takes": """
        def process(event):
            match event:
                case Opened():
                    return Closed
    """,
}


def test_wiring_when_a_kind_is_never_made_or_taken_names_it(tmp_path: Path) -> None:
    graph = program(tmp_path, FILES)
    makes, takes = graph.below("bot"), graph.below("engine")

    def found(made_in, taken_in) -> list[str]:
        return faults(_joined("events", Opened | Closed, made_in=made_in, taken_in=taken_in))

    assert found(makes, takes) == ["Closed is never made"]
    assert found(makes, makes) == [
        "Closed is never made",
        "Closed is never taken",
    ]
    assert found(takes, takes) == ["Closed is never made", "Opened is never made"]


def test_names_when_collected_are_those_made_and_those_used(tmp_path: Path) -> None:
    graph = program(tmp_path, FILES)

    assert constructed(graph.below("bot")) == {"Opened"}
    assert {"Opened", "Closed", "event"} <= mentioned(graph.below("engine"))


def test_members_when_unions_are_nested_are_all() -> None:
    assert members_of(int | (str | float)) == [int, str, float]
    assert members_of(Pause) == [Pause]
    assert Pause in members_of(Command)


def test_wiring_when_it_is_the_program_has_no_loose_end() -> None:
    assert faults(check_wiring(read_graph())) == []
