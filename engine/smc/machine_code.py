"""Where compiled functions are kept between runs."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def folder_beside(source: str, digest: str) -> Path:
    """Return a writable folder for the machine code of a source file.

    numba's own cache looks at the file of the outermost function only; keyed by a digest of all
    that is compiled, a folder can never serve machine code of older sources.

    Args:
        source: the file, as `__file__` says.
        digest: of everything that is compiled.

    Returns:
        A folder in `__pycache__` beside the source, else one in the temp folder.
    """
    name = f"smcbot-{Path(source).stem}-{digest}"
    beside = Path(source).parent / "__pycache__" / name
    try:
        beside.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / name
    return beside


def compiled(function: Callable[..., Any], source: str) -> Callable[..., Any]:
    """Return a function of numba's subset as machine code, kept beside its source file.

    It may call no other function of ours, for only its own file is watched.
    """
    # Here and not above: numba is optional, and 90 MB.
    import numba  # noqa: PLC0415
    from numba.core import config  # noqa: PLC0415

    settings: Any = config  # numba defines these names at import, out of a checker's sight
    njit: Any = numba.njit
    digest = hashlib.sha256(Path(source).read_bytes()).hexdigest()[:16]
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(folder_beside(source, digest))
    try:
        made: Callable[..., Any] = njit(cache=True)(function)
    finally:
        settings.CACHE_DIR = before
    return made
