"""Time one script inside a peer's environment: `child.py SCRIPT REPEATS MARKET.npz...`.

Stands alone: only NumPy and the peer are installed where it runs. The last line of its output is
JSON: wall and CPU seconds of each repetition, peak resident memory, and what the script counted.
"""

import importlib.util
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Market = list[dict[str, Any]]
Work = Callable[[], Mapping[str, int]]


def main(arguments: Sequence[str]) -> None:
    """Run as told by the command line."""
    script, repeats, *files = arguments
    market = [load(Path(file)) for file in files]
    prepare = prepare_of(Path(script))
    # Peers print greetings and progress of their own; ours is the last line.
    print(json.dumps(timed(lambda: prepare(market), int(repeats))))


def load(file: Path) -> dict[str, Any]:
    """Return one symbol: name, columns of candles, and entries (bar, direction, stop, target)."""
    with np.load(file) as stored:
        return {"symbol": file.stem, **{name: stored[name] for name in stored.files}}


def prepare_of(script: Path) -> Callable[[Market], Work]:
    """Return the function `prepare` of a script."""
    spec = importlib.util.spec_from_file_location(f"peer_{script.stem}", script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Market], Work] = module.prepare
    return found


def timed(prepare: Callable[[], Work], repeats: int) -> dict[str, Any]:
    """Return the seconds of `repeats` runs, each freshly prepared, after one that does not count.

    Where a run's counts differ from the others' something is wrong, and nothing is returned.

    Raises:
        ValueError: the runs did not do the same.
    """
    prepare()()
    wall, processor = [], []
    counts: list[Mapping[str, int]] = []
    for _ in range(repeats):
        work = prepare()
        began, used = time.perf_counter(), time.process_time()
        counts.append(work())
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    if any(one != counts[0] for one in counts):
        raise ValueError(f"its runs differ: {counts}")
    return {
        "wall_s": wall,
        "cpu_s": processor,
        "counts": dict(counts[0]),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
