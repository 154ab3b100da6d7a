"""Small programs with a fault planted, and what a check says of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent

from bot.tools.audit.graph import Graph, read_graph
from bot.tools.findings import Finding, Level


def program(folder: Path, files: Mapping[str, str]) -> Graph:
    """Write files by module name, with the packages above them, and read them."""
    for name, text in files.items():
        path = folder.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        for above in path.relative_to(folder).parents:
            if above != Path():
                (folder / above / "__init__.py").touch()
        path.write_text(dedent(text), encoding="utf-8")
    return read_graph(folder)


def faults(findings: Iterable[Finding]) -> list[str]:
    """Return what is marked as a fault."""
    return [one.text for one in findings if one.level is Level.FAULT]
