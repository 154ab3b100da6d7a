"""Which functions lead to a REST call, and which loops wait by the clock and lead to one."""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.tools.audit.graph import Graph, Module

REST = ("_rest", "rest")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class WaitingLoop:
    """A loop that sleeps between two rounds.

    Attributes:
        function: module and function it is in.
        waits_for: names it awaits, with those of the functions of its module that it uses.
        ends: it is left by itself, say when a retry succeeded.
    """

    function: str
    waits_for: frozenset[str]
    ends: bool


def rest_names(graph: Graph, *packages: str) -> set[str]:
    """Return the names of functions of packages that make a REST call, also through others."""
    functions = [one for module in graph.below(*packages) for one in _functions(module)]
    found = {one.name for one in functions if _asks_rest(one)}
    while True:
        more = {one.name for one in functions if called(one) & found} - found
        if not more:
            # `__init__` and the like would make everything lead everywhere.
            return {name for name in found if not name.startswith("__")}
        found |= more


def waiting_loops(modules: Collection[Module]) -> Iterator[WaitingLoop]:
    """Yield the loops that sleep between two rounds."""
    for module in modules:
        local = {one.name: one for one in _functions(module)}
        for function in local.values():
            for node in ast.walk(function):
                if isinstance(node, ast.While) and "sleep" in called(node):
                    yield WaitingLoop(
                        function=f"{module.name}.{function.name}",
                        waits_for=frozenset(_awaited(node, local)),
                        ends=_ends(node),
                    )


def _awaited(loop: ast.AST, local: Mapping[str, Function]) -> set[str]:
    """Return what a loop awaits; functions of the same module are opened up, once each."""
    names: set[str] = set()
    opened: set[str] = set()
    waiting: list[ast.AST] = [loop]
    while waiting:
        node = waiting.pop()
        for one in ast.walk(node):
            if isinstance(one, ast.Await):
                names |= called(one)
            # Handed on without being called: `quietly(self._compare)`.
            used = one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")
            if used in local and used not in opened:
                opened.add(used)
                waiting.append(local[used])
    return names


def called(node: ast.AST) -> set[str]:
    """Return the last names of everything that is called below a node."""
    names: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            if isinstance(one.func, ast.Attribute):
                names.add(one.func.attr)
            elif isinstance(one.func, ast.Name):
                names.add(one.func.id)
    return names


def _functions(module: Module) -> list[Function]:
    return [one for one in ast.walk(module.tree) if isinstance(one, Function)]


def _asks_rest(function: Function) -> bool:
    """Whether a function calls `self._rest.call(...)` or `rest.resync()`."""
    for one in ast.walk(function):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            owner = one.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if name in REST and one.func.attr in {"call", "resync"}:
                return True
    return False


def _ends(loop: ast.While) -> bool:
    bounded = not isinstance(loop.test, ast.Constant)
    return bounded or any(isinstance(one, ast.Return | ast.Break) for one in ast.walk(loop))
