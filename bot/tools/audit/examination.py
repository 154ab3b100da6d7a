"""Every check of the audit, in order."""

from collections.abc import Iterator

from bot.tools.audit.check_concurrency import check_data, check_shards, check_tasks
from bot.tools.audit.check_imports import check_cycles, check_layers, check_weight
from bot.tools.audit.check_polling import check_polling, check_timetable
from bot.tools.audit.check_wiring import check_wiring
from bot.tools.audit.graph import Graph
from bot.tools.findings import Finding


def examine(graph: Graph) -> Iterator[Finding]:
    """Yield what is found, as it is found."""
    yield from check_timetable()
    yield from check_polling(graph)
    yield from check_wiring(graph)
    yield from check_shards()
    yield from check_tasks(graph)
    yield from check_data(graph)
    yield from check_cycles(graph)
    yield from check_layers(graph)
    yield from check_weight(graph)
