"""A digest of everything that makes rows and models out of candles.

Work that was kept from an earlier run, or that is done on another machine, is used only where
this digest is the same: a result must never mix two versions of the rules.
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_ROWS_AND_MODELS = ("engine/domain", "engine/risk", "engine/smc", "models")
_EVERYTHING = ("bot", "engine", "models", "storage")
_LIBRARIES = ("lightgbm", "numpy", "polars")


@cache
def code_digest() -> str:
    """Return the digest of what makes rows and models, with the libraries' versions: 16 digits."""
    return _digest(_ROWS_AND_MODELS)


def whole_digest() -> str:
    """Return the digest of all sources: what two machines must have in common to work together."""
    return _digest(_EVERYTHING)


def _digest(folders: tuple[str, ...]) -> str:
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted((root / folder).rglob("*.py")):
            digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    for name in _LIBRARIES:
        digest.update(f"{name}={version(name)}\0".encode())
    return digest.hexdigest()[:16]
