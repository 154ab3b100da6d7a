from pathlib import Path

from bot.tools.audit.graph import read_graph
from tests.bot.tools.audit.trees import program

FILES = {
    "bot.app": """
        from typing import TYPE_CHECKING
        import json
        from engine.core import loop
        from engine.core.loop import run
        if TYPE_CHECKING:
            from models.trees import Trees
        else:
            import sys
        def later():
            from storage.rows import Row
            import lightgbm.basic
    """,
    "engine.core.loop": "def run(): ...",
    "models.trees": "",
    "storage.rows": "import sqlite3",
}


def test_graph_when_read_knows_what_is_imported_when(tmp_path: Path) -> None:
    graph = program(tmp_path, FILES)
    app = graph.modules["bot.app"]

    assert graph.internal(app, lazy=False) == {"engine.core.loop"}
    assert graph.internal(app, lazy=True) == {"engine.core.loop", "storage.rows"}
    assert {one.target: one.lazy for one in app.imports}["lightgbm.basic"]
    assert [one.target for one in app.imports if one.typing] == ["models.trees"]


def test_graph_when_asked_for_foreign_packages_names_who_imports_them(tmp_path: Path) -> None:
    graph = program(tmp_path, FILES)

    assert graph.external(["bot.app"]) == {"typing": "bot.app", "json": "bot.app", "sys": "bot.app"}
    assert graph.external(graph.reachable(["bot.app"], lazy=True), lazy=True)["sqlite3"] == (
        "storage.rows"
    )


def test_graph_when_asked_what_is_loaded_follows_imports(tmp_path: Path) -> None:
    graph = program(tmp_path, FILES)

    assert graph.reachable(["bot.app"]) == {"bot.app", "engine.core.loop"}
    assert graph.reachable(["bot.app"], lazy=True) >= {"storage.rows"}
    assert [one.name for one in graph.below("engine.core")] == ["engine.core", "engine.core.loop"]


def test_graph_when_it_is_the_program_has_its_packages() -> None:
    graph = read_graph()

    assert {"bot.app", "engine.core.engine", "models.scorer", "storage.journal"} <= set(
        graph.modules
    )
