"""What the data folder no longer needs, by rule; deciding and deleting are kept apart."""

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.tools.peers.environment import home_of
from engine.domain.errors import InstanceConflict
from models.bundle_store import BundleStore
from storage.file_lock import FileLock
from storage.recording import is_recording
from storage.tape_rows import FOLDER as RECORDED

DAY_MS = 86_400_000
DATABASE = "trade.db"


class Rule(StrEnum):
    """What is tidied up; the journal's rule is about rows and applied by the verb."""

    RECORDINGS = "recordings"
    DOWNLOADS = "downloads"
    RESEARCH = "research"
    MODELS = "models"
    BACKUPS = "backups"
    BENCH = "bench"
    LOGS = "logs"
    LEFTOVERS = "leftovers"
    JOURNAL = "journal"


DAYS: Mapping[Rule, int | None] = {
    Rule.RECORDINGS: 90,
    Rule.DOWNLOADS: None,
    Rule.RESEARCH: 30,
    Rule.MODELS: 0,
    Rule.BACKUPS: 90,
    Rule.BENCH: 30,
    Rule.LOGS: 30,
    Rule.LEFTOVERS: 1,
    Rule.JOURNAL: 365,
}
"""Days that things are kept; None keeps them for ever."""

WHAT: Mapping[Rule, str] = {
    Rule.RECORDINGS: "candles as the bot saw them, for `parity`",
    Rule.DOWNLOADS: "months that `download` can fetch again",
    Rule.RESEARCH: "parts of data sets and judged tree shapes, which `train` makes again",
    Rule.MODELS: "copies of models that neither work nor are the one to go back to",
    Rule.BACKUPS: "copies made by `backup`; the newest of each venue stays",
    Rule.BENCH: "environments of `bench --peers`, which it installs again",
    Rule.LOGS: "log files",
    Rule.LEFTOVERS: "half-written files of work that was interrupted",
    Rule.JOURNAL: "setups that never became a trade, with scores and verdicts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """A file or folder that a rule would delete."""

    rule: Rule
    path: Path
    size: int


def doomed(
    data_dir: Path,
    now_ms: int,
    days: Mapping[Rule, int | None],
    running: Collection[Path] = (),
) -> list[Doomed]:
    """Return what the rules would delete below a data folder, nothing twice.

    Only what is known by place and name is ever listed. Databases, the operator's model, imported
    candles and the ledger of evaluations on test data are on no list, and links are not followed.
    `running` are databases of bots at work: they still write to the newest hour they recorded.
    """
    found: dict[Path, Doomed] = {}
    for rule, paths in _candidates(data_dir, running).items():
        kept = days.get(rule)
        if kept is None:
            continue
        for path in paths:
            if path in found or path.is_symlink():
                continue
            with suppress(FileNotFoundError):  # a running bot's own: gone since it was listed
                newest_ms, size = _newest_and_size(path)
                if now_ms - newest_ms >= kept * DAY_MS:
                    found[path] = Doomed(rule=rule, path=path, size=size)
    return list(found.values())


def remove(one: Doomed) -> None:
    """Delete a file or a folder; what is gone already is fine.

    Raises:
        OSError: it cannot be deleted.
    """
    if one.path.is_dir():
        shutil.rmtree(one.path)
    else:
        one.path.unlink(missing_ok=True)


def databases(data_dir: Path) -> list[Path]:
    """Return the database files of all venues."""
    return sorted(data_dir.glob(f"*/{DATABASE}"))


def at_work(data_dir: Path) -> list[Path]:
    """Return the databases that a running bot holds.

    Raises:
        JournalError: a lock cannot be looked at.
    """
    return [path for path in databases(data_dir) if _is_held(Path(f"{path}.lock"))]


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire("prune")
    except InstanceConflict:
        return True
    lock.release()
    return False


def _candidates(data_dir: Path, running: Collection[Path]) -> dict[Rule, list[Path]]:
    research, models = data_dir / "research", BundleStore(data_dir / "models")
    return {
        Rule.LEFTOVERS: _files(data_dir.rglob("*.partial")),
        Rule.RECORDINGS: list(_recordings(data_dir, running)),
        Rule.DOWNLOADS: _files((data_dir / "candles" / "klines").glob("*/*-1m-*.parquet")),
        Rule.RESEARCH: [
            *_files((research / "parts").glob("*.parquet")),
            *_files((research / "trials").glob("*.jsonl")),
        ],
        Rule.MODELS: models.idle(models.choice()),
        Rule.BACKUPS: list(_older_backups(data_dir / "backups")),
        Rule.BENCH: [path for path in home_of(data_dir).glob("*") if path.is_dir()],
        Rule.LOGS: _files(data_dir.rglob("*.log")),
    }


def _files(paths: Iterable[Path]) -> list[Path]:
    return sorted(path for path in paths if path.is_file())


def _recordings(data_dir: Path, running: Collection[Path]) -> Iterator[Path]:
    """Hours beside a venue's database; the name of the folder alone would not prove them ours."""
    for database in databases(data_dir):
        for folder in sorted(database.parent.glob(f"{RECORDED}*")):
            hours = [path for path in _files(folder.rglob("*.parquet")) if is_recording(path)]
            # The rest of the path is its time, so paths sort by age.
            in_use = database in running and folder.name == RECORDED
            yield from hours[:-1] if in_use else hours


def _older_backups(folder: Path) -> Iterator[Path]:
    by_venue: dict[str, list[Path]] = {}
    for path in _files(folder.glob("*-????-??-??-??????.db")):
        # The rest of the name is its time, so names sort by age.
        by_venue.setdefault(path.name[: -len("-0000-00-00-000000.db")], []).append(path)
    for paths in by_venue.values():
        yield from sorted(paths)[:-1]


def _newest_and_size(path: Path) -> tuple[float, int]:
    """Return when something below was last written, wall ms, and its bytes."""
    inside = [path, *path.rglob("*")] if path.is_dir() else [path]
    states = [one.lstat() for one in inside]
    # An environment is as old as its last use tells: the newest of its files.
    newest_s = max(one.st_mtime for one in states)
    return newest_s * 1000, sum(one.st_size for one in states)
