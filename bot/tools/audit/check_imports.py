"""Circular imports, layers, and what the running bot loads."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from bot.tools.audit.graph import Graph
from bot.tools.findings import Finding, fault, good

LAYERS = (("bot",), ("models", "storage"), ("engine",))
"""From the front to the core; a layer imports only what stands below it."""
RINGS = (
    ("engine.backtest",),
    ("engine.scanner", "engine.execution", "engine.exchange"),
    ("engine.runtime",),
    ("engine.core",),
    ("engine.smc", "engine.risk"),
    ("engine.ports",),
    ("engine.domain",),
)
PURE = ("engine.domain", "engine.ports", "engine.smc", "engine.risk", "engine.core")
IMPURE = frozenset({"aiohttp", "aiosqlite", "asyncio", "lightgbm", "logging", "os", "random"}) | {
    *("socket", "sqlalchemy", "sqlite3", "structlog", "telegram", "time", "websockets")
}
HOMES = {
    "telegram": ("bot",),
    "sqlalchemy": ("storage",),
    "sqlite3": ("storage",),
    "lightgbm": ("models",),
    "websockets": ("engine.exchange",),
}
"""Where a library may be imported; the audit and the bench are not part of the bot."""
TOO_HEAVY = ("numba", "matplotlib", "optuna", "distributed", "dask", "pandas")
"""What the process of `run` must not load: tens of megabytes each."""
_TOOLS = "bot.tools"


def check_cycles(graph: Graph) -> Iterator[Finding]:
    """Look for a circle among the imports that happen when a module is loaded."""
    edges = {
        name: graph.internal(module, lazy=False) - {name} for name, module in graph.modules.items()
    }
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        yield fault("cycles", f"circular import: {circle}", "move what both need below them")
        return
    count = sum(map(len, edges.values()))
    yield good("cycles", f"{len(edges)} modules, {count:,} imports between them, no circle")


def check_layers(graph: Graph) -> Iterator[Finding]:
    """Hold every import, those inside functions too, against layers, rings and homes."""
    for about, ranks in (("layers", LAYERS), ("rings", RINGS)):
        wrong, seen = _upward(graph, ranks)
        for line in wrong:
            yield fault(about, line, "move it below, or hand it in through a port")
        if not wrong:
            order = " > ".join(" | ".join(rank) for rank in ranks)
            yield good(about, f"{seen:,} imports cross {order}, all downwards")
    yield from _purity(graph)
    yield from _homes(graph)


def check_weight(graph: Graph) -> Iterator[Finding]:
    """Look at what importing the composition root of `run` loads."""
    loaded = graph.reachable(["bot.app"])
    foreign = graph.external(loaded)
    heavy = [name for name in TOO_HEAVY if name in foreign]
    for name in heavy:
        yield fault(
            "weight", f"{foreign[name]} loads {name} into run", "import it where it is used"
        )
    if not heavy:
        yield good(
            "weight",
            f"run loads {len(loaded)} modules of ours; none imports {', '.join(TOO_HEAVY)}",
        )


def _upward(graph: Graph, ranks: tuple[tuple[str, ...], ...]) -> tuple[list[str], int]:
    """Return the imports that go up or sideways, and how many cross at all."""
    wrong: list[str] = []
    seen = 0
    for module in graph.modules.values():
        mine = _rank(module.name, ranks)
        for one in module.imports:
            theirs = _rank(one.target, ranks)
            if mine is None or theirs is None or mine == theirs:
                continue
            seen += 1
            if theirs[0] <= mine[0]:
                wrong.append(f"{module.name}:{one.line} imports {one.target}")
    return wrong, seen


def _rank(name: str, ranks: tuple[tuple[str, ...], ...]) -> tuple[int, str] | None:
    for height, group in enumerate(ranks):
        for prefix in group:
            if name == prefix or name.startswith(f"{prefix}."):
                return height, prefix
    return None


def _purity(graph: Graph) -> Iterator[Finding]:
    names = [module.name for module in graph.below(*PURE)]
    # An import inside a function only waits until it is called.
    loaded = graph.reachable(names, lazy=True)
    foreign = graph.external(loaded, lazy=True)
    impure = {name: by for name, by in foreign.items() if name in IMPURE}
    for name, by in impure.items():
        yield fault("pure core", f"{by} imports {name}", "hand it in through a port")
    if not impure:
        yield good(
            "pure core",
            f"{len(names)} modules of {', '.join(one.rpartition('.')[2] for one in PURE)} import "
            "no clock, chance, socket, log, model or database, not even through others",
        )


def _homes(graph: Graph) -> Iterator[Finding]:
    wrong = 0
    users: dict[str, int] = dict.fromkeys(HOMES, 0)
    for module in graph.modules.values():
        for one in module.imports:
            library = one.target.partition(".")[0]
            if library not in HOMES or module.name.startswith(_TOOLS):
                continue
            users[library] += 1
            if _rank(module.name, (HOMES[library],)) is None:
                wrong += 1
                yield fault(
                    "homes",
                    f"{module.name}:{one.line} imports {library}",
                    f"only {', '.join(HOMES[library])} may",
                )
    if not wrong:
        told = (f"{name} {users[name]}× in {', '.join(HOMES[name])}" for name in HOMES)
        yield good("homes", ", ".join(told) + ", nowhere else")
