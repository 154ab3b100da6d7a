"""The program as its own text tells it: modules, what they import, and when."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("bot", "engine", "models", "storage")


@dataclass(frozen=True, slots=True)
class Import:
    """One import.

    Attributes:
        target: the module, with its packages.
        line: where.
        lazy: inside a function, so it happens when that is called.
        typing: for type checkers only, so it never happens.
    """

    target: str
    line: int
    lazy: bool
    typing: bool


@dataclass(frozen=True, slots=True)
class Module:
    """One file."""

    name: str
    path: Path
    tree: ast.Module
    imports: tuple[Import, ...]


class Graph:
    """All modules of the program by name."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.modules = modules

    def internal(self, module: Module, *, lazy: bool) -> set[str]:
        """Return the modules of ours that importing (and with `lazy`, running) one needs."""
        return {
            one.target
            for one in module.imports
            if one.target in self.modules and not one.typing and (lazy or not one.lazy)
        }

    def external(self, names: Collection[str], *, lazy: bool = False) -> dict[str, str]:
        """Return the foreign packages that some modules import, each with one who does."""
        found: dict[str, str] = {}
        for name in sorted(names):
            for one in self.modules[name].imports:
                if not one.typing and (lazy or not one.lazy) and one.target not in self.modules:
                    found.setdefault(one.target.partition(".")[0], name)
        return {target: by for target, by in found.items() if target not in PACKAGES}

    def reachable(self, start: Collection[str], *, lazy: bool = False) -> set[str]:
        """Return the modules that are loaded with some, themselves included."""
        seen: set[str] = set()
        waiting = [name for name in start if name in self.modules]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(self.internal(self.modules[name], lazy=lazy))
        return seen

    def below(self, *prefixes: str) -> list[Module]:
        """Return the modules at or below some packages, by name."""
        return [
            module
            for name, module in sorted(self.modules.items())
            if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)
        ]


def read_graph(root: Path = ROOT, packages: Collection[str] = PACKAGES) -> Graph:
    """Parse every module of the program.

    Raises:
        OSError: a file cannot be read.
        SyntaxError: it is no Python.
    """
    paths = {
        _name(path.relative_to(root)): path
        for package in packages
        for path in sorted((root / package).rglob("*.py"))
    }
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in paths.items()}
    return Graph(
        {
            name: Module(name, paths[name], tree, tuple(_imports(tree, paths)))
            for name, tree in trees.items()
        }
    )


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, known: Collection[str]) -> Iterator[Import]:
    yield from _walk(tree, known, lazy=False, typing=False)


def _walk(node: ast.AST, known: Collection[str], *, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, lazy, typing)
        elif isinstance(child, ast.ImportFrom) and child.module:
            for alias in child.names:
                whole = f"{child.module}.{alias.name}"
                target = whole if whole in known else child.module
                yield Import(target, child.lineno, lazy, typing)
        elif isinstance(child, ast.If) and _asks_for_typing(child.test):
            for inner in child.body:
                yield from _walk(_wrapped(inner), known, lazy=lazy, typing=True)
            for inner in child.orelse:
                yield from _walk(_wrapped(inner), known, lazy=lazy, typing=typing)
        else:
            inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _walk(child, known, lazy=inside, typing=typing)


def _asks_for_typing(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _wrapped(statement: ast.stmt) -> ast.Module:
    """Return a tree of one statement, so that the statement itself is a child."""
    return ast.Module(body=[statement], type_ignores=[])
