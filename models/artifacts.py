"""Model bundles on disk: LightGBM text plus JSON manifest, believed only after checks.

Loading goes: size cap, hash, features, parse in a child process, golden vectors, and only then
the parse in this process. Whatever fails is a `ScorerError` with its reason; the caller falls back
to the heuristic scorer and tells the operator. Never a pickle.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engine.domain.errors import ScorerError
from models.manifest import Manifest, bundle_hash, check_manifest, parse_manifest
from models.probe import Probe, probe_in_child, probe_in_child_async
from models.schema import SCHEMAS, Schema
from models.trees import Trees

MAX_TEXT_BYTES = 32 << 20
MAX_MANIFEST_BYTES = 4 << 20
GOLDEN_TOLERANCE = 1e-6
SHIPPED = Path(__file__).with_name("lgbm_smc.txt")
"""Where the bundle that belongs to the program lies, beside its manifest."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model that passed every check. `hash` is the identity that live trading pins."""

    manifest: Manifest
    trees: Trees
    hash: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model whose bytes are what the manifest says, not yet parsed by anybody."""

    text: str
    manifest: Manifest
    hash: str

    def accept(self, outputs: Sequence[float]) -> Bundle:
        """Return the bundle if the probe's outputs are the golden ones, parsed in this process.

        Raises:
            ScorerError: they differ by more than `GOLDEN_TOLERANCE`.
        """
        _compare(self.manifest.golden_outputs, outputs)
        return Bundle(self.manifest, Trees(self.text), self.hash)


def load_bundle(
    path: Path,
    *,
    pinned_hash: str = "",
    probe: Probe = probe_in_child,
    schemas: Mapping[str, Schema] = SCHEMAS,
) -> Bundle:
    """Return the checked bundle whose model text is at `path`; blocks for about half a second.

    Args:
        path: the model text; its manifest lies beside it with the suffix `.json`.
        pinned_hash: refuse any other bundle; "" accepts all.
        probe: who parses first; simulation passes `probe_here`.
        schemas: the features this program computes.

    Raises:
        ScorerError: with the reason.
    """
    candidate = read_candidate(path, pinned_hash=pinned_hash, schemas=schemas)
    return candidate.accept(probe(candidate.text, candidate.manifest.golden_inputs))


async def load_bundle_async(
    path: Path, *, pinned_hash: str = "", schemas: Mapping[str, Schema] = SCHEMAS
) -> tuple[Bundle, Candidate]:
    """Do what `load_bundle` does in a running bot, whose loop never waits for it.

    Files are read and the accepted text is parsed in a thread; both leave the interpreter free,
    and nothing is decided there. The text is returned too, for whoever keeps a copy.
    """
    candidate = await asyncio.to_thread(
        read_candidate, path, pinned_hash=pinned_hash, schemas=schemas
    )
    outputs = await probe_in_child_async(candidate.text, candidate.manifest.golden_inputs)
    return await asyncio.to_thread(candidate.accept, outputs), candidate


def read_candidate(
    path: Path, *, pinned_hash: str, schemas: Mapping[str, Schema] = SCHEMAS
) -> Candidate:
    """Return the files' content after the checks that need no parser.

    Raises:
        ScorerError: missing, too large, another hash, or features that are not in `schemas`.
    """
    text = _capped(path, MAX_TEXT_BYTES)
    manifest = parse_manifest(_capped(manifest_path(path), MAX_MANIFEST_BYTES))
    found = hashlib.sha256(text).hexdigest()
    if found != manifest.sha256:
        raise ScorerError(
            f"{path.name} has the hash {found[:12]}, its manifest says {manifest.sha256[:12]}"
        )
    identity = bundle_hash(text, manifest)
    if pinned_hash and identity != pinned_hash:
        raise ScorerError(f"bundle {identity[:12]} is not the pinned one, {pinned_hash[:12]}")
    try:
        decoded = text.decode("ascii")
    except UnicodeDecodeError as error:
        raise ScorerError(f"{path.name} is not plain ASCII text") from error
    _refuse_other_features(manifest, decoded, schemas)
    return Candidate(decoded, manifest, identity)


def save_bundle(path: Path, text: str, manifest: Manifest) -> Manifest:
    """Write a bundle and return its manifest with the hash of the text filled in.

    Both files appear whole. A reader that comes between the two sees a wrong hash and refuses.

    Raises:
        ScorerError: the manifest breaks its own rules, or the text has other features.
    """
    raw = text.encode("ascii")
    complete = replace(manifest, sha256=hashlib.sha256(raw).hexdigest())
    check_manifest(complete)
    if _named_features(text) != complete.features:
        raise ScorerError("the model text and the manifest name different features")
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, content in ((path, raw), (manifest_path(path), complete.to_json())):
        partial = target.with_name(target.name + ".partial")
        partial.write_bytes(content)
        partial.replace(target)
    return complete


def manifest_path(path: Path) -> Path:
    """Return where the manifest of the model text at `path` lies."""
    return path.with_suffix(".json")


def _capped(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise ScorerError(f"model file {path.name}: {error.strerror}") from error
    if len(content) > limit:
        raise ScorerError(f"model file {path.name} is larger than {limit} bytes")
    return content


def _refuse_other_features(manifest: Manifest, text: str, schemas: Mapping[str, Schema]) -> None:
    schema = schemas.get(manifest.schema)
    if schema is None:
        known = " and ".join(sorted(schemas))
        raise ScorerError(f"the model wants schema {manifest.schema}, we compute {known}")
    for where, names in (("manifest", manifest.features), ("model text", _named_features(text))):
        if names != schema.names:
            raise ScorerError(f"the {where} has other features than {schema.name}: {names}")


def _named_features(text: str) -> tuple[str, ...]:
    found = re.search(r"^feature_names=(.*)$", text[:65_536], re.MULTILINE)
    return tuple(found.group(1).split()) if found else ()


def _compare(golden: Sequence[float], outputs: Sequence[float]) -> None:
    if len(outputs) != len(golden):
        raise ScorerError(f"golden vectors: {len(outputs)} outputs for {len(golden)} inputs")
    worst = max(abs(a - b) for a, b in zip(golden, outputs, strict=True))
    # Written so that a NaN is refused too.
    if not worst <= GOLDEN_TOLERANCE:
        raise ScorerError(f"golden vectors differ by {worst:.2g}, allowed {GOLDEN_TOLERANCE:g}")
