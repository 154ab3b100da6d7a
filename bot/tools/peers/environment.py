"""An environment of its own for each peer: what it needs never meets what we need."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from bot.settings import environment_without_secrets
from bot.tools.bench.measure import Say
from bot.tools.peers.table import Peer
from engine.domain.errors import EngineError

INSTALL_PATIENCE_S = 900.0
READY = "ready.json"
"""Lies in a finished environment and says what is in it."""
_URL = re.compile(r"\S+://\S+")


class PeerMissing(EngineError):  # noqa: N818 - says what happened
    """A peer cannot be installed or does not run here; the text is the reason in one line."""


def home_of(data_dir: Path) -> Path:
    """Return the folder of all environments; it may be deleted at any time."""
    return data_dir / "bench" / "peers"


def prepared(peer: Peer, home: Path, say: Say) -> Path:
    """Return the Python of a peer's environment, made first where there is none.

    pip is used as the user configured it. An environment appears whole or not at all.

    Raises:
        PeerMissing: it could not be made; says why.
    """
    folder = home / f"{peer.name}-{peer.version}"
    if _is_ready(peer, folder):
        return python_of(folder)
    say(f"peers: installing {peer.title}, once, about {peer.size_mb} MB")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        _run(
            [
                *(str(python_of(folder)), "-m", "pip", "install", "--quiet"),
                *("--disable-pip-version-check", "--no-input", *peer.requirements),
            ]
        )
        (folder / READY).write_text(json.dumps(peer.requirements), encoding="utf-8")
    except (PeerMissing, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise PeerMissing(f"{peer.title} cannot be installed: {error}") from None
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return python_of(folder)


def python_of(folder: Path) -> Path:
    """Return the interpreter of an environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def child_environment() -> dict[str, str]:
    """Return the environment of everything that belongs to a peer: no secret, no greeting."""
    return environment_without_secrets() | {"SMC_CREDIT": "0"}


def reason(output: str) -> str:
    """Return why pip or a peer failed: the last line that says so, without addresses.

    An address may hold a password or name a company's own package index.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return (
        _URL.sub("<address>", errors[-1].removeprefix("ERROR: ")) if errors else "no reason given"
    )


def _is_ready(peer: Peer, folder: Path) -> bool:
    try:
        told = json.loads((folder / READY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return told == list(peer.requirements) and python_of(folder).exists()


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, and packages from our own table
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env=child_environment(),
            timeout=INSTALL_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PeerMissing(f"not done after {INSTALL_PATIENCE_S:.0f} s") from None
    if done.returncode:
        raise PeerMissing(reason(done.stdout + "\n" + done.stderr))
