"""Copies of models that worked, and which one is to work: what `/model rollback` goes back to."""

import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from engine.domain.errors import ScorerError
from models.artifacts import Candidate, read_candidate, save_bundle
from models.schema import SCHEMAS

NO_BUNDLE = ""
"""Stands for the heuristic scorer where a bundle's hash is expected."""
_TEXT = "model.txt"
_CHOICE = "choice.json"
_HASH = re.compile(r"([0-9a-f]{64})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which bundle works, by hash.

    Attributes:
        in_use: the one that works; None before the first start.
        previous: the one before it; None where there is none.
        passed_over: the operator's file that a rollback left; until another sound one lies there,
            a start takes `in_use` instead. None where the file decides.
    """

    in_use: str | None = None
    previous: str | None = None
    passed_over: str | None = None

    def moved_to(self, bundle: str) -> "Choice":
        """Return the choice after the operator's file brought another bundle into use.

        Where the heuristic scorer stood in for a while, the last model before it stays the one to
        go back to.
        """
        if bundle == self.in_use:
            return Choice(in_use=bundle, previous=self.previous)
        stood_in = self.in_use == NO_BUNDLE and self.previous not in {None, NO_BUNDLE, bundle}
        return Choice(in_use=bundle, previous=self.previous if stood_in else self.in_use)

    def holds_against(self, file: str) -> bool:
        """Return whether a rollback still holds where the operator's file has this hash.

        A file that is damaged or gone since then does not end it; another sound one does.
        """
        return self.passed_over is not None and file in {self.passed_over, NO_BUNDLE}

    def rolled_back(self, file: str) -> "Choice":
        """Return the choice after a rollback past the operator's file with this hash."""
        return Choice(in_use=self.previous, previous=self.in_use, passed_over=file)


class BundleStore:
    """A folder with one copy a bundle, named by its hash; nothing else writes there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def choice(self) -> Choice:
        """Return what was remembered; what cannot be read counts as nothing remembered."""
        try:
            values = orjson.loads((self._folder / _CHOICE).read_bytes())
            return Choice(**{name: _hash(value) for name, value in values.items()})
        except (OSError, orjson.JSONDecodeError, TypeError, AttributeError):
            return Choice()

    def remember(self, choice: Choice) -> None:
        """Write the choice, and delete the copies it does not need.

        Raises:
            ScorerError: the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = self._folder / f"{_CHOICE}.partial"
            partial.write_bytes(orjson.dumps(asdict(choice)))
            partial.replace(self._folder / _CHOICE)
        except OSError as error:
            raise ScorerError(f"{self._folder} cannot be written: {error.strerror}") from error
        for copy in self.idle(choice):
            with suppress(OSError):
                shutil.rmtree(copy)

    def idle(self, choice: Choice) -> list[Path]:
        """Return the copies that a choice does not need; other folders are not ours to touch."""
        kept = {choice.in_use, choice.previous}
        named = (path for path in self._folder.glob("*/") if _HASH.fullmatch(path.name))
        return sorted(path for path in named if path.name not in kept)

    def path_of(self, bundle: str) -> Path:
        """Return where the copy of a bundle's model text lies."""
        return self._folder / bundle / _TEXT

    def keep(self, candidate: Candidate) -> None:
        """Keep a copy of a checked bundle.

        Raises:
            ScorerError: the folder cannot be written.
        """
        path = self.path_of(candidate.hash)
        with suppress(ScorerError):
            read_candidate(path, pinned_hash=candidate.hash, schemas=SCHEMAS)
            return
        try:
            save_bundle(path, candidate.text, candidate.manifest)
        except OSError as error:
            raise ScorerError(f"{path.parent} cannot be written: {error.strerror}") from error


def hash_of_file(path: Path) -> str:
    """Return the hash of the bundle at a path, `NO_BUNDLE` where there is none that is sound."""
    try:
        return read_candidate(path, pinned_hash="", schemas=SCHEMAS).hash
    except ScorerError:
        return NO_BUNDLE


def _hash(value: object) -> str | None:
    # It becomes the name of a folder.
    if value is None or (isinstance(value, str) and _HASH.fullmatch(value)):
        return value
    raise TypeError(f"{value!r} is no hash")
