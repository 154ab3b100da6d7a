"""Reads a model text in a process of its own, because the reader trusts what it reads.

LightGBM's text parser does not check every index, so a damaged or hostile file can kill the
process that loads it (GHSA-wvg4-4w35-4jc9). Here it can only kill this one.

Run as `python -m models.probe`; the request comes on standard input, the answer on standard
output, both JSON.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import orjson

from engine.domain.errors import ScorerError
from models.trees import Trees

TIMEOUT_S = 60.0
MEMORY_BYTES = 2 << 30
CPU_S = 30

Rows = Sequence[Sequence[float]]
Probe = Callable[[str, Rows], tuple[float, ...]]
"""Reads a model text and returns its outputs for rows of features."""

_COMMAND = (sys.executable, "-m", "models.probe")
_ROOT = Path(__file__).resolve().parents[1]
# Nothing of our environment, least of all its secrets, and no threads.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def probe_here(text: str, rows: Rows) -> tuple[float, ...]:
    """Return the model's outputs for these rows, read in this very process."""
    return tuple(Trees(text).outputs(np.asarray(rows, dtype=np.float32)).tolist())


def probe_in_child(text: str, rows: Rows) -> tuple[float, ...]:
    """Return the model's outputs for these rows, read in a child process; blocks.

    Raises:
        ScorerError: the child died, took too long, or answered nonsense.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            _COMMAND,
            input=_request(text, rows),
            capture_output=True,
            timeout=TIMEOUT_S,
            cwd=_ROOT,
            env=_ENVIRONMENT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ScorerError(f"reading the model took longer than {TIMEOUT_S:.0f} s") from error
    return _answer(done.returncode, done.stdout, done.stderr)


async def probe_in_child_async(text: str, rows: Rows) -> tuple[float, ...]:
    """Do what `probe_in_child` does without blocking the event loop."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *_COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, cwd=_ROOT, env=_ENVIRONMENT
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            out, err = await child.communicate(_request(text, rows))
    except TimeoutError as error:
        raise ScorerError(f"reading the model took longer than {TIMEOUT_S:.0f} s") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _answer(child.returncode or 0, out, err)


def _request(text: str, rows: Rows) -> bytes:
    return orjson.dumps({"text": text, "rows": rows})


def _answer(code: int, out: bytes, err: bytes) -> tuple[float, ...]:
    if code < 0:
        raise ScorerError(f"the model file killed the process that read it (signal {-code})")
    if code:
        last = (err.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise ScorerError(f"the model file cannot be read: {last}")
    try:
        # LightGBM may print warnings of its own before our line.
        outputs = orjson.loads(out.splitlines()[-1])
        return tuple(float(output) for output in outputs)
    except (IndexError, TypeError, ValueError) as error:
        raise ScorerError("the process that read the model answered nonsense") from error


def _limit_resources() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - does not exist everywhere

        limits = (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, CPU_S),
            (resource.RLIMIT_AS, MEMORY_BYTES),
        )
        for kind, limit in limits:
            # Some systems refuse one of them; the process is still a process of its own.
            with suppress(OSError, ValueError):
                resource.setrlimit(kind, (limit, limit))


def main() -> None:
    """Answer one request from standard input."""
    _limit_resources()
    request = orjson.loads(sys.stdin.buffer.read())
    outputs = probe_here(request["text"], request["rows"])
    sys.stdout.write("\n" + orjson.dumps(outputs).decode() + "\n")


if __name__ == "__main__":
    main()
