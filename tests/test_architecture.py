"""Conventions that matter are enforced here, not remembered."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path

import pytest

import engine.domain

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "engine", "models", "storage")
LONGEST_FILE = 500
SOURCES = sorted(p for name in PACKAGES for p in (ROOT / name).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests/**/*.py")) + SOURCES, ids=relative)
def test_file_when_counted_is_below_the_ceiling(path: Path):
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= LONGEST_FILE, f"{relative(path)} has {lines} lines"


def has_behaviour(path: Path) -> bool:
    """A module of values and protocols only needs no mirror."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = [n for n in node.body if not isinstance(n, ast.Expr)]
            if body:
                return True
    return False


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_source_when_it_has_behaviour_has_a_mirrored_test(path: Path):
    if path.name in {"__init__.py", "__main__.py"} or "versions" in path.parts:
        return
    mirror = ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name.lstrip('_')}"

    assert mirror.exists() or not has_behaviour(path), f"missing {relative(mirror)}"


def domain_values() -> list[type]:
    values = []
    for info in pkgutil.iter_modules(engine.domain.__path__):
        module = importlib.import_module(f"engine.domain.{info.name}")
        values += [
            value
            for _, value in inspect.getmembers(module, inspect.isclass)
            if value.__module__ == module.__name__
        ]
    return values


@pytest.mark.parametrize("value", domain_values(), ids=lambda v: v.__name__)
def test_domain_value_when_declared_is_frozen(value: type):
    if issubclass(value, Enum | Exception):
        return
    assert is_dataclass(value), f"{value.__name__} is no dataclass"
    assert value.__dataclass_params__.frozen, f"{value.__name__} can change"


def test_layers_when_linted_point_inward():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr
