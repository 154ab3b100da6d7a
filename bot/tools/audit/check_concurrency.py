"""Shards, tasks, threads, and where data live."""

import ast
from collections.abc import Iterator

from bot.tools.audit.calls import called
from bot.tools.audit.graph import Graph
from bot.tools.findings import Finding, fault, good
from engine.scanner.plan import plan_shards
from engine.scanner.scanner import ScannerConfig
from storage.tables import metadata

SYMBOLS = 530
MOST_STREAMS = 200
"""Streams on one connection that the venue takes without trouble; its limit is 1,024."""
DECIDING = ("engine.domain", "engine.smc", "engine.risk", "engine.core", "engine.execution")
_THREADS = {"Thread", "ThreadPoolExecutor", "to_thread", "run_in_executor", "ProcessPoolExecutor"}
_PICKLERS = {"pickle", "joblib", "dill", "cloudpickle"}
_LOOSE = {"ensure_future", "create_task"}


def check_shards() -> Iterator[Finding]:
    """Plan the connections of a whole market as the scanner would."""
    names = [f"S{number}USDT" for number in range(SYMBOLS)]
    plans = plan_shards(names, ScannerConfig().symbols_per_shard)
    sizes = [len(one.streams) for one in plans]
    spread = {symbol for one in plans for symbol in one.symbols}
    text = (
        f"{SYMBOLS} symbols on {len(plans)} connections of {min(sizes)} to {max(sizes)} streams, "
        "each symbol once"
    )
    if sum(sizes) != SYMBOLS or len(spread) != SYMBOLS or max(sizes) > MOST_STREAMS:
        yield fault("shards", text.replace(", each symbol once", ""), "mend engine/scanner/plan.py")
    else:
        yield good("shards", text)


def check_tasks(graph: Graph) -> Iterator[Finding]:
    """Look for tasks nobody holds, and for threads where decisions are made."""
    loose = [
        f"{module.name}:{one.lineno}"
        for module in graph.below("bot", "engine", "models", "storage")
        if not module.name.startswith("bot.tools")
        for one in ast.walk(module.tree)
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)
        if _drops_task(one.value)
    ]
    for place in loose:
        yield fault("tasks", f"{place} drops a task", "begin it with a Supervisor or a TaskGroup")
    if not loose:
        yield good("tasks", "no task is begun without somebody who holds it")
    threads = [one.name for one in graph.below(*DECIDING) if called(one.tree) & _THREADS]
    for name in threads:
        yield fault("threads", f"{name} uses threads", "decisions are made on the loop alone")
    if not threads:
        count = len(graph.below(*DECIDING))
        yield good("threads", f"none in {count} modules that decide or send orders")


def check_data(graph: Graph) -> Iterator[Finding]:
    """Look at who holds which kind of data."""
    wrong = 0
    polars: set[str] = set()
    ours = [one for one in graph.below("bot", "engine", "models", "storage") if _is_ours(one.name)]
    for module in ours:
        libraries = {one.target.partition(".")[0] for one in module.imports}
        if "polars" in libraries:
            polars.add(module.name)
        if "pandas" in libraries:
            wrong += 1
            yield fault("data", f"{module.name} imports pandas", "Polars for tables")
        if libraries & _PICKLERS and _unpickles(module.tree):
            wrong += 1
            yield fault("data", f"{module.name} unpickles", "text that is checked, as the models")
    if not wrong:
        yield good(
            "data",
            f"{len(metadata.tables)} tables of SQL in storage; Parquet and Polars in "
            f"{len(polars)} modules; no pandas, nothing is unpickled",
        )


def _is_ours(name: str) -> bool:
    """Whether a module runs in our environment, and not in that of a peer."""
    return not name.startswith("bot.tools.peers.scripts")


def _unpickles(tree: ast.Module) -> bool:
    """Whether bytes from elsewhere are unpickled, which could run anything.

    What was pickled in the same expression is our own.
    """
    for one in ast.walk(tree):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            owner = getattr(one.func.value, "id", "")
            own = bool(one.args) and "dumps" in called(one.args[0])
            if owner in _PICKLERS and one.func.attr in {"load", "loads", "Unpickler"} and not own:
                return True
    return False


def _drops_task(call: ast.Call) -> bool:
    """Whether `asyncio.create_task(...)` stands alone; groups and supervisors hold theirs."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _LOOSE:
        return False
    owner = ast.unparse(call.func.value)
    return not any(word in owner for word in ("group", "tasks"))
