from pathlib import Path

import pytest

from bot.tools.audit.check_imports import check_cycles, check_layers, check_weight
from tests.bot.tools.audit.trees import faults, program

SOUND = {
    "bot.app": "import engine.core.engine\nimport models.trees",
    "models.trees": "import engine.domain.order\nimport lightgbm",
    "storage.rows": "import sqlalchemy",
    "engine.core.engine": "import engine.domain.order",
    "engine.domain.order": "import decimal",
}


@pytest.mark.parametrize("check", [check_cycles, check_layers, check_weight])
def test_check_when_the_program_is_sound_finds_no_fault(check, tmp_path: Path) -> None:
    findings = list(check(program(tmp_path, SOUND)))

    assert findings
    assert faults(findings) == []


def test_cycles_when_two_modules_import_each_other_name_the_circle(tmp_path: Path) -> None:
    files = {"engine.a": "import engine.b", "engine.b": "from engine import a"}

    (text,) = faults(check_cycles(program(tmp_path, files)))

    assert "engine.a" in text
    assert "engine.b" in text


def test_cycles_when_one_side_waits_until_it_is_called_are_none(tmp_path: Path) -> None:
    files = {"engine.a": "import engine.b", "engine.b": "def f():\n    import engine.a"}

    assert faults(check_cycles(program(tmp_path, files))) == []


@pytest.mark.parametrize(
    ("module", "text", "said"),
    [
        ("engine.core.engine", "import bot.app", "engine.core.engine:1 imports bot.app"),
        ("models.trees", "import storage.rows", "models.trees:1 imports storage.rows"),
        (
            "engine.core.engine",
            "def f():\n    import engine.scanner.shard",
            "engine.core.engine:2 imports engine.scanner.shard",
        ),
        ("engine.smc.swings", "import time", "engine.smc.swings imports time"),
        ("engine.smc.swings", "def f():\n    import time", "engine.smc.swings imports time"),
        ("engine.domain.order", "import engine.domain.odd", "engine.domain.odd imports random"),
        ("engine.core.engine", "import sqlalchemy", "engine.core.engine:1 imports sqlalchemy"),
        ("storage.rows", "import lightgbm", "storage.rows:1 imports lightgbm"),
    ],
)
def test_layers_when_broken_name_the_import(
    module: str, text: str, said: str, tmp_path: Path
) -> None:
    files = {**SOUND, "engine.scanner.shard": "", "engine.domain.odd": "import random"}

    assert said in faults(check_layers(program(tmp_path, {**files, module: text})))


def test_weight_when_something_heavy_is_loaded_through_others_names_who(tmp_path: Path) -> None:
    files = {**SOUND, "engine.domain.order": "import numba"}

    assert faults(check_weight(program(tmp_path, files))) == [
        "engine.domain.order loads numba into run"
    ]
