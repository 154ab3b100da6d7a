"""What the verb `train` does: sources, data set, study, bundle, card, ledger."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import polars as pl

from bot.reports.card_facts import CardFacts, Tried
from bot.reports.document import to_html, to_markdown
from bot.reports.model_card import model_card
from bot.research_data import Market, ResearchData, RowsOrder, prepare, refuse_overlap
from engine.domain.candle import Timeframe
from engine.ports import Clock
from models.artifacts import load_bundle, save_bundle
from models.bundling import manifest_of
from models.dataset_rules import DatasetRules
from models.errors import ResearchError
from models.labels import FundingHistory
from models.ledger import Evaluation, record
from models.schema import SCHEMAS, SMC12_V1
from models.search import MOST_SHAPES, Budget, search
from models.study import Study, study
from models.study_rules import StudyRules
from models.training import table_of
from models.workers import Serial, Workers
from storage.funding import read_funding

BUNDLE = "lgbm_smc.txt"
PARTS, TRIALS = "parts", "trials"
Told = Callable[[str, float | None], None]
_SERIAL = Serial()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOrder:
    """What a user asked for.

    Attributes:
        data: files and folders to learn from.
        test: files and folders to judge on, none without an edge.
        out: folder of bundle and card.
        timeframes: timeframes to detect on.
        seed: of everything random.
        trials: tree shapes to try beside the default.
        minutes: wall minutes after which no more shapes are begun; None = only `trials` counts.
        folds: blocks of the walk-forward.
        funding: file of funding rates.
        ledger: where evaluations on test data are remembered.
        work: where finished parts and judged shapes are kept.
        schema: name of the features to learn from.
        market: where candles come from whose files do not say it by their names.
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
    work: Path
    minutes: float | None = None
    schema: str = SMC12_V1.name
    market: Market = Market.FUTURES


@dataclass(frozen=True, slots=True)
class Trained:
    """The result: the bundle's hash and a summary for the terminal."""

    bundle: str
    edge: bool
    summary: str


def run_training(
    order: TrainOrder, clock: Clock, told: Told, workers: Workers = _SERIAL
) -> Trained:
    """Train, write bundle and card, record the evaluation.

    Args:
        order: what is asked for.
        clock: for the time of creation and for a budget of minutes.
        told: called with what is being done and the share of it that is done, None if unknown.
        workers: who does it; the bundle is the same whoever does.

    Raises:
        EngineError: the data, the ledger or the bundle are unusable; says why.
        OSError: a file cannot be written.
    """
    dataset = DatasetRules(timeframes=order.timeframes, seed=order.seed)
    rows = _rows_order(order, dataset)
    # Before the work and not after it: a folder that cannot be made is a pity an hour later.
    _make_folder("--out", order.out)
    _make_folder("--work", order.work)
    learnt = prepare("training", order.data, rows, workers, told)
    tested = prepare("test", order.test, rows, workers, told) if order.test else None
    if tested is not None:
        refuse_overlap(learnt, tested, dataset)
    rules, tried = _searched(order, dataset, learnt.rows, workers, clock, told)
    made = study(
        learnt.rows,
        tested.rows if tested else None,
        rules,
        lambda text: told(text, None),
        workers,
    )
    created = datetime.fromtimestamp(clock.wall_ms() / 1000, UTC).isoformat(timespec="seconds")
    manifest = manifest_of(
        made,
        learnt.rows,
        dataset=dataset,
        rules=rules,
        provenance=_provenance(learnt, tested, order, dataset, tried),
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
        both=learnt.both,
        spot_share=_spot_share(learnt),
        test_counts=tested.counts if tested else None,
        evaluations=evaluations,
        tried=tried,
        seed=order.seed,
    )
    _write_card(order.out, facts)
    return Trained(bundle.hash, made.verdict.edge, _summary(order, facts))


def _make_folder(option: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ResearchError(
            f"{option} {folder}: {error.strerror}; give a folder that can be written"
        ) from error


def _rows_order(order: TrainOrder, dataset: DatasetRules) -> RowsOrder:
    if order.schema not in SCHEMAS:
        raise ResearchError(f"--schema is {order.schema!r}, allowed are {', '.join(SCHEMAS)}")
    funding = read_funding(order.funding) if order.funding else {}
    return RowsOrder(
        rules=dataset,
        schema=SCHEMAS[order.schema],
        funding={
            symbol: FundingHistory(time_ms=times, rate=rates)
            for symbol, (times, rates) in funding.items()
        },
        work=order.work / PARTS,
        market=order.market,
    )


def _searched(
    order: TrainOrder,
    dataset: DatasetRules,
    rows: pl.DataFrame,
    workers: Workers,
    clock: Clock,
    told: Told,
) -> tuple[StudyRules, Tried]:
    """Return the rules with the best shape found, and how many shapes were tried."""
    rules = StudyRules(
        embargo_ms=dataset.embargo_ms, folds=order.folds, seed=order.seed, schema=order.schema
    )
    if not order.trials and order.minutes is None:
        return rules, Tried(shapes=1)
    found = search(
        table_of(rows, rules.features),
        rules,
        Budget(
            trials=order.trials or MOST_SHAPES,
            seconds=None if order.minutes is None else 60 * order.minutes,
        ),
        folder=order.work / TRIALS,
        workers=workers,
        monotonic=clock.monotonic,
        told=told,
    )
    tried = Tried(shapes=len(found.trials), minutes=order.minutes if found.out_of_time else None)
    return replace(rules, trees=found.trials[0].params, tried=tried.shapes), tried


def _spot_share(learnt: ResearchData) -> float:
    """Return the share of the rows that were made from spot candles."""
    spot = [part["name"] for part in learnt.sources if part["market"] == Market.SPOT]
    return float(learnt.rows["source"].is_in(spot).mean() or 0.0)  # type: ignore[arg-type]


def _provenance(
    learnt: ResearchData,
    tested: ResearchData | None,
    order: TrainOrder,
    dataset: DatasetRules,
    tried: Tried,
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
        "trials": tried.shapes - 1,
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
        f"{made.rounds} trees, {facts.tried.shapes} shapes tried\n"
        f"{where}: AUC net {ranking['auc_net']:.4f}, gross {ranking['auc_gross']:.4f}; "
        f"Brier {probability['brier']:.4f}, base rate {probability['brier_base_rate']:.4f}, "
        f"heuristic {probability['brier_heuristic']:.4f}\n"
        f"{_markets(facts)}{edge}: {made.verdict.reason}\n"
        f"bundle {facts.bundle} -> {order.out / BUNDLE}, {order.out / 'card.html'}"
    )


def _markets(facts: CardFacts) -> str:
    """Return a line on candles of another market than the one that is traded, if there are."""
    both = f"; {len(facts.both)} symbols are in both markets" if facts.both else ""
    if not facts.spot_share:
        return ""
    return f"{facts.spot_share:.0%} of the rows are spot candles with futures costs{both}\n"
