"""The bench's result as a table for people and as JSON for machines."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.tools.bench.measure import Row

_STYLES = {True: "green", False: "red", None: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The computer that measured; `load` are the load averages of 1, 5 and 15 minutes."""

    system: str
    python: str
    cores: int
    load: tuple[float, float, float]


def this_machine() -> Machine:
    """Describe this computer as it is now."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        cores=os.cpu_count() or 1,
        load=_load(),
    )


def _load() -> tuple[float, float, float]:
    try:
        one, five, fifteen = os.getloadavg()
    except (OSError, AttributeError):
        return (-1.0, -1.0, -1.0)
    return (round(one, 2), round(five, 2), round(fifteen, 2))


def table(rows: Sequence[Row]) -> Table:
    """Return the rows as a table, green what reaches its mark, red what misses it.

    The load stands under the first of the rows that share it.
    """
    shown = Table(box=None, header_style="bold", pad_edge=False)
    shown.add_column("what, and on what")
    for name in ("value", "reach", "n"):
        shown.add_column(name, justify="right", no_wrap=True)
    said = ""
    for row in rows:
        load, said = "" if row.load == said else row.load, row.load
        below = [Padding(Text(text, "dim"), (0, 0, 0, 2)) for text in (load, row.remark) if text]
        shown.add_row(
            Group(Text(row.what), *below),
            Text(value_words(row), _STYLES[row.reached]),
            mark(row),
            f"{row.count:,}",
        )
    return shown


def value_words(row: Row) -> str:
    """Return value, unit and spread; a dash where nothing was measured."""
    if row.value is None:
        return "–"
    words = f"{number(row.value)} {row.unit}"
    if row.spread is None:
        return words
    return f"{words}\n{number(row.spread[0])} … {number(row.spread[1])}"


def mark(row: Row) -> str:
    """Return what is wanted of a row, in words."""
    if row.reach is None:
        return ""
    return f"{'≥' if row.more_is_better else '≤'} {number(row.reach)} {row.unit}"


def number(value: float) -> str:
    """Return a number with three significant digits, and no exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def footnote(before: Machine, after: Machine) -> str:
    """Return what must be known to read the table."""
    return (
        f"{before.system}, {before.cores} cores, Python {before.python}; load average "
        f"{before.load[0]:.2f} before and {after.load[0]:.2f} after. Anything else running on "
        "this machine makes these numbers worse."
    )


def as_json(rows: Sequence[Row], before: Machine, after: Machine) -> Mapping[str, Any]:
    """Return everything, JSON-ready."""
    return {
        "before": asdict(before),
        "after": asdict(after),
        "rows": [{**asdict(row), "reached": row.reached} for row in rows],
    }


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write the result; the file appears whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
