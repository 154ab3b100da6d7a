"""Pipeline wiring: whatever is defined as an event, command or effect is made and taken."""

import ast
from collections.abc import Collection, Iterator
from types import UnionType
from typing import Any, get_args

from bot.tools.audit.graph import Graph, Module
from bot.tools.findings import Finding, fault, good
from engine.domain.commands import Command
from engine.domain.effects import Effect, Entry
from engine.domain.events import Event


def check_wiring(graph: Graph) -> Iterator[Finding]:
    """Look for hand-overs with a loose end."""
    program = graph.below("bot", "engine", "models", "storage")
    core, loop = graph.below("engine.core"), graph.below("engine.runtime.loop")
    journal = graph.below("storage.journal")
    outside = [one for one in program if one not in core]
    yield from _joined("events", Event, made_in=program, taken_in=[*core, *loop])
    yield from _joined("commands", Command, made_in=outside, taken_in=core)
    yield from _joined("effects", Effect, made_in=program, taken_in=loop)
    yield from _joined("journal", Entry, made_in=program, taken_in=journal)


def _joined(
    about: str,
    union: Any,  # noqa: ANN401 - a union is no type
    *,
    made_in: Collection[Module],
    taken_in: Collection[Module],
) -> Iterator[Finding]:
    members = sorted(one.__name__ for one in members_of(union))
    made, taken = constructed(made_in), mentioned(taken_in)
    for name in members:
        if name not in made:
            yield fault(about, f"{name} is never made", "make it, or take it out of the union")
        if name not in taken:
            yield fault(about, f"{name} is never taken", "handle it, or take it out of the union")
    if set(members) <= made & taken:
        yield good(about, f"{len(members)} kinds, each is made somewhere and taken where it must")


def members_of(union: Any) -> list[type]:  # noqa: ANN401 - a union is no type
    """Return the classes of a union, of nested ones too."""
    if isinstance(union, UnionType) or get_args(union):
        return [one for part in get_args(union) for one in members_of(part)]
    return [union]


def constructed(modules: Collection[Module]) -> set[str]:
    """Return the names that are called, or handed on to be called."""
    return {
        one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
        for module in modules
        for one in ast.walk(module.tree)
        if isinstance(one, ast.Call)
    }


def mentioned(modules: Collection[Module]) -> set[str]:
    """Return the names that are used, in patterns, annotations and tables alike."""
    return {
        one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")
        for module in modules
        for one in ast.walk(module.tree)
        if isinstance(one, ast.Name | ast.Attribute)
    }
