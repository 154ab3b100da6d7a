"""What the verb `train` does: sources, data set, study, bundle, card, ledger."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from bot.reports.document import to_html, to_markdown
from bot.reports.model_card import CardFacts, model_card
from engine.domain.candle import Timeframe
from engine.ports import Clock
from models.artifacts import load_bundle, save_bundle
from models.bundling import manifest_of
from models.dataset import Counts, DatasetRules, build, load_rows
from models.errors import ResearchError, TooLittleData
from models.labels import FundingHistory
from models.ledger import Evaluation, record
from models.search import search
from models.study import Study, StudyRules, study
from models.training import table_of
from storage.candle_sources import CandleFiles, open_sources
from storage.funding import read_funding

BUNDLE = "lgbm_smc.txt"
Told = Callable[[str, float | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOrder:
    """What a user asked for.

    Attributes:
        data: files and folders to learn from.
        test: files and folders to judge on, none without an edge.
        out: folder of bundle and card.
        timeframes: timeframes to detect on.
        seed: of everything random.
        trials: random tree shapes to try.
        folds: blocks of the walk-forward.
        funding: file of funding rates.
        ledger: where evaluations on test data are remembered.
    """

    data: tuple[Path, ...]
    test: tuple[Path, ...]
    out: Path
    timeframes: tuple[Timeframe, ...]
    seed: int
    trials: int
    folds: int
    funding: Path | None
    ledger: Path


@dataclass(frozen=True, slots=True)
class Trained:
    """The result: the bundle's hash and a summary for the terminal."""

    bundle: str
    edge: bool
    summary: str


@dataclass(frozen=True, slots=True)
class _Data:
    """Rows of one role and where they come from."""

    rows: pl.DataFrame
    counts: Counts
    sources: tuple[dict[str, Any], ...]
    digest: str


def run_training(order: TrainOrder, clock: Clock, told: Told) -> Trained:
    """Train, write bundle and card, record the evaluation.

    Raises:
        EngineError: the data, the ledger or the bundle are unusable; says why.
        OSError: a file cannot be written.
    """
    dataset = DatasetRules(timeframes=order.timeframes, seed=order.seed)
    funding = read_funding(order.funding) if order.funding else {}
    rates = {
        symbol: FundingHistory(time_ms=times, rate=rates)
        for symbol, (times, rates) in funding.items()
    }
    learnt = _data("training", order.data, dataset, rates, told)
    tested = _data("test", order.test, dataset, rates, told) if order.test else None
    if tested is not None:
        _refuse_overlap(learnt, tested, dataset)
    rules, tried = _rules(order, dataset, learnt.rows, told)
    made = study(
        learnt.rows,
        tested.rows if tested else None,
        rules,
        lambda text: told(text, None),
    )
    created = datetime.fromtimestamp(clock.wall_ms() / 1000, UTC).isoformat(timespec="seconds")
    manifest = manifest_of(
        made,
        learnt.rows,
        dataset=dataset,
        rules=rules,
        provenance=_provenance(learnt, tested, order, dataset),
        created=created,
    )
    told("bundle and card", None)
    save_bundle(order.out / BUNDLE, made.text, manifest)
    # Written is not loadable: the bot's own checks have the last word.
    bundle = load_bundle(order.out / BUNDLE)
    evaluations = 0
    if tested is not None:
        chosen = _chosen(made)
        net = chosen["net_r"]["mean"] if chosen["count"] else None
        entry = Evaluation(test=tested.digest, bundle=bundle.hash, net_r=net, created=created)
        evaluations = record(order.ledger, entry)
    facts = CardFacts(
        manifest=bundle.manifest,
        bundle=bundle.hash,
        study=made,
        counts=learnt.counts,
        test_counts=tested.counts if tested else None,
        evaluations=evaluations,
        tried=tried,
        seed=order.seed,
    )
    _write_card(order.out, facts)
    return Trained(bundle.hash, made.verdict.edge, _summary(order, facts))


def _data(
    role: str,
    paths: Sequence[Path],
    dataset: DatasetRules,
    funding: dict[str, FundingHistory],
    told: Told,
) -> _Data:
    sources = open_sources(paths)
    with tempfile.TemporaryDirectory(prefix="smcbot-train-") as folder:
        counts = build(
            sources,
            Path(folder),
            dataset,
            funding=funding,
            progress=lambda done, total, name: told(f"{role} {name}", done / max(1, total)),
        )
        if not counts.rows:
            raise TooLittleData(
                f"the {role} data hold {counts.candles:,} candles and {counts.setups:,} setups, "
                "none of which could be followed to its exit"
            )
        rows = load_rows(Path(folder))
    described = tuple(_described(source, role) for source in sources)
    digest = "-".join(part["sha256"] for part in described)
    return _Data(rows, counts, described, digest)


def _described(source: CandleFiles, role: str) -> dict[str, Any]:
    return {
        "name": source.name,
        "role": role,
        "symbols": len(source.symbols()),
        "sha256": source.digest(),
    }


def _refuse_overlap(learnt: _Data, tested: _Data, dataset: DatasetRules) -> None:
    """A market-wide move is in every symbol, so the same days must not be on both sides."""
    proved = learnt.rows["proved_at_ms"]
    begin = int(tested.rows["proved_at_ms"][0]) - dataset.embargo_ms
    end = int(tested.rows["known_at_ms"].max())  # type: ignore[arg-type]
    close = int(((proved >= begin) & (proved <= end)).sum())
    if close:
        raise ResearchError(
            f"{close} training setups lie in the time of the test data or less than "
            f"{dataset.embargo_ms / 3_600_000:.0f} h before it; keep the two apart in time"
        )


def _rules(
    order: TrainOrder, dataset: DatasetRules, rows: pl.DataFrame, told: Told
) -> tuple[StudyRules, int]:
    rules = StudyRules(embargo_ms=dataset.embargo_ms, folds=order.folds, seed=order.seed)
    if not order.trials:
        return rules, 1
    trials = search(table_of(rows), rules, order.trials, lambda text: told(text, None))
    return replace(rules, trees=trials[0].params, tried=len(trials)), len(trials)


def _provenance(
    learnt: _Data, tested: _Data | None, order: TrainOrder, dataset: DatasetRules
) -> dict[str, Any]:
    return {
        "sources": [*learnt.sources, *(tested.sources if tested else ())],
        "rows": learnt.counts.rows,
        "test_rows": tested.counts.rows if tested else 0,
        "first_ms": int(learnt.rows["proved_at_ms"][0]),
        "last_ms": int(learnt.rows["proved_at_ms"][-1]),
        "funding": order.funding is not None,
        "warm_up": dataset.warm_up,
        "least_stop_ratio": dataset.least_stop_ratio,
        "exits": asdict(dataset.labels.exits),
        "seed": order.seed,
        "trials": order.trials,
    }


def _write_card(out: Path, facts: CardFacts) -> None:
    blocks = model_card(facts)
    (out / "card.md").write_text(to_markdown(blocks), encoding="utf-8")
    page = to_html(f"Model card {facts.bundle[:12]}", blocks)
    (out / "card.html").write_text(page, encoding="utf-8")


def _chosen(made: Study) -> dict[str, Any]:
    report = made.test or made.pooled
    chosen: dict[str, Any] = report["expectancy"]["chosen"]
    return chosen


def _summary(order: TrainOrder, facts: CardFacts) -> str:
    made = facts.study
    report = made.test or made.pooled
    ranking = report["ranking"]["all"]
    probability = report["probability"]
    where = "test" if made.test else "out of fold"
    edge = "edge: true" if made.verdict.edge else "edge: false"
    return (
        f"{facts.counts.candles:,} candles, {facts.counts.rows:,} labelled setups; "
        f"{made.rounds} trees, {facts.tried} shapes tried\n"
        f"{where}: AUC net {ranking['auc_net']:.4f}, gross {ranking['auc_gross']:.4f}; "
        f"Brier {probability['brier']:.4f}, base rate {probability['brier_base_rate']:.4f}, "
        f"heuristic {probability['brier_heuristic']:.4f}\n"
        f"{edge}: {made.verdict.reason}\n"
        f"bundle {facts.bundle} -> {order.out / BUNDLE}, {order.out / 'card.html'}"
    )
