"""Search over the shape of the trees with Optuna, judged on the walk-forward of the training rows.

What is minimised is the log-loss out of fold against net wins, with equal weight a period. Log-loss
and not AUC, because size and edge are computed from the probability itself: a shape that ranks
well and exaggerates would be paid for with money. Net wins and not gross ones, because that is
what the probability means. Test data are never touched.

Shapes are asked for in batches of a constant size and told in order, so the search is the same for
any number of workers. Optuna's own storage would keep its trials but not the state of its sampler;
instead every judged shape is kept in a file, and a search that goes on asks all its questions
again and reads the answers it already has. Every shape is a try and is counted on the card.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from typing_extensions import override

from models.code_digest import code_digest
from models.errors import ResearchError, WorkerLost, WorkersUnreachable
from models.out_of_fold import loss_of, walk_forward
from models.study_rules import StudyRules
from models.training import Table, TreeParams
from models.workers import Serial, Workers

if TYPE_CHECKING:
    import optuna

BATCH = 4
"""Shapes asked for at once. Part of the result: another number is another search."""
MOST_SHAPES = 1000
Told = Callable[[str, float], None]
_SERIAL = Serial()


@dataclass(frozen=True, slots=True)
class Trial:
    """One shape and its log-loss out of fold, with equal weight a period."""

    params: TreeParams
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long to search.

    Attributes:
        trials: shapes beside the default; with a budget of time the most of them.
        seconds: wall seconds after which no new batch is begun; None = no limit.
    """

    trials: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search.

    Attributes:
        trials: every try, the best first; ties go to the earlier one, the default foremost.
        out_of_time: whether the budget of time ended it.
        kept: tries whose loss an earlier, interrupted search had left behind.
    """

    trials: tuple[Trial, ...]
    out_of_time: bool
    kept: int


@dataclass(frozen=True, slots=True)
class TrialTask:
    """A shape to judge, as a piece of work."""

    table: Table
    rules: StudyRules

    @override
    def __str__(self) -> str:
        return f"shape {self.rules.trees}"


def judge(task: TrialTask) -> float:
    """Return the log-loss of a shape: what the search minimises."""
    return loss_of(task.table, walk_forward(task.table, task.rules))


def search(
    table: Table,
    rules: StudyRules,
    budget: Budget,
    *,
    folder: Path | None = None,
    workers: Workers = _SERIAL,
    monotonic: Callable[[], float] = lambda: 0.0,
    told: Told | None = None,
) -> Found:
    """Return every try, the best first. The default shape is always the first try.

    Args:
        table: training rows only.
        rules: folds, seed and embargo; its `trees` are not used.
        budget: how long.
        folder: where judged shapes are kept; None keeps nothing.
        workers: who judges; the result is the same whoever does.
        monotonic: wall seconds, for a budget of time.
        told: called with what was done and the share of the budget, 0 to 1.

    Raises:
        ResearchError: Optuna is not installed.
        WorkerLost, WorkersUnreachable: those who judged are gone; says what is done.
    """
    study = _study(rules.seed)
    memory = _Memory(folder, table, rules)
    begun, tries, out_of_time = monotonic(), list[Trial](), False
    while len(tries) <= budget.trials:
        used = monotonic() - begun
        if budget.seconds is not None and tries and used >= budget.seconds:
            out_of_time = True
            break
        asked = [study.ask() for _ in range(min(BATCH, budget.trials + 1 - len(tries)))]
        shapes = [_shape(trial) for trial in asked]
        losses = _judged(table, rules, shapes, memory, workers)
        for trial, shape, loss in zip(asked, shapes, losses, strict=True):
            study.tell(trial, loss)
            tries.append(Trial(shape, loss))
        if told is not None:
            share = len(tries) / (budget.trials + 1)
            if budget.seconds is not None:
                share = max(share, (monotonic() - begun) / budget.seconds)
            best = min(trial.loss for trial in tries)
            known = f" ({memory.kept} judged before)" if memory.kept else ""
            told(f"{len(tries)} shapes tried{known}, best log-loss {best:.5f}", min(1.0, share))
    ranked = tuple(sorted(tries, key=lambda trial: trial.loss))
    return Found(ranked, out_of_time, memory.kept)


def _study(seed: int) -> "optuna.Study":
    try:
        import optuna  # noqa: PLC0415 - 1 s, and not needed to run
    except ImportError as error:
        raise ResearchError(
            "a search needs Optuna: install the extra `research` (pip install 'smcbot[research]')"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True)
    )
    default = asdict(TreeParams())
    study.enqueue_trial({name: default[name] for name in _RANGES})
    return study


_RANGES: dict[str, tuple[float, float]] = {
    "learning_rate": (0.005, 0.1),
    "num_leaves": (3, 63),
    "min_data_in_leaf": (50, 1000),
    "feature_fraction": (0.4, 1.0),
    "lambda_l2": (0.01, 50.0),
}


def _shape(trial: "optuna.Trial") -> TreeParams:
    """Return the shape a trial asks about; rounded, so that it can be read and written."""

    def number(name: str, *, log: bool) -> float:
        return round(trial.suggest_float(name, *_RANGES[name], log=log), 4)

    def whole(name: str) -> int:
        low, high = _RANGES[name]
        return trial.suggest_int(name, int(low), int(high), log=True)

    return TreeParams(
        learning_rate=number("learning_rate", log=True),
        num_leaves=whole("num_leaves"),
        min_data_in_leaf=whole("min_data_in_leaf"),
        feature_fraction=number("feature_fraction", log=False),
        lambda_l2=number("lambda_l2", log=True),
    )


def _judged(
    table: Table,
    rules: StudyRules,
    shapes: Sequence[TreeParams],
    memory: "_Memory",
    workers: Workers,
) -> list[float]:
    """Return the losses in the order of the shapes, each shape judged once."""
    fresh = [shape for shape in dict.fromkeys(shapes) if memory.get(shape) is None]
    tasks = (TrialTask(table, replace(rules, trees=shape)) for shape in fresh)
    try:
        with closing(workers.each(judge, tasks)) as done:
            for place, loss in done:
                memory.keep(Trial(fresh[place], loss))
    except (WorkerLost, WorkersUnreachable) as error:
        raise type(error)(
            f"{error}; {memory.count} shapes are judged and kept, the same command goes on from "
            "there"
        ) from error
    return [memory.loss(shape) for shape in shapes]


class _Memory:
    """Judged shapes, one JSON line each, in a file named by all that a loss follows from."""

    def __init__(self, folder: Path | None, table: Table, rules: StudyRules) -> None:
        self.kept = 0
        self._known: dict[TreeParams, float] = {}
        self._file: Path | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = folder / f"{_key(table, rules)}.trials.jsonl"
            if self._file.exists():
                self._read(self._file)

    @property
    def count(self) -> int:
        """Shapes judged so far."""
        return len(self._known)

    def get(self, shape: TreeParams) -> float | None:
        """Return the loss of a shape, None if it was not judged."""
        return self._known.get(shape)

    def loss(self, shape: TreeParams) -> float:
        """Return the loss of a judged shape."""
        return self._known[shape]

    def keep(self, trial: Trial) -> None:
        """Remember a judged shape."""
        self._known[trial.params] = trial.loss
        if self._file is not None:
            with self._file.open("ab") as stream:
                stream.write(orjson.dumps(asdict(trial)) + b"\n")

    def _read(self, file: Path) -> None:
        content = file.read_bytes()
        if content and not content.endswith(b"\n"):
            with file.open("ab") as stream:
                stream.write(b"\n")
        for line in content.splitlines():
            try:
                entry: dict[str, Any] = orjson.loads(line)
                self._known[TreeParams(**entry["params"])] = float(entry["loss"])
            except (ValueError, KeyError, TypeError):
                # The last line of a search that was killed while writing.
                continue
        self.kept = len(self._known)


def _key(table: Table, rules: StudyRules) -> str:
    digest = hashlib.sha256(f"{code_digest()}\0{replace(rules, trees=TreeParams())!r}\0".encode())
    digest.update(repr(table.features).encode())
    for column in (table.inputs, table.wins, table.proved_at_ms, table.known_at_ms):
        digest.update(column.tobytes())
    return digest.hexdigest()[:32]
